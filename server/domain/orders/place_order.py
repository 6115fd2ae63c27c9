"""An order is placed: points and pieces are held together, within the month's limits, and it gets a pickup code."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import audit, households, job_queue, ledger, people, policies, reference, stations
from server.domain.ledger import POINTS, NewHold, account_keys
from server.domain.orders import limits
from server.domain.orders.notifications import ORDER_PLACED, notify_station
from server.domain.orders.queries import OrderWithLines
from server.domain.staff import Staff
from server.domain.supermarket import goods
from server.domain.working_time import midnight
from server.errors import Busy, NotAllowed, NotEnoughStock, NotFound, OwnOrder
from server.models import Good, Order, OrderLine, OrderStatus

EXPIRE_JOB = "expire_order"
REMINDER_BEFORE_EXPIRY = timedelta(days=1)
# A station uses few of a million codes, so this many draws in a row never all fail by chance.
MAX_CODE_DRAWS = 30


@db.transaction
async def place(station_id: int, pieces_by_good: Mapping[int, int], *, by: int, now: datetime) -> OrderWithLines:
    """Order pieces of goods of the station, given by id, at their current prices.

    Raises `NotFound`, `GoodNotAvailable`, `PersonMonthLimit`, `HouseholdMonthLimit`, `NotEnoughPoints` and
    `NotEnoughStock`.
    """
    # The lock of the goods checks that the station is open; this one keeps it open.
    await stations.lock_operating(station_id)
    household_id = await _lock_household(by)
    locked_goods = await goods.lock_orderable(pieces_by_good, station_id, stations.today(now))
    await limits.require_month_limits(pieces_by_good, locked_goods, by, now=now)
    made = await _create(station_id, pieces_by_good, locked_goods, person_id=by, household_id=household_id, now=now)
    order = made.order
    await job_queue.plan(EXPIRE_JOB, order.id, due=max(now, order.expires_at - REMINDER_BEFORE_EXPIRY))
    await notify_station(order, ORDER_PLACED, now=now)
    return made


@db.transaction
async def enter_at_counter(
    station_id: int, pieces_by_good: Mapping[int, int], *, person_id: int, by: Staff, now: datetime
) -> Order:
    """Order for a person at the counter who has no phone, at a station that the caller works for, as `place` does.

    Raises `NotFound` for a person whom the station has never served, and `OwnOrder` for the caller and their family.
    """
    if not by.station_ids:
        raise NotAllowed
    if station_id not in by.station_ids:
        raise NotFound
    person = await people.known_to_station(person_id, by, now=now)
    if await households.near(person.id, by.person_id, now=now):
        raise OwnOrder
    order = (await place(station_id, pieces_by_good, by=person.id, now=now)).order
    await audit.note("order.entered", f"order:{order.id}", by=by.person_id, now=now)
    return order


async def _lock_household(person_id: int) -> int | None:
    """Return the person's household, locked so that they stay in it until the transaction ends, or None."""
    household_id = await households.of(person_id)
    if household_id is None:
        return None
    await households.lock(household_id)
    if await households.of(person_id) != household_id:
        raise Busy  # they left before the lock
    return household_id


async def _create(
    station_id: int, pieces_by_good: Mapping[int, int], locked_goods: Mapping[int, Good], *, now: datetime, **who: Any
) -> OrderWithLines:
    days = await policies.number("pickup_days", station_id=station_id)
    points = sum(locked_goods[good_id].points_price * pieces for good_id, pieces in pieces_by_good.items())
    facts = {"status": OrderStatus.PLACED, "station_id": station_id, "points": points, **who}
    expires_at = min([now + timedelta(days=days), *_ends_of_use(locked_goods)])
    order = Order(placed_at=now, expires_at=expires_at, **facts)
    lines = [
        OrderLine(order_id=order.id, good=good, pieces=pieces_by_good[good.id], points_price=good.points_price)
        for good in locked_goods.values()
    ]
    order.hold_id, *of_goods = await _hold(order, pieces_by_good, now)
    await _insert(order)
    for line, hold_id in zip(lines, of_goods, strict=True):
        line.hold_id = hold_id
    await OrderLine.bulk_create(lines)
    await reference.attach([order], "station")
    return OrderWithLines(order, lines)


def _ends_of_use(locked_goods: Mapping[int, Good]) -> list[datetime]:
    """Return the end of each use-by day in Shanghai: nobody hands the good over after it."""
    return [midnight(good.use_by + timedelta(days=1)) for good in locked_goods.values() if good.use_by is not None]


async def _hold(order: Order, pieces_by_good: Mapping[int, int], now: datetime) -> list[int]:
    """Hold the points, and the pieces of each good; return the holds in this order."""
    shelves = {good_id: account_keys.shelf(good_id) for good_id in sorted(pieces_by_good)}
    pocket = account_keys.person(order.person_id, POINTS)
    locked = await ledger.lock_accounts([pocket, *shelves.values()])
    # The ledger would refuse, too, but does not know the good.
    for good_id, shelf in shelves.items():
        if pieces_by_good[good_id] > locked[shelf].spendable:
            raise NotEnoughStock(good=good_id, spendable=locked[shelf].spendable)
    wishes = [NewHold(f"order:{order.id}:points", order.points, pocket, order.expires_at)]
    for good_id, shelf in shelves.items():
        wishes.append(NewHold(f"order:{order.id}:good:{good_id}", pieces_by_good[good_id], shelf, order.expires_at))
    return await ledger.place_holds(*wishes, now=now, locked=locked)


async def _insert(order: Order) -> None:
    """Write the order with a code that no other open order of the station has."""
    names = ("id", "station_id", "person_id", "household_id", "points", "hold_id", "placed_at", "expires_at", "open")
    values = {name: getattr(order, name) for name in names} | {"reason": "", "status": order.status.value}
    for _ in range(MAX_CODE_DRAWS):
        order.pickup_code = draw_code()
        # A concurrent order with the same code waits here, and draws again.
        if await db.insert_or_nothing("supermarket_order", **values, pickup_code=order.pickup_code):
            return
    raise Busy


def draw_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**6):06d}"
