"""The states of an order and the transitions between them, as one table."""

from collections.abc import Mapping
from typing import Any

from server.database import db
from server.models import Order, OrderStatus

S = OrderStatus

TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    S.PLACED: frozenset({S.READY, S.HANDED_OVER, S.CANCELLED, S.EXPIRED}),
    S.READY: frozenset({S.HANDED_OVER, S.CANCELLED, S.EXPIRED}),
    S.HANDED_OVER: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
}
OPEN = frozenset(status for status, following in TRANSITIONS.items() if following)
# Returned orders do not count against a month's limits.
RETURNED = frozenset({S.CANCELLED, S.EXPIRED})


async def move(order: Order, to: OrderStatus, **changes: Any) -> None:
    """Move the locked order to another state; an ended order frees its code."""
    db.require_transaction()
    assert to in TRANSITIONS[order.status], f"no order goes from {order.status} to {to}"
    if to not in OPEN:
        changes["open"] = None
    changes["status"] = to
    columns = ", ".join(f"{name} = ?" for name in changes)
    statement = f"UPDATE supermarket_order SET {columns} WHERE id = ? AND status = ?"  # noqa: S608 - names of ours
    moved, _ = await db.execute(statement, [*changes.values(), order.id, order.status])
    assert moved, "it is locked"
    order.update_from_dict(changes)
