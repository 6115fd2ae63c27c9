"""Orders for orderers, their families and staff; a page costs the same whatever its length."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import rows
from server.database.condition import Condition, select, where
from server.domain import households, reference, staff
from server.domain.orders import access
from server.domain.orders.transitions import OPEN
from server.domain.pagination import Place, Window, older
from server.domain.staff import Staff
from server.errors import NotFound, OrderEnded
from server.models import HouseholdMember, Order, OrderLine, OrderStatus, Person


@dataclass(frozen=True)
class OrderWithLines:
    """An order with its station, lines and goods."""

    order: Order
    lines: Sequence[OrderLine]


@dataclass(frozen=True)
class StaffOrder(OrderWithLines):
    """An order for staff, also with its orderer, and who may pick it up while it is open, the orderer first.

    `is_near`: the reader placed it, or shares or just shared a household with the orderer (four eyes).
    """

    pickup_people: Sequence[Person]
    is_near: bool


async def list_for_person(person_id: int, window: Window) -> list[OrderWithLines]:
    """Return a page of the person's orders and of open ones of their household, newest first."""
    orders = Order.filter(await _visible_to(person_id)).filter(older("placed_at", window.after))
    return await with_lines(await orders.order_by("-placed_at", "-id").limit(window.limit))


async def get_for_person(order_id: int, person_id: int) -> OrderWithLines:
    """Return one of these orders. Raises `NotFound` for any other."""
    return (await with_lines([await _get_visible(order_id, person_id)]))[0]


async def _get_visible(order_id: int, person_id: int) -> Order:
    order = await Order.filter(await _visible_to(person_id), id=order_id).first()
    if order is None:
        raise NotFound
    return order


async def get_pickup_code(order_id: int, person_id: int, *, now: datetime) -> str:
    """Return the pickup code. Raises `OrderEnded` or `OrderExpired` if it is no longer valid."""
    order = await _get_visible(order_id, person_id)
    if order.status not in OPEN:
        raise OrderEnded(status=order.status)
    access.require_in_time(order, now)
    return order.pickup_code


async def _visible_to(person_id: int) -> Q:
    members = await households.own(person_id)
    if not members:
        return Q(person_id=person_id)
    # Orders of a person who moved out are theirs only.
    theirs = Q(household_id=members[0].household_id, person_id__in=[one.person_id for one in members], open=1)
    return Q(person_id=person_id) | theirs


async def list_for_staff(
    by: Staff, station_id: int | None, status: OrderStatus | None, window: Window, *, now: datetime
) -> list[StaffOrder]:
    """Return a page of the orders of the caller's stations and counties, newest first."""
    wanted = staff.sees_at("o.station_id", by)
    if station_id is not None:
        wanted &= where("o.station_id = ?", station_id)
    if status is not None:
        wanted &= where("o.status = ?", status)
    if window.after is not None:
        wanted &= _older(window.after)
    return await _for_staff(wanted, by, now, limit=window.limit)


def _older(place: Place) -> Condition:
    placed_at, last = place
    return where("(o.placed_at < ? OR o.placed_at = ? AND o.id < ?)", placed_at, placed_at, last)


async def get_for_staff(order_id: int, by: Staff, *, now: datetime) -> StaffOrder:
    """Return an order of the caller's stations or counties that was found there before."""
    wanted = staff.sees_at("o.station_id", by) & where("o.id = ?", order_id)
    return (await _for_staff(wanted, by, now, limit=1))[0]


async def with_lines(orders: Sequence[Order]) -> list[OrderWithLines]:
    """Return the orders with their stations and lines."""
    lines: dict[int, list[OrderLine]] = {order.id: [] for order in await reference.attach(orders, "station")}
    if orders:
        order_lines = OrderLine.filter(order_id__in=list(lines)).order_by("good_id").select_related("good")
        for line in await order_lines:
            lines[line.order_id].append(line)
    return [OrderWithLines(order, lines[order.id]) for order in orders]


_WITH_PERSON = "o.*, p.id `person.id`, p.name `person.name`, p.disabled_at `person.disabled_at`"
_SOURCE = "supermarket_order o LEFT JOIN person p ON p.id = o.person_id"


async def _for_staff(wanted: Condition, by: Staff, now: datetime, *, limit: int) -> list[StaffOrder]:
    newest_first = "ORDER BY o.placed_at DESC, o.id DESC LIMIT ?"
    near = households.is_near("o.person_id", by.person_id, now=now)
    columns = f"{_WITH_PERSON}, {near.sql} near"
    read = await select(columns, _SOURCE, wanted, newest_first, first=near.values, last=[limit])
    found = await with_lines([rows.of(Order, row) for row in read])
    for one, row in zip(found, read, strict=True):
        one.order.person = rows.of(Person, row, "person.")
    households_of = {one.order.household_id for one in found if one.order.open and one.order.household_id}
    there = HouseholdMember.filter(household_id__in=sorted(households_of), current=1).order_by("joined_at", "id")
    members = await there.select_related("person") if households_of else []
    return [
        StaffOrder(one.order, one.lines, _fetchers(one.order, members), is_near=bool(row["near"]))
        for one, row in zip(found, read, strict=True)
    ]


def _fetchers(order: Order, members: Sequence[HouseholdMember]) -> list[Person]:
    if not order.open:
        return []
    people = [one.person for one in members if one.household_id == order.household_id]
    if order.person_id not in {one.id for one in people}:
        return [order.person]
    return [order.person, *(one for one in people if one.id != order.person_id)]
