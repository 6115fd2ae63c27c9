"""Goods for residents to redeem, and for their stations to manage."""

from collections.abc import Sequence

from miniprogram_contract.base import Page, StaffPageQuery, StationPageQuery
from miniprogram_contract.supermarket import GoodChanges, GoodDetail, GoodFilter, NewGood, StaffGoodDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.supermarket import goods, queries
from server.domain.supermarket.goods import Listing
from server.domain.supermarket.stock import GoodWithStock
from server.errors import GoodExists, HeadRequired, PhotoNotAvailable, UseByPassed
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.supermarket.serializers import good_detail, staff_good_detail, window


@endpoint("GET", "/supermarket/goods", query=GoodFilter, reply=Page[GoodDetail], roles=Roles.ANYONE)
async def list_goods(query: GoodFilter, dependencies: Dependencies, now: Moment) -> Page[GoodDetail]:
    """List the goods that can be redeemed at a station now, newest first."""
    found = await queries.list_offered(query.station, query.query or "", window(query), now=now)
    following = cursor.following(found, query.limit, _place)
    return Page[GoodDetail](items=[good_detail(one, dependencies, now) for one in found], next=following)


@endpoint("GET", "/supermarket/goods/<good_id:int>", reply=GoodDetail, roles=Roles.ANYONE)
async def get_good(good_id: int, dependencies: Dependencies, now: Moment) -> GoodDetail:
    """Return an active good of a station, even without pieces left."""
    return good_detail(await queries.get_offered(good_id, now=now), dependencies, now)


@endpoint("GET", "/station/goods", query=StaffPageQuery, reply=Page[StaffGoodDetail], roles=Roles.STAFF)
async def list_station_goods(
    query: StaffPageQuery, caller: Caller, dependencies: Dependencies, now: Moment
) -> Page[StaffGoodDetail]:
    """List all goods of the caller's stations and counties, newest first."""
    found = await queries.list_for_staff(caller.scope, query.station, window(query))
    return _page(found, cursor.following(found, query.limit, _place), dependencies, now)


@endpoint("GET", "/station/goods/low-stock", query=StaffPageQuery, reply=Page[StaffGoodDetail], roles=Roles.STAFF)
async def list_low_stock_goods(
    query: StaffPageQuery, caller: Caller, dependencies: Dependencies, now: Moment
) -> Page[StaffGoodDetail]:
    """List active goods with at most `low_stock_pieces` left to order, newest first."""
    found = await queries.list_low_stock(caller.scope, query.station, window(query), now=now)
    return _page(found, cursor.following(found, query.limit, _place), dependencies, now)


@endpoint("GET", "/station/goods/near-use-by", query=StationPageQuery, reply=Page[StaffGoodDetail], roles=Roles.STAFF)
async def list_near_use_by_goods(
    query: StationPageQuery, caller: Caller, dependencies: Dependencies, now: Moment
) -> Page[StaffGoodDetail]:
    """List goods of a station with pieces left and a use-by date near (policy `near_expiry_days`) or over."""
    found = await queries.list_near_use_by(caller.scope, query.station, window(query), now=now)
    return _page(found, cursor.following(found, query.limit, queries.use_by_place), dependencies, now)


@endpoint(
    "POST",
    "/station/goods",
    body=NewGood,
    reply=StaffGoodDetail,
    subject=subjects.GOOD,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, GoodExists, UseByPassed, PhotoNotAvailable),
)
async def create_good(body: NewGood, caller: Caller, dependencies: Dependencies, now: Moment) -> StaffGoodDetail:
    """Create a good of a station that the caller heads; pieces come by donations."""
    listing = Listing(**body.model_dump(exclude={"photo_ids"}))
    made = await goods.create(listing, body.photo_ids, by=caller.scope, now=now)
    return staff_good_detail(await queries.get_for_staff(made.id, caller.scope), dependencies, now)


@endpoint("GET", "/station/goods/<good_id:int>", reply=StaffGoodDetail, roles=Roles.STAFF)
async def get_station_good(good_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> StaffGoodDetail:
    """Return a good of the caller's stations or counties."""
    return staff_good_detail(await queries.get_for_staff(good_id, caller.scope), dependencies, now)


@endpoint(
    "POST",
    "/station/goods/<good_id:int>/changes",
    body=GoodChanges,
    reply=StaffGoodDetail,
    subject=subjects.GOOD,
    roles=Roles.STAFF,
    refuses=(HeadRequired, PhotoNotAvailable),
)
async def change_good(
    good_id: int, body: GoodChanges, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffGoodDetail:
    """Change a good of a station that the caller heads."""
    changes = body.model_dump(exclude_unset=True)
    photo_ids = changes.pop("photo_ids", None)
    await goods.change(good_id, changes, photo_ids, by=caller.scope, now=now)
    return staff_good_detail(await queries.get_for_staff(good_id, caller.scope), dependencies, now)


def _place(one: GoodWithStock) -> cursor.Place:
    return one.good.created_at, one.good.id


def _page(
    found: Sequence[GoodWithStock], following: str | None, dependencies: Dependencies, now: Moment
) -> Page[StaffGoodDetail]:
    return Page[StaffGoodDetail](items=[staff_good_detail(one, dependencies, now) for one in found], next=following)
