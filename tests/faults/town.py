"""A town on a real clock whose people submit needs, book activities and redeem points, for tests that break things."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from server.database import db
from server.domain import ledger
from server.domain.ledger import POINTS, NewTransfer, account_keys
from server.models import TransferKind
from tests import factories
from tests.factories import activities, supermarket
from tests.sides import crowd, sign_in

PEOPLE, WORKERS, ACTIVITIES = 60, 6, 12
PRICE, STOCK = 10, 100_000
NEED = {
    "category": "elder_care",
    "text": "家里老人独居，腿脚不便，想请人帮忙买药。",
    "contact_name": "王秀英",
    "contact_phone": "13812345678",
}
SUBMIT, BOOK, REDEEM, HAND_OVER = "need", "booking", "order", "hand-over"


@dataclass(frozen=True)
class Wanted:
    """One request of a person, with the key they repeat it by."""

    kind: str
    token: str
    path: str
    key: str
    body: dict[str, Any] = field(hash=False)


@dataclass
class Town:
    """People who are signed in, seats for two thirds of them, and rice for all."""

    url: str
    station_id: int = 0
    good_id: int = 0
    activity_ids: list[int] = field(default_factory=list)
    residents: list[str] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _booked: dict[int, int] = field(default_factory=dict)  # how many activities somebody has asked for

    def something(self, *kinds: str) -> Wanted:
        """Return the next request of these kinds, or of all in turn, by the next person."""
        number = next(self._numbers)
        chosen = kinds or (SUBMIT, BOOK, REDEEM)
        return self._wanted(chosen[number % len(chosen)], number)

    def _wanted(self, kind: str, number: int) -> Wanted:
        who = number // 3 % len(self.residents)
        paths = {SUBMIT: "/needs", REDEEM: "/supermarket/orders", BOOK: ""}
        bodies: dict[str, dict[str, Any]] = {
            SUBMIT: NEED,
            BOOK: {},
            REDEEM: {"station_id": self.station_id, "lines": [{"good_id": self.good_id, "pieces": 1}]},
        }
        path = paths[kind] or f"/activities/{self._next_activity(who)}/bookings"
        return Wanted(kind, self.residents[who], path, f"{kind}-number-{number:012}", bodies[kind])

    def hand_over(self, order: dict[str, Any]) -> Wanted:
        """Return the hand-over of a placed order, by the next worker."""
        number = next(self._numbers)
        fetched = {"station_id": self.station_id, "code": order["pickup_code"]}
        worker = self.workers[number % len(self.workers)]
        return Wanted(HAND_OVER, worker, "/station/orders/hand-over", f"{HAND_OVER}-number-{number:012}", fetched)

    def _next_activity(self, who: int) -> int:
        """Return an activity the person has not booked yet."""
        turn = self._booked.get(who, 0)
        self._booked[who] = turn + 1
        assert turn < len(self.activity_ids), "more bookings than people and activities"
        return self.activity_ids[turn]


async def settle(url: str, *, people: int = PEOPLE, now: datetime | None = None) -> Town:
    """Fill a migrated, empty database with the town, by default as of now."""
    now = now or datetime.now(UTC)
    town = Town(url)
    async with db.connected(url, pool=4):
        city = await factories.city(now)
        station = city.stations["邻玉社工站"]
        good = await supermarket.good(station, STOCK, now, points_price=PRICE)
        town.station_id, town.good_id = station.id, good.id
        residents = await crowd(city, "resident", people, now)
        for one in residents:
            source, target = account_keys.issuing(station.id, POINTS), account_keys.person(one.id, POINTS)
            await ledger.post(NewTransfer(f"given:{one.id}", TransferKind.POINTS_DEED, 10**6, source, target), now=now)
        town.activity_ids = [await _activity(city, now, seats=people * 2 // 3) for _ in range(ACTIVITIES)]
        town.residents = [await sign_in(one.id, now) for one in residents]
        town.workers = [await sign_in(one.id, now) for one in await crowd(city, "worker", WORKERS, now)]
    return town


async def _activity(city: factories.City, now: datetime, *, seats: int) -> int:
    starts = now + timedelta(days=3)
    times = {"starts_at": starts, "booking_closes_at": starts, "cancellation_until": now}
    times |= {"booking_opens_at": now - timedelta(days=1), "published_at": now - timedelta(days=1)}
    return (await activities.activity(city, seats=seats, **times)).id
