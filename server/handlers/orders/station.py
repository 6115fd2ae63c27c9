"""Orders for station staff, who prepare, hand over and cancel them."""

from datetime import datetime

from miniprogram_contract.base import Page
from miniprogram_contract.orders import (
    NewCounterOrder,
    OrderHandOver,
    StaffOrderCancellation,
    StaffOrderDetail,
    StaffOrderFilter,
)
from server.adapters.clock import Moment
from server.domain.orders import cancellation, handover, place_order, queries
from server.errors import (
    GoodNotAvailable,
    HouseholdMonthLimit,
    InvalidPickupCode,
    NotEnoughPoints,
    NotEnoughStock,
    NotFound,
    OrderedGoodExpired,
    OrderEnded,
    OrdererShutOut,
    OrderExpired,
    OrderReady,
    OwnOrder,
    PersonMonthLimit,
    PickupNotAllowed,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.orders.serializers import cursor_place, staff_order_detail
from server.handlers.supermarket.serializers import window
from server.models import OrderStatus

# Enough for the busiest day, and far too few to guess one of a million codes.
SCANNING = RateLimit(most=60, seconds=600)


@endpoint("GET", "/station/orders", query=StaffOrderFilter, reply=Page[StaffOrderDetail], roles=Roles.STAFF)
async def list_station_orders(query: StaffOrderFilter, caller: Caller, now: Moment) -> Page[StaffOrderDetail]:
    """List orders of the caller's stations and counties, newest first."""
    status = OrderStatus(query.status) if query.status else None
    found = await queries.list_for_staff(caller.scope, query.station, status, window(query), now=now)
    following = cursor.following(found, query.limit, cursor_place)
    return Page[StaffOrderDetail](
        items=[staff_order_detail(one, caller.scope, now, listed=True) for one in found], next=following
    )


@endpoint(
    "POST",
    "/station/orders",
    body=NewCounterOrder,
    reply=StaffOrderDetail,
    subject=subjects.STATION_ORDER,
    status=201,
    roles=Roles.STAFF,
    refuses=(
        NotFound,
        OwnOrder,
        GoodNotAvailable,
        PersonMonthLimit,
        HouseholdMonthLimit,
        NotEnoughPoints,
        NotEnoughStock,
    ),
)
async def create_station_order(body: NewCounterOrder, caller: Caller, now: Moment) -> StaffOrderDetail:
    """Redeem points for a person at the counter who has no phone; the pickup is as for other orders."""
    pieces_by_good = {one.good_id: one.pieces for one in body.lines}
    made = await place_order.enter_at_counter(
        body.station_id, pieces_by_good, person_id=body.person_id, by=caller.scope, now=now
    )
    return await _get_detail(made.id, caller, now)


async def _get_detail(order_id: int, caller: Caller, now: datetime) -> StaffOrderDetail:
    found = await queries.get_for_staff(order_id, caller.scope, now=now)
    return staff_order_detail(found, caller.scope, now)


@endpoint(
    "POST",
    "/station/orders/<order_id:int>/readiness",
    reply=StaffOrderDetail,
    subject=subjects.STATION_ORDER,
    roles=Roles.STAFF,
    refuses=(OrderReady, OrderEnded, OrderExpired, OwnOrder),
)
async def mark_order_ready(order_id: int, caller: Caller, now: Moment) -> StaffOrderDetail:
    """Mark the goods as ready; the orderer is notified."""
    await handover.mark_ready(order_id, by=caller.scope, now=now)
    return await _get_detail(order_id, caller, now)


@endpoint(
    "POST",
    "/station/orders/hand-over",
    body=OrderHandOver,
    reply=StaffOrderDetail,
    subject=subjects.STATION_ORDER,
    roles=Roles.STAFF,
    limit=SCANNING,
    refuses=(InvalidPickupCode, OwnOrder, OrdererShutOut, PickupNotAllowed, OrderExpired, OrderedGoodExpired),
)
async def hand_over_order(body: OrderHandOver, caller: Caller, now: Moment) -> StaffOrderDetail:
    """Hand over the goods of the order with the code shown at the counter; a code is valid once."""
    made = await handover.hand_over(
        body.station_id, body.code, fetched_by=body.pickup_person_id, by=caller.scope, now=now
    )
    return staff_order_detail(made, caller.scope, now)


@endpoint(
    "POST",
    "/station/orders/<order_id:int>/cancellation",
    body=StaffOrderCancellation,
    reply=StaffOrderDetail,
    subject=subjects.STATION_ORDER,
    roles=Roles.STAFF,
    refuses=(OrderEnded, OwnOrder),
)
async def cancel_station_order(
    order_id: int, body: StaffOrderCancellation, caller: Caller, now: Moment
) -> StaffOrderDetail:
    """Cancel an order with a reason that the orderer reads; points and goods are released."""
    await cancellation.cancel_by_station(order_id, reason=body.reason, by=caller.scope, now=now)
    return await _get_detail(order_id, caller, now)
