"""Coverage: officers set which station covers which areas, and read the gaps."""

from miniprogram_contract.coverage import (
    CommunityGaps,
    CountyGaps,
    CoverageEnding,
    CoverageReport,
    CoverageReportFilter,
    NewCoverage,
    TownGaps,
)
from miniprogram_contract.stations import AreaName, StaffStationDetail
from server.adapters.clock import Moment
from server.domain import coverage, coverage_report, station_search, stations
from server.domain.areas import short_name
from server.domain.coverage_report import CommunityCover, Tally
from server.errors import (
    AreaAlreadyCovered,
    AreaNotCovered,
    AreaOutsideCounty,
    CityDeskRequired,
    InvalidStationState,
    NotFound,
    WrongAreaLevel,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.stations.serializers import area_name, category_name, staff_station
from server.models import Category, StationLevel


@endpoint(
    "POST",
    "/stations/<station_id:int>/coverage",
    body=NewCoverage,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    roles=Roles.OFFICER,
    refuses=(AreaAlreadyCovered, AreaOutsideCounty, WrongAreaLevel, InvalidStationState, CityDeskRequired),
)
async def create_coverage(station_id: int, body: NewCoverage, caller: Caller, now: Moment) -> StaffStationDetail:
    """Have the station cover areas of its county from a day on. Needs that wait there move to it within moments."""
    today = stations.today(now)
    await coverage.cover(
        station_id, area_ids=body.area_ids, valid_from=body.valid_from or today, by=caller.scope, now=now
    )
    return staff_station(await station_search.page(station_id, now=now), caller.scope)


@endpoint(
    "POST",
    "/stations/<station_id:int>/coverage/ending",
    body=CoverageEnding,
    reply=StaffStationDetail,
    subject=subjects.STATION,
    roles=Roles.OFFICER,
    refuses=(AreaNotCovered, CityDeskRequired),
)
async def end_coverage(station_id: int, body: CoverageEnding, caller: Caller, now: Moment) -> StaffStationDetail:
    """End the station's coverage of areas. Needs that wait there move to other stations within moments."""
    today = stations.today(now)
    await coverage.uncover(
        station_id, area_ids=body.area_ids, valid_until=body.valid_until or today, by=caller.scope, now=now
    )
    return staff_station(await station_search.page(station_id, now=now), caller.scope)


@endpoint(
    "GET",
    "/coverage/report",
    query=CoverageReportFilter,
    reply=CoverageReport,
    roles=Roles.OFFICER,
    refuses=(NotFound,),
)
async def get_coverage_report(query: CoverageReportFilter, caller: Caller, now: Moment) -> CoverageReport:
    """Show where no station is open and what goes to the city desk, in the caller's counties."""
    on, in_use = stations.today(now), await coverage_report.categories()
    communities = await coverage_report.of_town(query.town, caller.scope, on=on) if query.town else []
    counties = [] if query.town else await coverage_report.by_county(caller.scope, on=on)
    return CoverageReport(
        counties=[_county(one) for one in counties],
        communities=[_community(one, in_use) for one in communities],
        categories_not_offered=[
            category_name(one) for one in await coverage_report.categories_not_offered(caller.scope)
        ],
    )


def _town(tally: Tally) -> TownGaps:
    return TownGaps(
        area=AreaName(id=tally.area_id, name=short_name(tally.name)),
        communities=tally.communities,
        without_community_room=tally.without_community_room,
        without_town_station=tally.without_town_station,
        with_uncovered_categories=tally.with_uncovered_categories,
        needs_at_city_desk=tally.needs_at_city_desk,
    )


def _county(tally: Tally) -> CountyGaps:
    towns = [_town(part) for part in tally.parts.values()]
    return CountyGaps(**dict(_town(tally)), towns=towns)


def _community(cover: CommunityCover, in_use: dict[int, Category]) -> CommunityGaps:
    return CommunityGaps(
        area=area_name(cover.area),
        has_community_room=StationLevel.COMMUNITY_ROOM in cover.levels,
        has_town_station=StationLevel.TOWN_STATION in cover.levels,
        uncovered_categories=[
            category_name(in_use[category_id]) for category_id in in_use if category_id in cover.uncovered
        ],
        needs_at_city_desk=cover.needs_at_city_desk,
    )
