"""The list of a station's own activities."""

from miniprogram_contract.activities import ActivityRow, StaffActivityFilter
from miniprogram_contract.base import Page
from server.adapters.clock import Moment
from server.domain.activities import queries
from server.domain.activities.phases import Phase
from server.domain.activities.public_queries import Days
from server.domain.activities.queries import Kept, Places
from server.handlers.activities import public_serializers
from server.handlers.http import Caller, Roles, cursor, endpoint


@endpoint("GET", "/station/activities", query=StaffActivityFilter, reply=Page[ActivityRow], roles=Roles.STAFF)
async def list_station_activities(query: StaffActivityFilter, caller: Caller, now: Moment) -> Page[ActivityRow]:
    """Activities of the stations one works for, or of one's county, what begins last first."""
    kept = Kept([Phase(one) for one in query.phase], query.station)
    days = Days(query.from_day, query.until_day, cursor.after(query.after), query.limit)
    found = await queries.of_stations(kept, days, by=caller.scope, now=now)
    places = await queries.places_of(found)
    following = cursor.following(found, query.limit, lambda one: (one.starts_at, one.id))
    items = [public_serializers.station_row(one, places.get(one.id, Places()), now) for one in found]
    return Page[ActivityRow](items=items, next=following)
