"""Staff prepare an order and hand it over (核销) against its code, once."""

from collections.abc import Sequence
from datetime import datetime

from server.database import db, rows
from server.domain import audit, households, ledger, reference, sessions
from server.domain.ledger import POINTS, Capture, account_keys
from server.domain.orders import access
from server.domain.orders.notifications import ORDER_HANDED_OVER, ORDER_READY, notify_orderer
from server.domain.orders.queries import StaffOrder
from server.domain.orders.transitions import S, move
from server.domain.staff import Staff
from server.errors import (
    InvalidPickupCode,
    NotAllowed,
    OrderedGoodExpired,
    OrdererShutOut,
    OrderReady,
    OwnOrder,
    PickupNotAllowed,
)
from server.models import Good, Order, OrderLine, Person, TransferKind


@db.transaction
async def mark_ready(order_id: int, *, by: Staff, now: datetime) -> Order:
    """Mark the goods as ready and notify the orderer.

    Raises `OrderReady`, `OrderExpired`, `OrderEnded` and `OwnOrder`.
    """
    order = await access.lock_for_station(order_id, by, now=now)
    if order.status == S.READY:
        raise OrderReady
    access.require_in_time(order, now)
    await move(order, S.READY, ready_at=now)
    await audit.note("order.ready", f"order:{order.id}", by=by.person_id, now=now)
    await notify_orderer(order, ORDER_READY, now=now)
    return order


@db.transaction
async def hand_over(station_id: int, code: str, *, fetched_by: int | None, by: Staff, now: datetime) -> StaffOrder:
    """Hand the goods to the orderer, or to `fetched_by` from their household, and capture the holds.

    Raises `NotAllowed` at other stations, `InvalidPickupCode`, `OwnOrder`, `PickupNotAllowed`, `OrdererShutOut`,
    `OrderExpired` and `OrderedGoodExpired`.
    """
    if station_id not in by.station_ids:
        raise NotAllowed
    order, lines = await _find_by_code(station_id, code)
    await _lock(order, by.person_id, now)
    fetcher = await _resolve_fetcher(order, fetched_by)
    if order.person.disabled_at is not None:
        raise OrdererShutOut
    access.require_in_time(order, now)
    if past := access.past_goods(lines, now):
        raise OrderedGoodExpired(goods=past)
    await move(order, S.HANDED_OVER, ended_at=now, handed_over_by_id=by.person_id, fetched_by_id=fetcher)
    await audit.note("order.handed_over", f"order:{order.id}", by=by.person_id, now=now, fetched_by=fetcher)
    await notify_orderer(order, ORDER_HANDED_OVER, now=now)
    await ledger.capture_holds(*_captures(order, lines, by.person_id), now=now)
    await reference.attach([order], "station")
    return StaffOrder(order, lines, pickup_people=(), is_near=False)


_LINES_OF_CODE = """
    SELECT o.*, p.id `person.id`, p.name `person.name`, p.disabled_at `person.disabled_at`,
      l.id `line.id`, l.good_id `line.good_id`,
      l.pieces `line.pieces`, l.points_price `line.points_price`, l.hold_id `line.hold_id`,
      g.id `good.id`, g.name `good.name`, g.use_by `good.use_by`
    FROM supermarket_order o JOIN order_line l ON l.order_id = o.id
    JOIN good g ON g.id = l.good_id JOIN person p ON p.id = o.person_id
    WHERE o.station_id = ? AND o.pickup_code = ? AND o.open = 1 ORDER BY l.good_id
"""


async def _find_by_code(station_id: int, code: str) -> tuple[Order, list[OrderLine]]:
    """Return the station's open order with the code, and its lines with their goods. Raises `InvalidPickupCode`."""
    _, found = await db.execute(_LINES_OF_CODE, [station_id, code])
    if not found:
        raise InvalidPickupCode
    order = rows.of(Order, found[0])
    order.person = rows.of(Person, found[0], "person.")
    lines = [rows.of(OrderLine, row, "line.") for row in found]
    for line, row in zip(lines, found, strict=True):
        line.good = rows.of(Good, row, "good.")
    return order, lines


LOCK_SQL = f"""
    SELECT status, ready_at, EXISTS ({households.NEAR_SQL.format(others="?")}) near
    FROM supermarket_order WHERE id = ? AND open = 1
"""  # noqa: S608 - constants of ours


async def _lock(order: Order, by: int, now: datetime) -> None:
    """Lock the open order after its household, so that its members cannot change.

    Raises `InvalidPickupCode` if it ended meanwhile, and `OwnOrder` as `access.require_independent`.
    """
    if order.household_id is not None:
        await households.lock(order.household_id)
    values = [*households.near_values(order.person_id, by, now=now), order.id]
    _, found = await db.execute(LOCK_SQL + db.for_update(), values)
    if not found:
        raise InvalidPickupCode
    if found[0]["near"] or by == order.person_id:
        raise OwnOrder
    rows.fill(order, {name: found[0][name] for name in ("status", "ready_at")})


async def _resolve_fetcher(order: Order, person_id: int | None) -> int:
    """Return the person who picks up: the orderer by default, else a person who still lives with them."""
    if person_id is None or person_id == order.person_id:
        return order.person_id
    people = await households.members(order.household_id) if order.household_id else []
    if not {person_id, order.person_id} <= set(people) or await sessions.is_shut_out(person_id):
        raise PickupNotAllowed
    return person_id


def _captures(order: Order, lines: Sequence[OrderLine], by: int) -> list[Capture]:
    more = f"等{len(lines)}种" if len(lines) > 1 else f"{lines[0].pieces}件"
    target, note = account_keys.issuing(order.station_id, POINTS), f"{lines[0].good.name} {more}"
    of_points = Capture(order.hold_id, target, TransferKind.REDEEMED, by=by, note=note)
    kind = TransferKind.HANDED_OVER
    return [of_points, *(Capture(line.hold_id, account_keys.handed_out(line.good_id), kind, by=by) for line in lines)]
