"""Orders for the resident: the caller's own, and those to pick up for the household."""

import io

import segno

from miniprogram_contract.base import Page, PageQuery, PersonalLink
from miniprogram_contract.orders import NewOrder, OrderCancellation, OrderDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.orders import cancellation, queries
from server.domain.orders import place_order as orders_place_order
from server.errors import (
    GoodNotAvailable,
    HouseholdMonthLimit,
    NotEnoughPoints,
    NotEnoughStock,
    NotFound,
    OrderEnded,
    OrderExpired,
    PersonMonthLimit,
)
from server.handlers import subjects
from server.handlers.http import Caller, RawResponse, Roles, cursor, endpoint
from server.handlers.orders.serializers import cursor_place, link_subject, order_detail
from server.handlers.supermarket.serializers import window


@endpoint(
    "POST",
    "/supermarket/orders",
    body=NewOrder,
    reply=OrderDetail,
    subject=subjects.ORDER,
    status=201,
    roles=Roles.SIGNED_IN,
    refuses=(NotFound, GoodNotAvailable, PersonMonthLimit, HouseholdMonthLimit, NotEnoughPoints, NotEnoughStock),
)
async def place_order(body: NewOrder, caller: Caller, dependencies: Dependencies, now: Moment) -> OrderDetail:
    """Redeem points for goods of one station; they are on hold until the pickup, or until the order expires."""
    pieces_by_good = {one.good_id: one.pieces for one in body.lines}
    made = await orders_place_order.place(body.station_id, pieces_by_good, by=caller.person_id, now=now)
    return order_detail(made, caller.person_id, dependencies, now)


@endpoint("GET", "/supermarket/orders", query=PageQuery, reply=Page[OrderDetail], roles=Roles.SIGNED_IN)
async def list_orders(query: PageQuery, caller: Caller, dependencies: Dependencies, now: Moment) -> Page[OrderDetail]:
    """List the caller's orders, and open ones of the household that the caller may pick up, newest first."""
    found = await queries.list_for_person(caller.person_id, window(query))
    following = cursor.following(found, query.limit, cursor_place)
    return Page[OrderDetail](
        items=[order_detail(one, caller.person_id, dependencies, now) for one in found], next=following
    )


@endpoint("GET", "/supermarket/orders/<order_id:int>", reply=OrderDetail, roles=Roles.SIGNED_IN)
async def get_order(order_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> OrderDetail:
    """Return one of these orders."""
    return order_detail(await queries.get_for_person(order_id, caller.person_id), caller.person_id, dependencies, now)


@endpoint(
    "GET",
    "/supermarket/orders/<order_id:int>/pickup-code",
    query=PersonalLink,
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.ANYONE,
    link_subject=link_subject,
    refuses=(OrderEnded, OrderExpired),
)
async def get_pickup_code_image(order_id: int, query: PersonalLink, now: Moment) -> RawResponse:
    """Show the pickup code as a QR code by the signed link of the order, for the counter to scan."""
    drawn = io.BytesIO()
    code = await queries.get_pickup_code(order_id, query.reader, now=now)
    segno.make(code, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    return RawResponse(drawn.getvalue(), "image/png")


@endpoint(
    "POST",
    "/supermarket/orders/<order_id:int>/cancellation",
    body=OrderCancellation,
    hears=("reason",),
    reply=OrderDetail,
    subject=subjects.ORDER,
    roles=Roles.SIGNED_IN,
    refuses=(OrderEnded,),
)
async def cancel_order(
    order_id: int, body: OrderCancellation, caller: Caller, dependencies: Dependencies, now: Moment
) -> OrderDetail:
    """Cancel the caller's own order before it is handed over; points, goods and the month's allowance are released."""
    ended = await cancellation.cancel(order_id, reason=body.reason, by=caller.person_id, now=now)
    return order_detail(ended, caller.person_id, dependencies, now)
