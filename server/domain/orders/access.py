"""Taking hold of an order: the lock comes first, and what the caller may touch is in the query."""

from datetime import datetime
from typing import Any

from server.domain import households
from server.domain.orders.transitions import OPEN
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OrderEnded, OrderExpired, OwnOrder
from server.models import Order


async def one(**which: Any) -> Order | None:
    """The order, locked, if there is one such."""
    return await Order.filter(**which).select_for_update().first()


async def own(order_id: int, person_id: int) -> Order:
    """The person's open order, locked; NotFound for others', OrderEnded for one that ended."""
    order = await one(id=order_id, person_id=person_id)
    if order is None:
        raise NotFound
    return _open(order)


async def by_station(order_id: int, by: Staff, *, now: datetime) -> Order:
    """An open order, locked, of a station the caller works for.

    NotAllowed for officers, who only read, NotFound for others; OwnOrder for the caller's own or their household's.
    """
    order = await one(id=order_id, station_id__in=sorted(by.station_ids) or [0])
    if order is None:
        if await Order.filter(by.of_stations(), id=order_id).exists():
            raise NotAllowed
        raise NotFound
    await must_have_no_part(order, by.person_id, now=now)
    return _open(order)


def _open(order: Order) -> Order:
    if order.status not in OPEN:
        raise OrderEnded(status=order.status)
    return order


async def must_have_no_part(order: Order, person_id: int, *, now: datetime) -> None:
    """Four eyes: refuse, with OwnOrder, who placed it and who lives or just lived with them."""
    if await households.near(order.person_id, person_id, now=now):
        raise OwnOrder


def must_be_in_time(order: Order, now: datetime) -> None:
    """OrderExpired once its time is over, whether or not the worker has looked at it."""
    if now >= order.expires_at:
        raise OrderExpired(until=order.expires_at)
