"""Staff prepare an order and hand it over (核销) against its code, once."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, households, ledger, stations
from server.domain.ledger import POINTS, Capture, account_keys
from server.domain.orders import access
from server.domain.orders.notifications import ORDER_HANDED_OVER, ORDER_READY, notify_orderer
from server.domain.orders.transitions import S, move
from server.domain.staff import Staff
from server.errors import InvalidPickupCode, NotAllowed, OrderedGoodExpired, OrderReady, PickupNotAllowed
from server.models import Order, OrderLine, TransferKind


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
async def hand_over(station_id: int, code: str, *, fetched_by: int | None, by: Staff, now: datetime) -> Order:
    """Hand the goods to the orderer, or to `fetched_by` from their household, and capture the holds.

    Raises `NotAllowed` at other stations, `InvalidPickupCode`, `OwnOrder`, `PickupNotAllowed`, `OrderExpired` and
    `OrderedGoodExpired`.
    """
    if station_id not in by.station_ids:
        raise NotAllowed
    order = await _lock_by_code(station_id, code)
    await access.require_independent(order, by.person_id, now=now)
    fetcher = await _resolve_fetcher(order, fetched_by)
    access.require_in_time(order, now)
    lines = await OrderLine.filter(order_id=order.id).order_by("good_id").select_related("good")
    _require_usable(lines, now)
    await move(order, S.HANDED_OVER, ended_at=now, handed_over_by_id=by.person_id, fetched_by_id=fetcher)
    await audit.note("order.handed_over", f"order:{order.id}", by=by.person_id, now=now, fetched_by=fetcher)
    await notify_orderer(order, ORDER_HANDED_OVER, now=now)
    await ledger.capture_holds(*_captures(order, lines, by.person_id), now=now)
    return order


async def _lock_by_code(station_id: int, code: str) -> Order:
    """Return the station's open order with the code, locked after its household, so that its members cannot change."""
    waiting: dict[str, Any] = {"station_id": station_id, "pickup_code": code, "open": 1}
    found = await Order.get_or_none(**waiting)
    if found is not None and found.household_id is not None:
        await households.lock(found.household_id)
    order = await access.lock_order(**waiting)
    # If another order has got the code meanwhile, its household is not the locked one.
    if found is None or order is None or order.id != found.id:
        raise InvalidPickupCode
    return order


async def _resolve_fetcher(order: Order, person_id: int | None) -> int:
    """Return the person who picks up: the orderer by default, else a person who still lives with them."""
    if person_id is None or person_id == order.person_id:
        return order.person_id
    people = await households.members(order.household_id) if order.household_id else []
    if not {person_id, order.person_id} <= set(people):
        raise PickupNotAllowed
    return person_id


def _require_usable(lines: list[OrderLine], now: datetime) -> None:
    today = stations.today(now)
    if past := [line.good_id for line in lines if line.good.use_by is not None and line.good.use_by < today]:
        raise OrderedGoodExpired(goods=past)


def _captures(order: Order, lines: list[OrderLine], by: int) -> list[Capture]:
    more = f"等{len(lines)}种" if len(lines) > 1 else f"{lines[0].pieces}件"
    target, note = account_keys.issuing(order.station_id, POINTS), f"{lines[0].good.name} {more}"
    of_points = Capture(order.hold_id, target, TransferKind.REDEEMED, by=by, note=note)
    kind = TransferKind.HANDED_OVER
    return [of_points, *(Capture(line.hold_id, account_keys.handed_out(line.good_id), kind, by=by) for line in lines)]
