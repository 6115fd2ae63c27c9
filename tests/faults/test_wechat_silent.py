"""WeChat accepts every call and answers none: signing in is refused, soon at once, and nothing else waits."""

import asyncio
import itertools
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from server.adapters.wechat.breaker import FAILURES_TO_OPEN, OPEN_SECONDS
from server.adapters.wechat.client import TOTAL_SECONDS
from tests.adapters.proxy import Proxy
from tests.faults.history import History, Load, under_load
from tests.faults.instances import durable_database, environ_of, instances
from tests.faults.town import REDEEM, SUBMIT, Town, Wanted, settle
from tests.faults.wire import elsewhere
from tests.scale import FULL, scaled
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="an instance has a MariaDB of its own")

# Long enough for a sign-in to run into its deadline and for the breaker to open.
SILENT_SECONDS = float(os.environ.get("FAULTS_SILENT_SECONDS", TOTAL_SECONDS + 1))
# An instance works on so many requests at once; were a place held by who signs in, none would be left.
PLACES, SIGNING_IN = 10, 12
# So many posters at once ask WeChat for their code, the others are drawn without.
POSTERS, POSTERS_ASKING = scaled(3, full=8), 2
HANDS = scaled(1, full=3)
# So many more answers show that everything else goes on.
ANSWERS = scaled(20, full=60)
# Beyond these nobody asks for help any more: each may do so twenty times an hour.
MOST_OF_BOTH_KINDS = 800
# On a slow machine a request may take this much longer than any before; one that waited for WeChat takes more.
SLOWER_SECONDS = TOTAL_SECONDS / 2
UNAVAILABLE = (503, "wechat_unavailable")


@dataclass
class Door:
    """Phones that sign in, each from an address of its own, so that no limit applies."""

    url: str
    activity_ids: list[int]
    _numbers: itertools.count = field(default_factory=itertools.count)

    async def sign_in(self, client: httpx.AsyncClient) -> tuple[int, str]:
        number = next(self._numbers)
        body = {"code": f"dev-silent{number}", "device": "微信"}
        answer = await client.post(f"{self.url}/session", json=body, headers={"X-Forwarded-For": f"10.0.0.{number}"})
        return answer.status_code, answer.json().get("code", "")

    def all_sign_in(self, times: int) -> list[tuple[int, str]]:
        return asyncio.run(self._at_once(times, []))

    def all_sign_in_and_look(self, times: int, activity_ids: list[int]) -> list[tuple[int, str]]:
        """Return the answers to sign-ins while others look at posters."""
        signed_in = asyncio.run(self._at_once(times, activity_ids))
        assert {status for status, _ in signed_in[times:]} <= {200, 503}, "a poster is drawn without its code"
        return signed_in[:times]

    async def _at_once(self, times: int, activity_ids: list[int]) -> list[tuple[int, str]]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            asked = [self.sign_in(client) for _ in range(times)]
            return await asyncio.gather(*asked, *(self._look(client, one) for one in activity_ids))

    async def _look(self, client: httpx.AsyncClient, activity_id: int) -> tuple[int, str]:
        answer = await client.get(f"{self.url}/activities/{activity_id}/poster")
        return answer.status_code, ""


def test_silent_wechat_delays_sign_ins_only(tmp_path: Path, valkey_url: str, fake_wechat: Any):
    history, proxy = History(), Proxy(urlsplit(fake_wechat.url).port or 0)
    with durable_database(tmp_path / "mariadb") as database, elsewhere(proxy) as act:
        town = asyncio.run(settle(database.url))
        environ = environ_of(database, valkey_url, fake_wechat) | {
            "WECHAT_BASE_URL": f"http://127.0.0.1:{proxy.port}",
            "DATABASE_POOL": str(PLACES),
            "PHOTO_STORE": str(tmp_path / "photos"),
            "PROXIES": "1",
        }
        with instances(1, environ, tmp_path) as [server]:
            door = Door(server.url, town.activity_ids)
            with under_load(history, [server.url], lambda: _something(town, history), hands=HANDS) as load:
                load.wait_for(ANSWERS)
                # The second asks WeChat for the token that every poster's code needs.
                assert door.all_sign_in_and_look(1, town.activity_ids[:1]) == [(201, "")]
                before, told = _slowest(history), len(history.told)
                act(proxy.stall)
                _nobody_can_sign_in(door, proxy, load)
                if FULL:
                    assert _slowest(history, told) < before + SLOWER_SECONDS
            act(proxy.flow)
            _signing_in_works_again(door)
            asyncio.run(history.repeat_all([server.url]))
        asyncio.run(history.must_agree_with(database.url))


def _something(town: Town, history: History) -> Wanted:
    return town.something(*((SUBMIT, REDEEM) if len(history.told) < MOST_OF_BOTH_KINDS else (REDEEM,)))


def _slowest(history: History, since: int = 0) -> float:
    """Return the slowest answer to requests after the first so many."""
    return max(one.seconds for answers in list(history.told.values())[since:] for one in answers)


def _nobody_can_sign_in(door: Door, proxy: Proxy, load: Load) -> None:
    began, made, answered = time.monotonic(), proxy.connections, load.history.answered
    assert SIGNING_IN >= FAILURES_TO_OPEN
    looked_at = door.activity_ids[1 : 1 + POSTERS]
    assert door.all_sign_in_and_look(SIGNING_IN, looked_at) == [UNAVAILABLE] * SIGNING_IN
    assert load.history.answered >= answered + 2 * HANDS, "others wait for WeChat"
    asked = proxy.connections
    assert asked - made <= SIGNING_IN + POSTERS_ASKING, "who looks at a poster waits for WeChat"
    # The breaker is open: whoever comes now is refused, and WeChat is not even asked.
    assert door.all_sign_in(SIGNING_IN) == [UNAVAILABLE] * SIGNING_IN
    assert proxy.connections == asked
    load.wait_for(ANSWERS)
    while time.monotonic() < began + SILENT_SECONDS:
        assert door.all_sign_in(1) == [UNAVAILABLE]
        load.wait_for(1)
        time.sleep(0.2)


def _signing_in_works_again(door: Door) -> None:
    """Assert that sign-in works again without a restart: one probe first, then all."""
    ends = time.monotonic() + 6 * (OPEN_SECONDS + TOTAL_SECONDS)
    while door.all_sign_in(1) != [(201, "")]:
        assert time.monotonic() < ends, "WeChat speaks, and nobody can sign in"
        time.sleep(0.5)
    assert door.all_sign_in(SIGNING_IN) == [(201, "")] * SIGNING_IN
