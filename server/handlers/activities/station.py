"""Activities as their staff read them."""

from miniprogram_contract.activities import ActivityRow, StaffActivityFilter
from miniprogram_contract.activities_staff import StaffActivityDetail
from miniprogram_contract.base import Page
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.activities import staff_queries
from server.domain.activities.phases import Phase
from server.domain.activities.public_queries import DayRange
from server.domain.activities.staff_queries import PostPlaces, StationFilter
from server.handlers.activities import public_serializers
from server.handlers.activities.drafts import PATH
from server.handlers.activities.serializers import staff_activity
from server.handlers.http import Caller, Roles, cursor, endpoint


@endpoint("GET", "/station/activities", query=StaffActivityFilter, reply=Page[ActivityRow], roles=Roles.STAFF)
async def list_station_activities(query: StaffActivityFilter, caller: Caller, now: Moment) -> Page[ActivityRow]:
    """Return activities of the caller's stations or county, the latest start first."""
    filter_ = StationFilter([Phase(one) for one in query.phase], query.station)
    days = DayRange(query.from_day, query.until_day, cursor.after(query.after), query.limit)
    found = await staff_queries.list_of_stations(filter_, days, by=caller.scope, now=now)
    places = await staff_queries.count_post_places(found)
    following = cursor.following(found, query.limit, lambda one: (one.starts_at, one.id))
    items = [public_serializers.activity_row(one, places.get(one.id, PostPlaces()), now) for one in found]
    return Page[ActivityRow](items=items, next=following)


@endpoint("GET", PATH, reply=StaffActivityDetail, roles=Roles.STAFF)
async def get_station_activity(
    activity_id: int, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffActivityDetail:
    """Return an activity of the caller's stations or county, drafts too."""
    activity = await staff_queries.get_for_staff(activity_id, by=caller.scope)
    return await staff_activity(activity, caller.scope, dependencies, now)
