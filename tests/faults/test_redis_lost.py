"""Redis is killed, stalled and flushed under load: it costs a moment, signs nobody out and doubles nothing."""

import asyncio
import itertools
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from scripts import services
from server.adapters.redis import OPEN_SECONDS
from server.database import db
from server.domain import accounts
from server.errors import InvalidInvitation
from server.handlers.households import JOINING
from server.handlers.http.auth import token_hash
from server.models import Session
from tests.faults.history import History, under_load
from tests.faults.instances import Breakable, Instance, durable_database, environ_of, instances
from tests.faults.town import NEED, REDEEM, Town, Wanted, settle
from tests.scale import FULL, scaled
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="two instances share a MariaDB of their own")

# A request may cost one second more without Redis; on a machine that does a dozen other things any may take some more.
# Who waits for Redis itself is far beyond: until the deadline of ten seconds.
SECONDS_MORE, SLOW_MACHINE_SECONDS = 1, 4
HANDS = scaled(1, full=3)
# So many more answers show that a town goes on.
ANSWERS = scaled(15, full=60)
# Beyond these nobody asks for help or books any more: on a fast machine the town would run out of people who may.
MOST_OF_ALL_KINDS = 1200
# The counters of guesses at a household's code.
COUNTED_GUESSES = "limit:POST /household/memberships:*"
# The breaker's probe comes after this, and the first request after it.
BACK_SECONDS = 12 * OPEN_SECONDS
# Those who ask while it opens, in two instances, and a probe now and then; without a breaker it is one a call.
CONNECTIONS_MADE = 100


@dataclass
class Memory(Breakable):
    """A Redis that is killed and started again on its port, frozen, and flushed."""

    folder: Path
    running: ExitStack
    port: int = field(default_factory=services.free_port)

    def start(self) -> None:
        self.server = self.running.enter_context(services.valkey(self.folder, self.port))
        self.client = self.running.enter_context(Redis.from_url(self.server.url))

    @property
    def connections_made(self) -> int:
        return int(self.client.info("stats")["total_connections_received"])


@dataclass
class Scene:
    """A town, two instances that share its Redis, and the history of all requests."""

    town: Town
    memory: Memory
    servers: list[Instance]
    database_url: str
    history: History = field(default_factory=History)

    @property
    def urls(self) -> list[str]:
        return [one.url for one in self.servers]

    def slowest(self, since: int = 0) -> float:
        """Return the slowest answer after the first so many."""
        told = sorted((one.at, one.seconds) for answers in list(self.history.told.values()) for one in answers)
        return max(seconds for _, seconds in told[since:])

    def get(self, path: str, token: str, *, of: int = 0) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.urls[of]}{path}", headers=headers, trust_env=False, timeout=60)

    def post(self, path: str, token: str, body: dict[str, Any], *, of: int = 0) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        return httpx.post(f"{self.urls[of]}{path}", json=body, headers=headers, trust_env=False, timeout=60)

    def something(self) -> Wanted:
        return self.town.something(*(() if len(self.history.told) < MOST_OF_ALL_KINDS else (REDEEM,)))

    def all_are_signed_in(self) -> None:
        for number, token in enumerate(self.town.residents[::3]):
            answer = self.get("/me", token, of=number % 2)
            assert answer.status_code == 200, answer.text

    def who_asks_too_often_waits(self, token: str) -> None:
        """Assert the limit on each instance alone, whether or not Redis counts."""
        for number in range(2):
            answers = [self.guess(token, of=number) for _ in range(2 * JOINING.most + 1)]
            assert {one.status_code for one in answers} <= {InvalidInvitation.status, 429}, {
                one.text for one in answers
            }
            refused = [one for one in answers if one.status_code == 429]
            assert refused, "nobody counted"
            assert all(1 <= int(one.headers["Retry-After"]) <= JOINING.seconds for one in refused)

    def guess(self, token: str, *, of: int = 0) -> httpx.Response:
        """A guess at a household's code."""
        return self.post("/household/memberships", token, {"code": "ABCD2345"}, of=of)

    def redis_is_used_by_each(self) -> None:
        """Assert that each instance counts in Redis again, without a restart."""
        for number in range(2):
            for key in self.memory.client.keys(COUNTED_GUESSES):
                self.memory.client.delete(key)
            self._is_counted_in_redis(of=number)

    def _is_counted_in_redis(self, *, of: int) -> None:
        ends, guessing = time.monotonic() + BACK_SECONDS, itertools.cycle(self.town.residents[4:])
        while not self.memory.client.keys(COUNTED_GUESSES):
            assert time.monotonic() < ends, "Redis is there and nobody uses it"
            self.guess(next(guessing), of=of)
            time.sleep(0.05)


@contextmanager
def _scene(folder: Path, fake: Any) -> Iterator[Scene]:
    with durable_database(folder / "mariadb") as database, ExitStack() as running:
        memory = Memory(folder / "valkey", running)
        memory.start()
        town = asyncio.run(settle(database.url))
        with instances(2, environ_of(database, memory.server.url, fake), folder) as servers:
            yield Scene(town, memory, servers, database.url)


def test_stalled_killed_and_flushed_redis_costs_only_a_moment(tmp_path: Path, fake_wechat_process: Any):
    with _scene(tmp_path, fake_wechat_process) as scene:
        with under_load(scene.history, scene.urls, scene.something, hands=HANDS) as load:
            load.wait_for(ANSWERS)
            for fault in (_stalled, _killed, _flushed):
                before, told = scene.slowest(), len(scene.history.told)
                fault(scene, load)
                if FULL:
                    assert scene.slowest(since=told) < before + SECONDS_MORE + SLOW_MACHINE_SECONDS, fault.__name__
                scene.redis_is_used_by_each()
        asyncio.run(scene.history.repeat_all(scene.urls))
        asyncio.run(scene.history.must_agree_with(scene.database_url))


def _stalled(scene: Scene, load: Any) -> None:
    signed_out, shut_out = scene.town.workers[:2]
    for token in (signed_out, shut_out):
        assert scene.get("/me", token).status_code == 200
    made = scene.memory.connections_made
    scene.memory.freeze()
    try:
        load.wait_for(ANSWERS)
        _sign_out(scene, signed_out)
        asyncio.run(_shut_out(scene.database_url, shut_out))
        scene.all_are_signed_in()
        scene.who_asks_too_often_waits(scene.town.residents[1])
        for token in (signed_out, shut_out):
            _must_be_out(scene, token)
    finally:
        scene.memory.thaw()
    for token in (signed_out, shut_out):
        _must_be_out(scene, token)
    assert scene.memory.connections_made - made < CONNECTIONS_MADE, "all went on waiting for it"


def _killed(scene: Scene, load: Any) -> None:
    scene.memory.kill()
    load.wait_for(ANSWERS)
    scene.all_are_signed_in()
    scene.who_asks_too_often_waits(scene.town.residents[2])
    scene.memory.start()


def _flushed(scene: Scene, load: Any) -> None:
    scene.who_asks_too_often_waits(scene.town.residents[3])
    # Their window may have ended since the first instance was asked.
    assert any(scene.guess(scene.town.residents[3]).status_code == 429 for _ in range(JOINING.most + 1))
    scene.memory.client.flushall()
    # A refused caller is still refused: each instance has counted as well.
    assert scene.guess(scene.town.residents[3]).status_code == 429
    load.wait_for(ANSWERS)
    scene.all_are_signed_in()


def _sign_out(scene: Scene, token: str) -> None:
    """Sign out at the other instance than the one that knows the session."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.delete(f"{scene.urls[1]}/session", headers=headers, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text


async def _shut_out(url: str, token: str) -> None:
    async with db.connected(url, pool=1):
        session = await Session.get(token_hash=token_hash(token))
        by = accounts.ADMINISTRATOR
        await accounts.shut_out(session.person_id, reason="冒用身份", by=by, now=datetime.now(UTC))


def _must_be_out(scene: Scene, token: str) -> None:
    """Assert that signed-out people read and change nothing at either instance."""
    for number in range(2):
        assert scene.get("/me", token, of=number).status_code == 401
        answer = scene.post("/needs", token, NEED, of=number)
        assert answer.status_code == 401, answer.text
