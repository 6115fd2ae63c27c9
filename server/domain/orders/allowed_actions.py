"""Name the steps that the orderer's side, or staff, can take on an order now: the conditions of each verb."""

from datetime import datetime

from server.domain.orders import access
from server.domain.orders.queries import StaffOrder
from server.domain.orders.transitions import OPEN, TRANSITIONS, S
from server.domain.staff import Staff
from server.models import Order


def of_household(order: Order, *, reader: int, now: datetime) -> list[str]:
    """Return the steps that the orderer, or a family member to whom the order is shown, can take on it now."""
    may = {
        "cancellation": order.person_id == reader and order.status in OPEN,
        "pickup-code": order.status in OPEN and access.is_in_time(order, now),
    }
    return [name for name, allowed in may.items() if allowed]


def of_staff(one: StaffOrder, by: Staff, *, now: datetime) -> list[str]:
    """Return the steps that the caller can take on the order now; nobody takes one on an order of their household."""
    order = one.order
    if order.station_id not in by.station_ids or one.is_near:
        return []
    following, in_time = TRANSITIONS[order.status], access.is_in_time(order, now)
    fits = order.person.disabled_at is None and not access.past_goods(one.lines, now)
    may = {
        "readiness": S.READY in following and in_time,
        "hand-over": S.HANDED_OVER in following and in_time and fits,
        "cancellation": S.CANCELLED in following,
    }
    return [name for name, allowed in may.items() if allowed]
