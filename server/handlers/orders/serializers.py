"""Orders as shapes of the contract."""

from datetime import datetime

from miniprogram_contract.orders import (
    STATUS_WORDS,
    OrderDetail,
    OrderItem,
    OrderStatus,
    PickupPerson,
    StaffOrderDetail,
)
from server.adapters import Dependencies
from server.domain.masking import mask_name
from server.domain.orders.queries import Seen, Worked
from server.domain.staff import Staff
from server.handlers.http import cursor
from server.handlers.http.signed_links import signed_link
from server.handlers.needs.serializers import station_reference
from server.models import Order, Person


def order_shape(one: Seen, person_id: int, dependencies: Dependencies, now: datetime) -> OrderDetail:
    order = one.order
    is_valid = order.open and now < order.expires_at
    return OrderDetail(
        **_ordered(one),
        mine=order.person_id == person_id,
        pickup_code=order.pickup_code if is_valid else None,
        pickup_code_image=_pickup_code_image(order, person_id, dependencies, now) if is_valid else None,
    )


def _pickup_code_image(order: Order, person_id: int, dependencies: Dependencies, now: datetime) -> str:
    path, subject = f"/supermarket/orders/{order.id}/pickup-code", link_subject(order.id, person_id)
    return signed_link(path, subject, dependencies, now=now, reader=person_id)


def link_subject(order_id: int, person_id: int) -> str:
    """Return what a link to the pickup code may show: the order, to this person."""
    return f"pickup_code:{order_id}:{person_id}"


def staff_order(one: Worked, reader: Staff) -> StaffOrderDetail:
    """Who works there has the person before them, and must tell a grandmother from her granddaughter."""
    works_there = one.order.station_id in reader.station_ids

    def name(person: Person) -> str:
        return (person.name or "") if works_there else mask_name(person.name or "")

    may_fetch = [PickupPerson(person_id=person.id, name=name(person)) for person in one.may_fetch]
    return StaffOrderDetail(**_ordered(one), person=name(one.order.person), may_fetch=may_fetch)


def _ordered(one: Seen) -> dict[str, object]:
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
        "fetched_by_family": order.fetched_by_id not in {None, order.person_id},
    }


def place_of(one: Seen) -> cursor.Place:
    order: Order = one.order
    return order.placed_at, order.id
