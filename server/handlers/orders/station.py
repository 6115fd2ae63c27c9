"""The station's side of orders: prepare, hand over against the code, cancel."""

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
    OrderExpired,
    OrderReady,
    OwnOrder,
    PersonMonthLimit,
    PickupNotAllowed,
)
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.orders.serializers import place_of, staff_order
from server.handlers.supermarket.serializers import window
from server.models import OrderStatus

# Enough for a queue on the busiest day, and far too few to guess one of a million codes.
SCANNING = RateLimit(most=60, seconds=600)


@endpoint("GET", "/station/orders", query=StaffOrderFilter, reply=Page[StaffOrderDetail], roles=Roles.STAFF)
async def list_station_orders(query: StaffOrderFilter, caller: Caller) -> Page[StaffOrderDetail]:
    """Orders of the stations one works for, or of one's county, newest first."""
    status = OrderStatus(query.status) if query.status else None
    found = await queries.of_stations(caller.scope, query.station, status, window(query))
    following = cursor.following(found, query.limit, place_of)
    return Page[StaffOrderDetail](items=[staff_order(one, caller.scope) for one in found], next=following)


@endpoint(
    "POST",
    "/station/orders",
    body=NewCounterOrder,
    reply=StaffOrderDetail,
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
    """Redeem points for somebody at the counter who has no phone; they fetch it as all others do."""
    wanted = {one.good_id: one.pieces for one in body.lines}
    made = await place_order.enter(body.station_id, wanted, person_id=body.person_id, by=caller.scope, now=now)
    return staff_order(await queries.one_of_stations(made.id, caller.scope), caller.scope)


@endpoint(
    "POST",
    "/station/orders/<order_id:int>/readiness",
    reply=StaffOrderDetail,
    roles=Roles.STAFF,
    refuses=(OrderReady, OrderEnded, OrderExpired, OwnOrder),
)
async def mark_order_ready(order_id: int, caller: Caller, now: Moment) -> StaffOrderDetail:
    """Say that the goods lie ready; who ordered them is told."""
    await handover.make_ready(order_id, by=caller.scope, now=now)
    return staff_order(await queries.one_of_stations(order_id, caller.scope), caller.scope)


@endpoint(
    "POST",
    "/station/orders/hand-over",
    body=OrderHandOver,
    reply=StaffOrderDetail,
    roles=Roles.STAFF,
    limit=SCANNING,
    refuses=(InvalidPickupCode, OwnOrder, PickupNotAllowed, OrderExpired, OrderedGoodExpired),
)
async def hand_over_order(body: OrderHandOver, caller: Caller, now: Moment) -> StaffOrderDetail:
    """Hand over the goods of the order whose code is shown at the counter; the code is good once."""
    made = await handover.hand_over(**dict(body), by=caller.scope, now=now)
    return staff_order(await queries.one_of_stations(made.id, caller.scope), caller.scope)


@endpoint(
    "POST",
    "/station/orders/<order_id:int>/cancellation",
    body=StaffOrderCancellation,
    reply=StaffOrderDetail,
    roles=Roles.STAFF,
    refuses=(OrderEnded, OwnOrder),
)
async def cancel_station_order(
    order_id: int, body: StaffOrderCancellation, caller: Caller, now: Moment
) -> StaffOrderDetail:
    """Cancel somebody's order, with a reason they read: points and goods are free again."""
    await cancellation.cancel_for(order_id, reason=body.reason, by=caller.scope, now=now)
    return staff_order(await queries.one_of_stations(order_id, caller.scope), caller.scope)
