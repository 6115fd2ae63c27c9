"""Locks on an order: the lock comes first, and the query decides whether the caller may touch the order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.domain import households, stations
from server.domain.orders.transitions import OPEN
from server.domain.staff import Staff
from server.domain.supermarket.goods import is_usable
from server.errors import NotAllowed, NotFound, OrderEnded, OrderExpired, OwnOrder
from server.models import Order, OrderLine


async def lock_order(**which: Any) -> Order | None:
    """Return the order that matches, locked, or None."""
    return await Order.filter(**which).select_for_update().first()


async def lock_own(order_id: int, person_id: int) -> Order:
    """Return the person's open order, locked. Raises `NotFound` for anyone else's, and `OrderEnded`."""
    order = await lock_order(id=order_id, person_id=person_id)
    if order is None:
        raise NotFound
    return _require_open(order)


async def lock_for_station(order_id: int, by: Staff, *, now: datetime) -> Order:
    """Return an open order, locked, of a station that the caller works for.

    Raises `NotAllowed` for officers, who only read, `NotFound` for everyone else, `OwnOrder` for orders of the caller's
    household, and `OrderEnded`.
    """
    order = await lock_order(id=order_id, station_id__in=sorted(by.station_ids) or [0])
    if order is None:
        if await Order.filter(by.of_stations(), id=order_id).exists():
            raise NotAllowed
        raise NotFound
    await require_independent(order, by.person_id, now=now)
    return _require_open(order)


def _require_open(order: Order) -> Order:
    if order.status not in OPEN:
        raise OrderEnded(status=order.status)
    return order


async def require_independent(order: Order, person_id: int, *, now: datetime) -> None:
    """Refuse with `OwnOrder` the orderer and people who share or just shared their household (four eyes)."""
    if await households.near(order.person_id, person_id, now=now):
        raise OwnOrder


def require_in_time(order: Order, now: datetime) -> None:
    """Refuse with `OrderExpired` once the time is over, whether or not the job has run."""
    if not is_in_time(order, now):
        raise OrderExpired(until=order.expires_at)


def is_in_time(order: Order, now: datetime) -> bool:
    """Return whether the goods may still be picked up."""
    return now < order.expires_at


def past_goods(lines: Sequence[OrderLine], now: datetime) -> list[int]:
    """Return the ids of the goods whose use-by date is over; nobody hands them over."""
    return [line.good_id for line in lines if not is_usable(line.good, stations.today(now))]
