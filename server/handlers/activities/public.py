"""The public list and pages of activities, without sign-in."""

from miniprogram_contract.activities import ActivityDetail, ActivityFilter, ActivitySummary
from miniprogram_contract.base import Page
from miniprogram_contract.bookings import BookingDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.activities import public_queries
from server.domain.activities.public_queries import DayRange, SearchFilter, search
from server.domain.bookings import queries as bookings
from server.errors import NotFound
from server.handlers.activities import public_serializers
from server.handlers.bookings.serializers import booking_detail
from server.handlers.http import Caller, Roles, cursor, endpoint

PATH = "/activities/<activity_id:int>"


@endpoint(
    "GET",
    "/activities",
    query=ActivityFilter,
    reply=Page[ActivitySummary],
    roles=Roles.ANYONE,
    refuses=(NotFound,),
)
async def list_activities(query: ActivityFilter, dependencies: Dependencies, now: Moment) -> Page[ActivitySummary]:
    """Return listed activities, the earliest start first, without drafts and cancelled ones; no sign-in needed."""
    filter_ = SearchFilter(query.area, query.category, query.station, query.query or "")
    days = DayRange(query.from_day, query.until_day, cursor.after(query.after), query.limit)
    rows = await search(filter_, days, now=now)
    photos = await public_queries.cover_photos(rows)
    following = cursor.following(rows, query.limit, lambda one: (one.starts_at, one.id))
    items = [public_serializers.activity_summary(one, photos.get(one.id), dependencies, now) for one in rows]
    return Page[ActivitySummary](items=items, next=following)


@endpoint("GET", PATH, reply=ActivityDetail, roles=Roles.ANYONE)
async def get_activity(activity_id: int, dependencies: Dependencies, now: Moment) -> ActivityDetail:
    """Return one activity, also a finished or cancelled one; no sign-in needed."""
    return public_serializers.activity_detail(await public_queries.get_page(activity_id, now=now), dependencies, now)


@endpoint("GET", PATH + "/my-booking", reply=BookingDetail | None)
async def get_own_booking(activity_id: int, caller: Caller, now: Moment) -> BookingDetail | None:
    """Show the caller's current booking of the activity, also one made for them; null: none."""
    booking = await bookings.get_current(activity_id, caller.person_id, now=now)
    return booking_detail(booking, caller.person_id, now) if booking is not None else None
