"""The states of an order, and the one way from one to the next."""

from collections.abc import Mapping
from typing import Any

from server.database import db
from server.models import Order, OrderStatus

S = OrderStatus

MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    S.PLACED: frozenset({S.READY, S.HANDED_OVER, S.CANCELLED, S.EXPIRED}),
    S.READY: frozenset({S.HANDED_OVER, S.CANCELLED, S.EXPIRED}),
    S.HANDED_OVER: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
}
OPEN = frozenset(status for status, following in MOVES.items() if following)
# What was given back counts against nobody's month.
GIVEN_BACK = frozenset({S.CANCELLED, S.EXPIRED})


async def move(order: Order, to: OrderStatus, **changes: Any) -> None:
    """Bring the locked order into its next state; an ended one frees its code."""
    db.require_transaction()
    assert to in MOVES[order.status], f"no order goes from {order.status} to {to}"
    if to not in OPEN:
        changes["open"] = None
    changes["status"] = to
    moved = await Order.filter(id=order.id, status=order.status).update(**changes)
    assert moved, "it is locked"
    order.update_from_dict(changes)
