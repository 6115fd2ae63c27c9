"""Endpoints one by one: what a request costs, beside a bare handler that sends the same statements."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.benchmarks import beside
from scripts.benchmarks.asking import Answer, Ask, Send, post
from scripts.benchmarks.beside import Beside, Piece, Workload
from scripts.benchmarks.town import CATEGORY, TEXT, Town, built, phone_of
from scripts.services import MariaDB

DATABASE = "town"
ROWS = 20


NAMES = {
    "me": "GET /me",
    "submit": "submit a need",
    "need": "one need, its owner",
    "staff-need": "one need, the staff",
    "staff-list": "staff list, 20 rows",
    "routing": "routing",
    "activities": "activities, 20 rows",
    "booking": "a booking",
    "order": "an order, 2 requests",
    "balance": "balance of points",
    "statement": "statement, 20 lines",
}


class Asked:
    """The requests of people of the town, each by its number."""

    def __init__(self, town: Town) -> None:
        self.town = town

    def all(self) -> list[Piece]:
        """In the order of NAMES."""
        needs = [self.submit, self.need, self.staff_need, self.staff_list, self.routing]
        return [self.me, *needs, self.activities, self.booking, self.order, self.balance, self.statement]

    def _resident(self, number: int) -> str:
        return self.town.residents[number % len(self.town.residents)]

    def _worker(self, number: int) -> str:
        return self.town.workers[number % len(self.town.workers)]

    async def me(self, send: Send, number: int) -> None:
        await send(Ask("/me", self._resident(number)))

    async def submit(self, send: Send, number: int) -> None:
        whose = {"contact_name": "王秀英", "contact_phone": phone_of(number % len(self.town.residents))}
        told = {"category": CATEGORY, "text": TEXT} | whose
        await send(post("/needs", self._resident(number), f"submitted-{number:06}", told))

    async def need(self, send: Send, number: int) -> None:
        place = number % len(self.town.needs)
        found = await send(Ask(f"/needs/{self.town.needs[place]}", self.town.residents[place]))
        assert len(found["timeline"]) > 1

    async def staff_need(self, send: Send, number: int) -> None:
        found = await send(
            Ask(f"/station/needs/{self.town.needs[number % len(self.town.needs)]}", self._worker(number))
        )
        assert len(found["timeline"]) > 1

    async def staff_list(self, send: Send, number: int) -> None:
        found = await send(Ask("/station/needs", self._worker(number)))
        assert len(found["items"]) == ROWS

    async def own_list(self, send: Send, number: int) -> None:
        await send(Ask("/needs", self._resident(number)))

    async def routing(self, send: Send, number: int) -> None:
        area = self.town.communities[number % len(self.town.communities)]
        found = await send(Ask(f"/stations?covering={area}&category={CATEGORY}", sender=_address(number)))
        assert found["responsible"]["station"]["id"] == self.town.station_id

    async def activities(self, send: Send, number: int) -> None:
        found = await send(Ask("/activities", sender=_address(number)))
        assert len(found["items"]) == ROWS

    async def booking(self, send: Send, number: int) -> None:
        # Nobody books an activity twice, and neighbours in time book different ones.
        turn = number // len(self.town.residents)
        activity = self.town.activities[(number + turn) % len(self.town.activities)]
        await send(post(f"/activities/{activity}/bookings", self._resident(number), f"booking-{number:06}", {}))

    async def placed(self, send: Send, number: int) -> Answer:
        rice = {"station_id": self.town.station_id, "lines": [{"good_id": self.town.good_id, "pieces": 1}]}
        return await send(post("/supermarket/orders", self._resident(number), f"order-number-{number}", rice))

    async def order(self, send: Send, number: int) -> None:
        placed = await self.placed(send, number)
        fetch = {"station_id": self.town.station_id, "code": placed["pickup_code"]}
        await send(post("/station/orders/hand-over", self._worker(number), f"handed-number-{number}", fetch))

    async def balance(self, send: Send, number: int) -> None:
        await send(Ask("/points/balance", self._resident(number)))

    async def statement(self, send: Send, number: int) -> None:
        found = await send(Ask("/points/statement", self.town.residents[number % len(self.town.needs)]))
        assert len(found["items"]) == ROWS


def _address(number: int) -> str:
    """One for each: nobody asks too often."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def measured(server: MariaDB, folder: Path, only: Sequence[str], times: int) -> dict[str, Any]:
    """Measure and print them, or those of the names; the figures by name."""
    work = _chosen(server, only, times)
    print("trips: to the database, for one request; c.: the ceiling, the same statements sent by a bare handler")
    print(HEADS, flush=True)
    found = {}
    for name, one in beside.both(server, DATABASE, work, folder):
        _print(name, one)
        found[name] = beside.as_found(one)
    return found


def _chosen(server: MariaDB, only: Sequence[str], times: int) -> list[Workload]:
    town = asyncio.run(built(server.create_database(DATABASE)))
    asked = dict(zip(NAMES, Asked(town).all(), strict=True))
    return [Workload(NAMES[name], asked[name], times) for name in only or NAMES]


OF_OURS = ("a second", "p50 ms", "p99 ms", "CPU µs", "trips")
OF_CEILING = ("c. p50", "c. p99", "c. CPU", "× CPU", "× p50")
HEADS = f"\n{'':24}" + "".join(f"{head:>9}" for head in OF_OURS + OF_CEILING)


def _print(name: str, one: Beside) -> None:
    ours, ceiling, found = one.ours, one.ceiling, beside.as_found(one)
    print(f"{name:24}{ours.seen.rate:9.0f}{ours.seen.p50_ms:9.2f}{ours.seen.p99_ms:9.2f}{ours.server_us:9.0f}", end="")
    print(f"{one.statements:9.1f}{ceiling.seen.p50_ms:9.2f}{ceiling.seen.p99_ms:9.2f}{ceiling.server_us:9.0f}", end="")
    print(f"{found['times_cpu']:9.2f}{found['times_p50']:9.2f}", flush=True)


def print_statements(server: MariaDB, folder: Path, only: Sequence[str]) -> None:
    """Return the statements of a request of each name once every cache is warm."""
    work = _chosen(server, only, times=1)
    for one, pieces in zip(work, beside.statements(server, DATABASE, work, folder), strict=True):
        for sent in pieces[-1]:
            print(f"\n{one.name}: {len(sent)} round trips")
            for query, values in sent:
                print(f"  {query} {'' if values is None else list(values)}")
