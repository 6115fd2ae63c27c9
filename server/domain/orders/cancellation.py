"""Orders that nobody picks up: cancelled or expired; points, pieces and the month's allowance are released together."""

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
from server.domain.orders.place_order import EXPIRE_JOB, REMINDER_BEFORE_EXPIRY
from server.domain.orders.queries import OrderWithLines, with_lines
from server.domain.orders.transitions import OPEN, S, move
from server.domain.staff import Staff
from server.domain.working_time import in_chinese
from server.models import Notice, Order, OrderStatus


@db.transaction
async def cancel(order_id: int, *, reason: str, by: int, now: datetime) -> OrderWithLines:
    """Cancel the caller's own order before it is handed over. Raises `OrderEnded`."""
    return await _end(await access.lock_own(order_id, by), S.CANCELLED, reason=reason, now=now)


@db.transaction
async def cancel_by_station(order_id: int, *, reason: str, by: Staff, now: datetime) -> Order:
    """Cancel an order of the caller's station, with a reason that the orderer reads.

    Raises `OrderEnded` and `OwnOrder`.
    """
    order = await access.lock_for_station(order_id, by, now=now)
    await audit.note("order.cancelled", f"order:{order.id}", by=by.person_id, now=now, reason=reason)
    await notify_orderer(order, ORDER_CANCELLED, now=now)
    await _end(order, S.CANCELLED, reason=reason, now=now)
    return order


@db.transaction
async def remind_or_expire(order_id: int, *, now: datetime) -> None:
    """Remind the orderer once, a day before the order expires, and expire it when it is time.

    A call too early or too late is harmless.
    """
    order = await access.lock_order(id=order_id, open=1)
    if order is None:
        return
    if now >= order.expires_at:
        await notify_orderer(order, ORDER_EXPIRED, now=now)
        await _end(order, S.EXPIRED, now=now)
        return
    await _remind(order, now)
    await job_queue.plan(EXPIRE_JOB, order.id, due=order.expires_at)


async def _remind(order: Order, now: datetime) -> None:
    remind_at = order.expires_at - REMINDER_BEFORE_EXPIRY
    # An order placed so shortly before its expiry needs no reminder.
    if now < remind_at or remind_at <= order.placed_at:
        return
    sent = Notice.filter(person_id=order.person_id, template=ORDER_EXPIRES_SOON.key, created_at__gte=remind_at)
    if not await sent.filter(subject_id=order.id).exists():
        await notify_orderer(order, ORDER_EXPIRES_SOON, now=now, until=in_chinese(order.expires_at))


async def _end(order: Order, status: OrderStatus, *, now: datetime, reason: str = "") -> OrderWithLines:
    assert order.status in OPEN
    if order.status == S.READY:
        await notify_station(order, ORDER_PUT_BACK, now=now)
    await move(order, status, ended_at=now, reason=reason)
    [ended] = await with_lines([order])
    resolve_holds = ledger.expire_holds if status == S.EXPIRED else ledger.release_holds
    await resolve_holds(order.hold_id, *(line.hold_id for line in ended.lines), now=now)
    return ended
