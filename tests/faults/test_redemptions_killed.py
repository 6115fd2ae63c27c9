"""Instances and the database are killed outright while a town redeems its points: nothing answered is lost or doubled."""

import asyncio
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from server import db
from server.domain import ledger
from server.domain.ledger import POINTS, Move, keys
from server.models import Order, Person, Station, TransferKind
from tests import make, make_supermarket
from tests.faults.instances import Asker, Database, Instance, durable_database, environ_of, instances
from tests.services import chosen_database
from tests.world import crowd, sign_in

REDEMPTIONS = int(os.environ.get("REDEMPTIONS", "240"))
PEOPLE, WORKERS, AT_ONCE = 40, 12, 16
PRICE, STOCK = 10, 100_000

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it kills a MariaDB of its own")


class Town:
    """A station with rice on its shelf, residents with points, and workers who hand over."""

    def __init__(self) -> None:
        self.answered: list[tuple[int, bool]] = []
        self.repeats = 0
        self.over = threading.Event()

    async def settle(self, url: str) -> None:
        now = datetime.now(UTC)
        async with db.connected(url, pool=4):
            city = await make.city(now)
            station = city.stations["邻玉社工站"]
            self.station_id = station.id
            good = await make_supermarket.good(station, STOCK, now, points_price=PRICE)
            self.good_id = good.id
            people = await crowd(city, "resident", PEOPLE, now)
            for one in people:
                await self._endow(one, station, now)
            self.tokens = [await sign_in(one.id, now) for one in people]
            workers = await crowd(city, "worker", WORKERS, now)
            self.workers = [await sign_in(one.id, now) for one in workers]

    async def _endow(self, person: Person, station: Station, now: datetime) -> None:
        target = keys.person(person.id, POINTS)
        move = Move(f"given:{person.id}", TransferKind.POINTS_DEED, 10**6, keys.issuing(station.id, POINTS), target)
        await ledger.post(move, now=now)

    async def redeem_all(self, urls: list[str]) -> None:
        """So many hands at once; what was answered is written down as it comes."""

        async def hand(first: int) -> None:
            for number in range(first, REDEMPTIONS, AT_ONCE):
                self.answered.append(await self.redeem(asker, number))

        try:
            async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
                asker = Asker(client, urls)
                await asyncio.gather(*(hand(first) for first in range(AT_ONCE)))
                self.repeats = asker.repeats
        finally:
            self.over.set()

    async def redeem(self, asker: Asker, number: int) -> tuple[int, bool]:
        """An order, and for every second one its hand-over: its id, and whether it was handed over."""
        body = {"station_id": self.station_id, "lines": [{"good_id": self.good_id, "pieces": 1}]}
        token = self.tokens[number % PEOPLE]
        placed = await asker.post("/supermarket/orders", token, f"order-number-{number}", body)
        assert placed.status_code == 201, placed.text
        order = placed.json()
        if number % 2:
            return order["id"], False
        fetch = {"station_id": self.station_id, "code": order["pickup_code"]}
        worker = self.workers[number // 2 % WORKERS]
        handed = await asker.post("/station/orders/hand-over", worker, f"hand-over-number-{number}", fetch)
        assert handed.status_code == 200, handed.text
        return order["id"], True


def _kill_on_the_way(database: Database, servers: list[Instance], town: Town) -> None:
    """An instance, the database, the other instance, and again, each at a share of the way, and started again."""
    victims = [servers[0], database, servers[1], database, servers[0]]
    for number, victim in enumerate(victims, start=1):
        while len(town.answered) < REDEMPTIONS * number // (len(victims) + 2) and not town.over.is_set():
            time.sleep(0.01)
        victim.kill()
        time.sleep(0.3)
        victim.start()


def test_what_was_answered_is_there_once_and_the_rest_can_be_repeated(
    tmp_path: Path, valkey_url: str, fake_wechat_process
):
    town = Town()
    with durable_database(tmp_path / "mariadb") as database:
        asyncio.run(town.settle(database.url))
        database.must_last(must=True)
        with instances(2, environ_of(database, valkey_url, fake_wechat_process), tmp_path) as servers:
            redeeming = threading.Thread(target=lambda: asyncio.run(town.redeem_all([one.url for one in servers])))
            redeeming.start()
            # Here and not in the thread: what it started would end with it.
            _kill_on_the_way(database, servers, town)
            redeeming.join()
        assert len(town.answered) == REDEMPTIONS
        assert len(dict(town.answered)) == REDEMPTIONS, "two redemptions were answered with one order"
        assert town.repeats > 0, "nobody noticed"
        asyncio.run(_compare(database.url, town, dict(town.answered)))


async def _compare(url: str, town: Town, answered: dict[int, bool]) -> None:
    async with db.connected(url, pool=2):
        orders = {one.id: one.status == "handed_over" for one in await Order.all()}
        assert orders == answered
        report = await ledger.audit()
        assert report.holds, str(report)
        shelf = await ledger.balance(keys.shelf(town.good_id))
        handed_over = sum(answered.values())
        assert (shelf.balance, shelf.held) == (STOCK - handed_over, REDEMPTIONS - handed_over)
