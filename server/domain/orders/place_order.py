"""Placing an order: points and pieces held together, within the month's limits, and a code to fetch it with."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import audit, households, job_queue, ledger, people, policies, stations
from server.domain.ledger import POINTS, Wish, account_keys
from server.domain.orders import limits
from server.domain.orders.notifications import ORDER_PLACED, notify_station
from server.domain.staff import Staff
from server.domain.supermarket import goods
from server.errors import Busy, NotAllowed, NotEnoughStock, NotFound, OwnOrder
from server.models import Good, Order, OrderLine, OrderStatus
from server.models.fields import new_id

EXPIRE = "expire_order"
REMINDED_BEFORE = timedelta(days=1)
# Of a million codes a station uses few: so many draws in a row do not all fail by chance.
DRAWS = 30


@db.transaction
async def place(station_id: int, wanted: Mapping[int, int], *, by: int, now: datetime) -> Order:
    """Order so many pieces of each good (by its id) of the station, at the prices they have now.

    Raises NotFound, GoodNotAvailable, PersonMonthLimit, HouseholdMonthLimit, NotEnoughPoints and NotEnoughStock.
    """
    # Open or not is asked with the goods; what is open stays so.
    await stations.lock_operating(station_id)
    household_id = await _held_household(by)
    held = await goods.hold_orderable(wanted, station_id, stations.today(now))
    await limits.must_leave_person(wanted, held.values(), by, now=now)
    await limits.must_leave_household(wanted, held.values(), by, now=now)
    await _must_be_there(wanted)
    order = await _hold_and_write(station_id, wanted, held, person_id=by, household_id=household_id, now=now)
    await job_queue.plan(EXPIRE, order.id, due=max(now, order.expires_at - REMINDED_BEFORE))
    await notify_station(order, ORDER_PLACED, now=now)
    return order


@db.transaction
async def enter(station_id: int, wanted: Mapping[int, int], *, person_id: int, by: Staff, now: datetime) -> Order:
    """Order for somebody at the counter who has no phone, from the station one works for; as `place` else.

    Raises NotFound for a person the station has never served, OwnOrder for oneself and one's family.
    """
    if not by.station_ids:
        raise NotAllowed
    if station_id not in by.station_ids:
        raise NotFound
    person = await people.known_to_station(person_id, by)
    if await households.near(person.id, by.person_id, now=now):
        raise OwnOrder
    order = await place(station_id, wanted, by=person.id, now=now)
    await audit.note("order.entered", f"order:{order.id}", by=by.person_id, now=now)
    return order


async def _held_household(person_id: int) -> int | None:
    """The person's household, which they belong to until the transaction ends."""
    household_id = await households.of(person_id)
    if household_id is None:
        return None
    await households.lock(household_id)
    if await households.of(person_id) != household_id:
        raise Busy  # they left before we held it
    return household_id


async def _must_be_there(wanted: limits.Pieces) -> None:
    """NotEnoughStock that names the good: the ledger, asked last, only knows that pieces of one are lacking.

    The goods are locked, so no other order takes pieces after this look.
    """
    there = await ledger.balances([account_keys.shelf(good_id) for good_id in wanted])
    for good_id, pieces in sorted(wanted.items()):
        left = there[account_keys.shelf(good_id)].spendable
        if pieces > left:
            raise NotEnoughStock(good=good_id, spendable=left)


async def _hold_and_write(
    station_id: int, wanted: Mapping[int, int], held: Mapping[int, Good], *, now: datetime, **who: Any
) -> Order:
    number, days = new_id(), await policies.number("pickup_days", station_id=station_id)
    expires_at = now + timedelta(days=days)
    points = sum(held[good_id].points_price * pieces for good_id, pieces in wanted.items())
    wishes = [Wish(f"order:{number}:points", points, account_keys.person(who["person_id"], POINTS), expires_at)]
    for good_id, pieces in wanted.items():
        wishes.append(Wish(f"order:{number}:good:{good_id}", pieces, account_keys.shelf(good_id), expires_at))
    of_points, *of_goods = await ledger.place(*wishes, now=now)
    await _insert(
        id=number, station_id=station_id, points=points, hold_id=of_points, placed_at=now, expires_at=expires_at, **who
    )
    await OrderLine.bulk_create(
        OrderLine(
            order_id=number,
            good_id=good_id,
            pieces=pieces,
            points_price=held[good_id].points_price,
            hold_id=hold_id,
        )
        for (good_id, pieces), hold_id in zip(wanted.items(), of_goods, strict=True)
    )
    return await Order.get(id=number)


async def _insert(**values: Any) -> None:
    """Write the order under a code that no other open order of the station has."""
    first = {"status": OrderStatus.PLACED.value, "reason": "", "open": 1}
    for _ in range(DRAWS):
        # Whoever draws the same code at the same moment waits here, and draws again.
        if await db.insert_or_nothing("supermarket_order", **values, **first, pickup_code=draw_code()):
            return
    raise Busy


def draw_code() -> str:
    """Six digits nobody can foresee."""
    return f"{secrets.randbelow(10**6):06d}"
