"""Orders nobody fetches: cancelled, or expired; points, pieces and the month's allowance go back together."""

from datetime import datetime

from server.database import db
from server.domain import audit, job_queue, ledger
from server.domain.orders import access
from server.domain.orders.notifications import (
    ORDER_CANCELLED,
    ORDER_EXPIRED,
    ORDER_EXPIRES_SOON,
    ORDER_PUT_BACK,
    notify_orderer,
    notify_station,
)
from server.domain.orders.place_order import EXPIRE, REMINDED_BEFORE
from server.domain.orders.transitions import OPEN, S, move
from server.domain.staff import Staff
from server.models import Notice, Order, OrderLine, OrderStatus


@db.transaction
async def cancel(order_id: int, *, reason: str, by: int, now: datetime) -> Order:
    """Cancel one's own order before it is handed over; OrderEnded after."""
    order = await access.own(order_id, by)
    await _end(order, S.CANCELLED, reason=reason, now=now)
    return order


@db.transaction
async def cancel_for(order_id: int, *, reason: str, by: Staff, now: datetime) -> Order:
    """Cancel an order of one's station, with a reason the orderer reads; OrderEnded, OwnOrder."""
    order = await access.by_station(order_id, by, now=now)
    await audit.note("order.cancelled", f"order:{order.id}", by=by.person_id, now=now, reason=reason)
    await notify_orderer(order, ORDER_CANCELLED, now=now)
    await _end(order, S.CANCELLED, reason=reason, now=now)
    return order


@db.transaction
async def watch(order_id: int, *, now: datetime) -> None:
    """Remind the orderer a day before the order expires, once, and let it expire when it is time.

    Asking again early or late does no harm.
    """
    order = await access.one(id=order_id, open=1)
    if order is None:
        return
    if now >= order.expires_at:
        await notify_orderer(order, ORDER_EXPIRED, now=now)
        await _end(order, S.EXPIRED, now=now)
        return
    await _remind(order, now)
    await job_queue.plan(EXPIRE, order.id, due=order.expires_at)


async def _remind(order: Order, now: datetime) -> None:
    from_then = order.expires_at - REMINDED_BEFORE
    # Who ordered so shortly before needs no reminder.
    if now < from_then or from_then <= order.placed_at:
        return
    told = Notice.filter(person_id=order.person_id, template=ORDER_EXPIRES_SOON.key, created_at__gte=from_then)
    if not await told.filter(subject_id=order.id).exists():
        await notify_orderer(order, ORDER_EXPIRES_SOON, now=now)


async def _end(order: Order, how: OrderStatus, *, now: datetime, reason: str = "") -> None:
    assert order.status in OPEN
    if order.status == S.READY:
        await notify_station(order, ORDER_PUT_BACK, now=now)
    await move(order, how, ended_at=now, reason=reason)
    holds = await OrderLine.filter(order_id=order.id).order_by("id").values_list("hold_id", flat=True)
    let_go = ledger.expire if how == S.EXPIRED else ledger.release
    await let_go(order.hold_id, *holds, now=now)  # type: ignore[arg-type]
