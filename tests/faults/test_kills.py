"""kill -9, at random and at every step of a request: an answered change is there once, the others can be repeated."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.database import db
from server.domain import ledger
from server.domain.ledger import account_keys
from server.models import Station
from tests.factories import supermarket
from tests.faults.history import Answer, History, seed, under_load
from tests.faults.instances import Instance, durable_database, environ_of, instances
from tests.faults.town import BOOK, HAND_OVER, PRICE, REDEEM, STOCK, SUBMIT, Town, Wanted, settle
from tests.faults.wire import Trap, Wire, elsewhere
from tests.scale import FULL, scaled
from tests.services import chosen_database

KEYS = "SELECT COUNT(*) FROM idempotency_key"


@dataclass(frozen=True)
class Step:
    """The step of a request at which its server is killed: a statement on its way, or its answer."""

    statement: str
    answered: bool = False
    done: bool = False


STEPS = {
    "before COMMIT": Step("COMMIT"),
    "after COMMIT": Step("COMMIT", answered=True, done=True),
}
if FULL:
    STEPS |= {
        "after the key's row": Step("INSERT INTO idempotency_key", answered=True),
        "after the change": Step("UPDATE idempotency_key"),
    }

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it sits on the wire to a MariaDB, and kills it")


def test_request_killed_at_any_step_can_be_repeated(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    history = History()
    with durable_database(tmp_path / "mariadb") as database, elsewhere(wire := Wire(database.port)):
        town = asyncio.run(settle(database.url))
        environ = environ_of(database, valkey_url, fake_wechat_process, port=wire.port)
        with instances(len(STEPS) + 1, environ, tmp_path) as [*victims, other]:
            orders = asyncio.run(_ask(history, other, [town.something(REDEEM) for _ in STEPS]))
            asyncio.run(_offer_other_goods(town))
            for (name, step), server, order in zip(STEPS.items(), victims, orders, strict=True):
                (before,) = database.ask(KEYS)
                wanted = [*(town.something(kind) for kind in (SUBMIT, BOOK, REDEEM)), town.hand_over(order.body)]
                meeting = Meeting(server, len(wanted))
                wire.set(Trap(step.statement, meeting.come, after=step.answered, times=len(wanted)))
                told = asyncio.run(_ask(history, server, wanted))
                assert [one.status for one in told] == [None] * len(wanted), name
                assert database.ask(KEYS) == (before + step.done * len(wanted),), name
            asyncio.run(history.repeat_all([other.url]))
        asyncio.run(history.must_agree_with(database.url))


@dataclass
class Meeting:
    """Requests that wait at the same step until all are there; then the server is killed."""

    server: Instance
    missing: int

    def come(self) -> bytes:
        self.missing -= 1
        if not self.missing:
            self.server.kill()
        return b""  # nothing passes


async def _ask(history: History, server: Instance, wanted: list[Wanted]) -> list[Answer]:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await asyncio.gather(*(history.ask(client, server.url, one) for one in wanted))


async def _offer_other_goods(town: Town) -> None:
    """From now on other goods are ordered than handed over, so that no request waits for another's lock."""
    async with db.connected(town.url, pool=1):
        station, now = await Station.get(id=town.station_id), datetime.now(UTC)
        town.good_id = (await supermarket.good(station, STOCK, now, points_price=PRICE)).id


def test_random_kills_lose_and_double_nothing(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    history, chance = History(), seed()
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url))
        counter = Counter(town, history, chance)
        database.must_last(must=True)
        with instances(2, environ_of(database, valkey_url, fake_wechat_process), tmp_path) as servers:
            urls = [one.url for one in servers]
            with under_load(history, urls, counter.something, hands=scaled(4, full=8)) as load:
                for victim in (servers[0], database, servers[1])[: scaled(2, full=3)]:
                    load.wait_for(chance.randrange(10, scaled(20, full=60)))
                    victim.kill()
                    load.wait_for(0 if victim is database else 5)  # the other instance goes on alone
                    victim.start()
            asyncio.run(history.repeat_all(urls))
        assert history.statuses[None] > 0, "nobody noticed"
        asyncio.run(history.must_agree_with(database.url))
        asyncio.run(_shelf_must_agree(history, town))


@dataclass
class Counter:
    """Where orders are handed over, among all other requests in town."""

    town: Town
    history: History
    chance: random.Random
    handed: set[int] = field(default_factory=set)

    def something(self) -> Wanted:
        waiting = [order for order in self.history.answers(REDEEM) if order["id"] not in self.handed]
        if not waiting or self.chance.random() < 1 / 2:
            return self.town.something()
        self.handed.add(waiting[0]["id"])
        return self.town.hand_over(waiting[0])


async def _shelf_must_agree(history: History, town: Town) -> None:
    ordered, handed_over = len(history.answers(REDEEM)), len(history.answers(HAND_OVER))
    assert 0 < handed_over <= ordered
    async with db.connected(town.url, pool=1):
        shelf = await ledger.get_balance(account_keys.shelf(town.good_id))
    assert (shelf.balance, shelf.held) == (STOCK - handed_over, ordered - handed_over)
