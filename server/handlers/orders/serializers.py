"""Orders as contract types."""

from datetime import datetime

from miniprogram_contract.orders import (
    STATUS_WORDS,
    OrderAction,
    OrderDetail,
    OrderItem,
    OrderStatus,
    PickupPerson,
    StaffOrderAction,
    StaffOrderDetail,
)
from server.adapters import Dependencies
from server.domain.masking import mask_name
from server.domain.orders import allowed_actions
from server.domain.orders.queries import OrderWithLines, StaffOrder
from server.domain.staff import Staff
from server.handlers.http import cursor
from server.handlers.http.signed_links import signed_link
from server.handlers.needs.serializers import station_reference
from server.models import Order, Person


def order_detail(one: OrderWithLines, person_id: int, dependencies: Dependencies, now: datetime) -> OrderDetail:
    order = one.order
    may = allowed_actions.of_household(order, reader=person_id, now=now)
    is_valid = OrderAction.PICKUP_CODE in may
    return OrderDetail(
        **_common_fields(one),
        is_mine=order.person_id == person_id,
        pickup_code=order.pickup_code if is_valid else None,
        pickup_code_image=_pickup_code_image(order, person_id, dependencies, now) if is_valid else None,
        allowed_actions=[OrderAction(action) for action in may],
    )


def _pickup_code_image(order: Order, person_id: int, dependencies: Dependencies, now: datetime) -> str:
    path, subject = f"/supermarket/orders/{order.id}/pickup-code", link_subject(order.id, person_id)
    return signed_link(path, subject, dependencies, now=now, reader=person_id)


def link_subject(order_id: int, person_id: int) -> str:
    """Return what a link to the pickup code may show: the order, to this person."""
    return f"pickup_code:{order_id}:{person_id}"


def staff_order_detail(one: StaffOrder, reader: Staff, now: datetime, *, listed: bool = False) -> StaffOrderDetail:
    """Workers of the station see whole names of one order, to tell the people at the counter apart.

    In a list, and for officers, names are masked.
    """
    whole = one.order.station_id in reader.station_ids and not listed

    def name(person: Person) -> str:
        return (person.name or "") if whole else mask_name(person.name or "")

    pickup_people = [PickupPerson(person_id=person.id, name=name(person)) for person in one.pickup_people]
    may = allowed_actions.of_staff(one, reader, now=now)
    return StaffOrderDetail(
        **_common_fields(one),
        person=name(one.order.person),
        pickup_people=pickup_people,
        allowed_actions=[StaffOrderAction(action) for action in may],
    )


def _common_fields(one: OrderWithLines) -> dict[str, object]:
    order = one.order
    status = OrderStatus(order.status)
    return {
        "id": order.id,
        "status": status,
        "status_words": STATUS_WORDS[status],
        "station": station_reference(order.station),
        "lines": [
            OrderItem(good_id=line.good_id, name=line.good.name, pieces=line.pieces, points_price=line.points_price)
            for line in one.lines
        ],
        "points": order.points,
        "placed_at": order.placed_at,
        "ready_at": order.ready_at,
        "expires_at": order.expires_at,
        "ended_at": order.ended_at,
        "reason": order.reason,
        "picked_up_by_family": order.fetched_by_id not in {None, order.person_id},
    }


def cursor_place(one: OrderWithLines) -> cursor.Place:
    order: Order = one.order
    return order.placed_at, order.id
