"""Stations: find one, and change them as an officer."""

from miniprogram_contract.base import Empty
from miniprogram_contract.stations import (
    NewStation,
    OfferedCategories,
    StaffStationDetail,
    StationChanges,
    StationDetail,
    StationFilter,
    StationSearchResult,
    StationStatusReason,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain import coordinates, routing, station_lifecycle, station_search, stations
from server.domain.coordinates import Coordinates, Point
from server.domain.stations import StationFacts
from server.errors import (
    CategoryNotAvailable,
    CityDeskRequired,
    InvalidStationState,
    NotFound,
    OfficerFields,
    StationNotReady,
    WrongAreaLevel,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.stations.serializers import (
    area_name,
    page_of,
    responsible,
    staff_station,
    station_line,
    station_shape,
)
from server.models import Area, StationLevel

NEAREST = 10
PAGE = 50
# Fields of a new station that are no facts of its page.
ELSEWHERE = ("level", "area_id", "name")


@endpoint("GET", "/stations", query=StationFilter, reply=StationSearchResult, roles=Roles.ANYONE, refuses=(NotFound,))
async def find_stations(query: StationFilter, dependencies: Dependencies, now: Moment) -> StationSearchResult:
    """Find the station responsible for a community, those near a point, or all of a county."""
    if query.covering is not None:
        return await _responsible(query.covering, query.category, now)
    if query.county is not None:
        return await _of_county(query.county, query.after or 0)
    assert query.longitude is not None
    assert query.latitude is not None
    assert query.coordinates is not None
    return await _nearby(Point(query.longitude, query.latitude, Coordinates(query.coordinates)), dependencies)


async def _responsible(area_id: int, code: str, now: Moment) -> StationSearchResult:
    found = responsible(*await routing.explained(area_id, code, stations.today(now)))
    return StationSearchResult(responsible=found, county=None, items=[])


async def _of_county(county_id: int, after: int) -> StationSearchResult:
    found = await station_search.of_county(county_id, after=after, limit=PAGE)
    following = str(found[-1].id) if len(found) == PAGE else None
    return StationSearchResult(
        responsible=None, county=None, items=[station_line(one) for one in found], next=following
    )


async def _nearby(point: Point, dependencies: Dependencies) -> StationSearchResult:
    near = await station_search.nearby(point, limit=NEAREST)
    county = await _county_around(point, dependencies)
    return StationSearchResult(
        responsible=None,
        county=area_name(county) if county else None,
        items=[station_line(one.station, one.metres) for one in near],
    )


async def _county_around(point: Point, dependencies: Dependencies) -> Area | None:
    code = dependencies.county_borders.county_code(gcj02=point.as_gcj02(), wgs84=point.as_wgs84())
    return await coordinates.county_of_code(code) if code else None


@endpoint("GET", "/stations/<station_id:int>", reply=StationDetail, roles=Roles.ANYONE)
async def get_station(station_id: int, now: Moment) -> StationDetail:
    """Show the public page of a station."""
    return station_shape(await station_search.page(station_id, now=now))


@endpoint(
    "POST",
    "/stations",
    body=NewStation,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    status=201,
    roles=Roles.OFFICER,
    refuses=(NotFound, WrongAreaLevel),
)
async def create_station(body: NewStation, caller: Caller, now: Moment) -> StaffStationDetail:
    """Create a planned station in one of the caller's counties."""
    facts = StationFacts(StationLevel(body.level), body.area_id, body.name, page_of(body, besides=ELSEWHERE))
    made = await stations.create(facts, by=caller.scope, now=now)
    return await _staff_page(made.id, caller, now)


@endpoint(
    "POST",
    "/stations/<station_id:int>/changes",
    body=StationChanges,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    roles=Roles.STAFF,
    refuses=(OfficerFields,),
)
async def change_station(station_id: int, body: StationChanges, caller: Caller, now: Moment) -> StaffStationDetail:
    """Change the station's page: officers of its county all of it, its head hours and phones."""
    await stations.change(station_id, changes=page_of(body), by=caller.scope, now=now)
    return await _staff_page(station_id, caller, now)


@endpoint(
    "POST",
    "/stations/<station_id:int>/opening",
    body=Empty,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    roles=Roles.OFFICER,
    refuses=(InvalidStationState, CityDeskRequired, StationNotReady),
)
async def open_station(station_id: int, body: Empty, caller: Caller, now: Moment) -> StaffStationDetail:  # noqa: ARG001
    """Open a planned or suspended station. Needs that wait in its areas move to it within moments."""
    await station_lifecycle.open_station(station_id, by=caller.scope, now=now)
    return await _staff_page(station_id, caller, now)


@endpoint(
    "POST",
    "/stations/<station_id:int>/suspension",
    body=StationStatusReason,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    roles=Roles.OFFICER,
    refuses=(InvalidStationState, CityDeskRequired),
)
async def suspend_station(
    station_id: int, body: StationStatusReason, caller: Caller, now: Moment
) -> StaffStationDetail:
    """Suspend an open station. Its open needs move to other stations within moments, and are served until then."""
    await station_lifecycle.suspend(station_id, reason=body.reason, by=caller.scope, now=now)
    return await _staff_page(station_id, caller, now)


@endpoint(
    "POST",
    "/stations/<station_id:int>/closing",
    body=StationStatusReason,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    roles=Roles.OFFICER,
    refuses=(InvalidStationState, CityDeskRequired),
)
async def close_station(station_id: int, body: StationStatusReason, caller: Caller, now: Moment) -> StaffStationDetail:
    """Begin to close a station for good: its coverage ends and nothing new begins there.

    It is `closing` while its open needs move to other stations, within moments, and then `closed`. Its people serve
    each need until it has moved.
    """
    await station_lifecycle.close(station_id, reason=body.reason, by=caller.scope, now=now)
    return await _staff_page(station_id, caller, now)


@endpoint(
    "PUT",
    "/stations/<station_id:int>/categories",
    body=OfferedCategories,
    reply=StaffStationDetail,
    roles=Roles.OFFICER,
    refuses=(CategoryNotAvailable, CityDeskRequired, InvalidStationState),
)
async def set_station_categories(
    station_id: int, body: OfferedCategories, caller: Caller, now: Moment
) -> StaffStationDetail:
    """Set the categories the station offers from now on. Needs that wait in its areas move within moments."""
    await station_lifecycle.put_categories(station_id, codes=body.categories, by=caller.scope, now=now)
    return await _staff_page(station_id, caller, now)


async def _staff_page(station_id: int, caller: Caller, now: Moment) -> StaffStationDetail:
    return staff_station(await station_search.page(station_id, now=now), caller.scope)
