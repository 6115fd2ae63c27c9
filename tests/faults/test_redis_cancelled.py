"""Callers go away while a slow Redis answers: nobody ever gets another caller's answer."""

import asyncio
import itertools
import random
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from redis.asyncio import Redis

from server.adapters.redis import OPEN_SECONDS, RedisCache
from server.database import db
from tests import factories
from tests.adapters.proxy import Proxy
from tests.faults.history import seed
from tests.faults.instances import durable_database, environ_of, instances
from tests.faults.wire import elsewhere
from tests.scale import scaled
from tests.services import chosen_database
from tests.sides import sign_in

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="once is enough, and instances share a MariaDB")

CALLS, AT_ONCE = scaled(300, full=1000), 20
PEOPLE = 40
# Long enough that a question is out and its answer is not in for most of the time.
DELAY_SECONDS = 0.01


async def test_cancelled_calls_never_get_another_callers_answer(redis: Redis, valkey_url: str):
    chance = seed()
    names = [f"resident-{number}" for number in range(AT_ONCE)]
    await redis.mset({name: name for name in names})
    async with Proxy(urlsplit(valkey_url).port or 0, delay_seconds=DELAY_SECONDS) as proxy:
        # The clock moves on: if a slow machine opened the breaker, the next call probes.
        far = RedisCache(f"redis://127.0.0.1:{proxy.port}", monotonic=itertools.count(0, OPEN_SECONDS).__next__)
        told = 0
        for _ in range(CALLS // AT_ONCE):
            await _cancel(far, names, chance)
            answers = await asyncio.gather(*(far.get(name) for name in names))
            assert all(answer in {name.encode(), None} for name, answer in zip(names, answers, strict=True)), answers
            told += len(names) - answers.count(None)
        await far.close()
        assert proxy.connections > AT_ONCE, "nobody was cancelled while something was on its way"
    assert told > CALLS // 2, "hardly anybody was answered"


async def _cancel(far: RedisCache, names: list[str], chance: random.Random) -> None:
    """Each call asks and is cancelled before the question is sent, while it is sent, or after."""
    calls = [
        chance.choice([lambda n=name: far.get(n), lambda n=name: far.increment(f"calls:{n}", 60)]) for name in names
    ]

    async def call(ask: Any, patience: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await ask()

    await asyncio.gather(*(call(ask, chance.uniform(0, 1.5 * DELAY_SECONDS)) for ask in calls))


def test_hang_ups_behind_a_slow_redis_show_no_other_persons_name(
    tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    chance = seed()
    slow = Proxy(urlsplit(valkey_url).port or 0, delay_seconds=DELAY_SECONDS)
    with durable_database(tmp_path / "mariadb") as database, elsewhere(slow):
        people = asyncio.run(_settle(database.url))
        environ = environ_of(database, f"redis://127.0.0.1:{slow.port}", fake_wechat_process)
        with instances(2, environ, tmp_path) as servers:
            crowd = Crowd([one.url for one in servers], people, chance)
            asyncio.run(crowd.ask())
    assert crowd.hung_up > CALLS // 6, "hardly anybody hung up"
    assert crowd.answered > CALLS // 3, "hardly anybody was answered"


async def _settle(url: str) -> dict[str, tuple[int, str]]:
    """Return the id and name of the person behind each token."""
    now = datetime.now(UTC)
    async with db.connected(url, pool=4):
        people = [await factories.person(f"居民{number}", now) for number in range(PEOPLE)]
        return {await sign_in(one.id, now): (one.id, one.name or "") for one in people}


class Crowd:
    """People who ask for their own name over and over; half of the time they hang up before the answer."""

    def __init__(self, urls: list[str], people: dict[str, tuple[int, str]], chance: random.Random) -> None:
        self.urls, self.people, self.chance = urls, people, chance
        self.hung_up = self.answered = 0

    async def ask(self) -> None:
        async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE)) as client:

            async def hand(first: int) -> None:
                for number in range(first, CALLS, AT_ONCE):
                    await self._ask_once(client, number)

            await asyncio.gather(*(hand(first) for first in range(AT_ONCE)))

    async def _ask_once(self, client: httpx.AsyncClient, number: int) -> None:
        token, expected = self.chance.choice(list(self.people.items()))
        patience = self.chance.uniform(0, 4 * DELAY_SECONDS) if number % 2 else 60.0
        try:
            async with asyncio.timeout(patience):
                answer = await client.get(
                    f"{self.urls[number // 2 % len(self.urls)]}/me", headers={"Authorization": f"Bearer {token}"}
                )
        except TimeoutError:
            self.hung_up += 1
            return
        assert answer.status_code == 200, answer.text
        me = answer.json()
        assert (me["id"], me["name"]) == expected
        self.answered += 1
