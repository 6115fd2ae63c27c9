"""An order is placed: points and pieces are held together, within the month's limits, and it gets a pickup code."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import audit, households, job_queue, ledger, people, policies, stations
from server.domain.ledger import POINTS, NewHold, account_keys
from server.domain.orders import limits
from server.domain.orders.notifications import ORDER_PLACED, notify_station
from server.domain.staff import Staff
from server.domain.supermarket import goods
from server.errors import Busy, NotAllowed, NotEnoughStock, NotFound, OwnOrder
from server.models import Good, Order, OrderLine, OrderStatus
from server.models.fields import new_id

EXPIRE_JOB = "expire_order"
REMINDER_BEFORE_EXPIRY = timedelta(days=1)
# A station uses few of a million codes, so this many draws in a row never all fail by chance.
MAX_CODE_DRAWS = 30


@db.transaction
async def place(station_id: int, pieces_by_good: Mapping[int, int], *, by: int, now: datetime) -> Order:
    """Order pieces of goods of the station, given by id, at their current prices.

    Raises `NotFound`, `GoodNotAvailable`, `PersonMonthLimit`, `HouseholdMonthLimit`, `NotEnoughPoints` and
    `NotEnoughStock`.
    """
    # The goods' query checks that the station is open; the lock keeps it open.
    await stations.lock_operating(station_id)
    household_id = await _lock_household(by)
    locked_goods = await goods.lock_orderable(pieces_by_good, station_id, stations.today(now))
    await limits.require_person_limit(pieces_by_good, locked_goods.values(), by, now=now)
    await limits.require_household_limit(pieces_by_good, locked_goods.values(), by, now=now)
    await _require_stock(pieces_by_good)
    order = await _create(station_id, pieces_by_good, locked_goods, person_id=by, household_id=household_id, now=now)
    await job_queue.plan(EXPIRE_JOB, order.id, due=max(now, order.expires_at - REMINDER_BEFORE_EXPIRY))
    await notify_station(order, ORDER_PLACED, now=now)
    return order


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
    person = await people.known_to_station(person_id, by)
    if await households.near(person.id, by.person_id, now=now):
        raise OwnOrder
    order = await place(station_id, pieces_by_good, by=person.id, now=now)
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


async def _require_stock(pieces_by_good: limits.Pieces) -> None:
    """Refuse with `NotEnoughStock` that names the good; the ledger, which comes last, does not know the good.

    The goods are locked, so no other order takes pieces after this check.
    """
    stock = await ledger.get_balances([account_keys.shelf(good_id) for good_id in pieces_by_good])
    for good_id, pieces in sorted(pieces_by_good.items()):
        left = stock[account_keys.shelf(good_id)].spendable
        if pieces > left:
            raise NotEnoughStock(good=good_id, spendable=left)


async def _create(
    station_id: int, pieces_by_good: Mapping[int, int], locked_goods: Mapping[int, Good], *, now: datetime, **who: Any
) -> Order:
    number, days = new_id(), await policies.number("pickup_days", station_id=station_id)
    expires_at = now + timedelta(days=days)
    points = sum(locked_goods[good_id].points_price * pieces for good_id, pieces in pieces_by_good.items())
    wishes = [NewHold(f"order:{number}:points", points, account_keys.person(who["person_id"], POINTS), expires_at)]
    for good_id, pieces in pieces_by_good.items():
        wishes.append(NewHold(f"order:{number}:good:{good_id}", pieces, account_keys.shelf(good_id), expires_at))
    of_points, *of_goods = await ledger.place_holds(*wishes, now=now)
    await _insert(
        id=number, station_id=station_id, points=points, hold_id=of_points, placed_at=now, expires_at=expires_at, **who
    )
    await OrderLine.bulk_create(
        OrderLine(
            order_id=number,
            good_id=good_id,
            pieces=pieces,
            points_price=locked_goods[good_id].points_price,
            hold_id=hold_id,
        )
        for (good_id, pieces), hold_id in zip(pieces_by_good.items(), of_goods, strict=True)
    )
    return await Order.get(id=number)


async def _insert(**values: Any) -> None:
    """Write the order with a code that no other open order of the station has."""
    first = {"status": OrderStatus.PLACED.value, "reason": "", "open": 1}
    for _ in range(MAX_CODE_DRAWS):
        # A concurrent order with the same code waits here, and draws again.
        if await db.insert_or_nothing("supermarket_order", **values, **first, pickup_code=draw_code()):
            return
    raise Busy


def draw_code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**6):06d}"
