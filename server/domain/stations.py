"""Stations 社会工作服务站点: founding, changing, opening, suspending and closing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, job_queue
from server.domain.activities import station_closing
from server.domain.coordinates import Point
from server.domain.needs import rerouting
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import (
    Busy,
    CategoryNotAvailable,
    CityDeskRequired,
    InvalidStationState,
    NotAllowed,
    NotFound,
    OfficerFields,
    WrongAreaLevel,
)
from server.models import (
    Area,
    AreaLevel,
    Category,
    Coverage,
    Station,
    StationCategory,
    StationLevel,
    StationStatus,
)

S = StationStatus

MOVES: dict[StationStatus, frozenset[StationStatus]] = {
    S.PLANNED: frozenset({S.OPEN, S.CLOSED}),
    S.OPEN: frozenset({S.SUSPENDED, S.CLOSED}),
    S.SUSPENDED: frozenset({S.OPEN, S.CLOSED}),
    S.CLOSED: frozenset(),
}
# Where a station of each level stands, and what it may cover. Plan rule 2: one for a cluster of areas.
STANDS_IN: dict[StationLevel, frozenset[AreaLevel]] = {
    StationLevel.ROOM: frozenset({AreaLevel.COMMUNITY}),
    StationLevel.TOWN: frozenset({AreaLevel.TOWN, AreaLevel.COMMUNITY}),
    StationLevel.HEAD: frozenset({AreaLevel.COUNTY}),
}
# Above a room stand, nearest first, the town station and the head station; above all of them the city desk.
ABOVE: dict[StationLevel, tuple[StationLevel, ...]] = {
    StationLevel.ROOM: (StationLevel.TOWN, StationLevel.HEAD),
    StationLevel.TOWN: (StationLevel.HEAD,),
    StationLevel.HEAD: (),
    StationLevel.CITY_DESK: (),
}
HEADS_OWN = frozenset({"opening_hours", "phone", "duty_phone"})


@dataclass(frozen=True)
class Founding:
    """A station to be: which level, where, and what its page will say."""

    level: StationLevel
    area_id: int
    name: str
    page: dict[str, Any]


def today(now: datetime) -> date:
    """Return the day in Shanghai: coverage begins and ends with days."""
    return now.astimezone(SHANGHAI).date()


@db.transaction
async def found(founding: Founding, *, by: Staff, now: datetime) -> Station:
    """Found a planned station 筹建, which offers and covers nothing yet; NotAllowed in others' counties."""
    area = await Area.get_or_none(id=founding.area_id)
    if area is None:
        raise NotFound(kind="area", ids=[founding.area_id])
    if area.level not in STANDS_IN[founding.level] or area.valid_until is not None:
        raise WrongAreaLevel(areas=[area.id])
    county_id = await _county_of(area)
    if not (by.is_city or county_id in by.county_ids):
        raise NotAllowed
    station = await Station.create(
        level=founding.level,
        status=S.PLANNED,
        name=founding.name,
        area=area,
        county_id=county_id,
        **_columns(founding.page),
    )
    await audit.note("station.founded", f"station:{station.id}", by=by.person_id, now=now, area=area.id)
    return station


@db.transaction
async def set_up_city_desk(area_id: int, *, name: str, now: datetime) -> Station:
    """Return the city desk, made open when there is none: the operator's verb, it may be called again."""
    city = await Area.filter(id=area_id, level=AreaLevel.CITY).select_for_update().first()
    if city is None:
        raise NotFound(kind="area", ids=[area_id])
    desk = await Station.get_or_none(level=StationLevel.CITY_DESK)
    if desk is None:
        desk = await Station.create(level=StationLevel.CITY_DESK, status=S.OPEN, name=name, area=city)
        await audit.note("station.founded", f"station:{desk.id}", by=None, now=now, area=area_id)
    return desk


@db.transaction
async def edit(station_id: int, *, changes: dict[str, Any], by: Staff, now: datetime) -> Station:
    """Write the given facts of the station's page; its head may change hours and phones alone."""
    as_officer = in_counties_of(by)
    # An empty condition would be lost in an "or".
    station = await _held(station_id, as_officer if by.is_city else as_officer | Q(id__in=sorted(by.head_of)))
    columns = _columns(changes)
    beyond = sorted(set(columns) - HEADS_OWN)
    if beyond and not await Station.filter(as_officer, id=station_id).exists():
        raise OfficerFields(fields=[f"body.{name}" for name in beyond])
    if columns:
        await Station.filter(id=station_id).update(**columns)
        await audit.note("station.changed", f"station:{station_id}", by=by.person_id, now=now, fields=sorted(columns))
    return station.update_from_dict(columns)


@db.transaction
async def open_station(station_id: int, *, by: Staff, now: datetime) -> Station:
    """Open a planned or suspended station; waiting needs of the areas it covers come to it."""
    station = await _turn(station_id, S.OPEN, "", by, now)
    await rerouting.reroute(station_id=None, area_ids=await _covered(station_id), now=now)
    return station


@db.transaction
async def suspend(station_id: int, *, reason: str, by: Staff, now: datetime) -> Station:
    """Suspend an open station; its open needs go to who is responsible without it, its activities stay its staff's."""
    station = await _turn(station_id, S.SUSPENDED, reason, by, now)
    await rerouting.reroute(station_id=station_id, area_ids=[], now=now)
    await station_closing.station_pauses(station, by=by.person_id, now=now)
    return station


@db.transaction
async def close(station_id: int, *, reason: str, by: Staff, now: datetime) -> Station:
    """Close a station for good; its coverage ends, its open needs go to who is responsible without it.

    Activities of it that have not begun are cancelled by the worker.
    """
    station = await _turn(station_id, S.CLOSED, reason, by, now)
    day = today(now)
    covering = Coverage.filter(Q(valid_until=None) | Q(valid_until__gt=day), station_id=station_id)
    await covering.update(valid_until=day, current=None)
    await rerouting.reroute(station_id=station_id, area_ids=[], now=now)
    await job_queue.plan("move_volunteers", station_id, due=now)
    await station_closing.station_closes(station_id, now=now)
    return station


@db.transaction
async def offer(station_id: int, *, codes: Sequence[str], by: Staff, now: datetime) -> Station:
    """Replace what the station offers; waiting needs of the areas it covers go to who then offers them."""
    station = await _held_with_areas(station_id, by)
    wanted = await Category.filter(code__in=codes, active=True)
    if unknown := sorted(set(codes) - {category.code for category in wanted}):
        raise CategoryNotAvailable(categories=unknown)
    await StationCategory.filter(station_id=station_id).delete()
    await StationCategory.bulk_create(
        StationCategory(station_id=station_id, category_id=category.id)
        for category in wanted
        if category.code != NOT_SURE  # everybody offers that one anyway
    )
    await audit.note("station.offers", f"station:{station_id}", by=by.person_id, now=now, codes=sorted(set(codes)))
    if station.status == S.OPEN:
        await rerouting.reroute(station_id=None, area_ids=await _covered(station_id), now=now)
    return station


async def held_by_officer(station_id: int, by: Staff) -> Station:
    """Return the station, locked, of a county the caller is an officer of; NotFound otherwise."""
    return await _held(station_id, in_counties_of(by))


async def hold_open(station_id: int) -> bool:
    """Whether the station is open; it then stays so until the transaction ends."""
    # Shared: who only relies on it does not queue behind another who does.
    await db.share("station", [station_id])
    return await Station.filter(id=station_id, status=S.OPEN).exists()


async def city_desk() -> Station:
    """Return the one station that takes what nobody else does."""
    return await Station.get(level=StationLevel.CITY_DESK)


async def parent_of(station: Station) -> Station:
    """Return who stands above the station, for escalation and appeals: the nearest open one that covers it.

    A room's town station, else the county's head station, else the city desk, which stands above itself.
    """
    area = await Area.get(id=station.area_id)
    within = [area.id, *reversed(area.ancestor_ids)]
    above = Coverage.filter(area_id__in=within, level__in=ABOVE[station.level], current=1, station__status=S.OPEN)
    found = [row for row in await above.select_related("station") if row.station_id != station.id]
    if not found:
        return await city_desk()
    nearest = min(found, key=lambda row: (ABOVE[station.level].index(row.level), within.index(row.area_id)))
    return nearest.station


async def head_station_of(station: Station) -> Station:
    """Return the open head station of the station's county, which may be itself; else the city desk."""
    row = (
        await Coverage.filter(area_id=station.county_id, level=StationLevel.HEAD, current=1, station__status=S.OPEN)
        .select_related("station")
        .first()
    )
    return row.station if row else await city_desk()


async def hold_areas(area_ids: Sequence[int]) -> list[Area]:
    """Lock the areas that exist, by their ids; always before a station, as those do who file needs."""
    return await Area.filter(id__in=area_ids).order_by("id").select_for_update()


def in_counties_of(by: Staff) -> Q:
    """Return the condition that a station lies in an officer's county; all of them do for the city's."""
    return Q() if by.is_city else Q(county_id__in=sorted(by.county_ids) or [0])


async def _held(station_id: int, scope: Q) -> Station:
    station = await Station.filter(scope, id=station_id).select_for_update().first()
    if station is None:
        raise NotFound
    return station


async def _held_with_areas(station_id: int, by: Staff) -> Station:
    """Hold the station as `held_by_officer` and the areas it covers; CityDeskRequired for the city desk.

    Needs that are being filed share the areas' rows: each is seen by the re-routing, or sees what we changed.
    """
    covered = await _covered(station_id)
    await hold_areas(covered)
    station = await held_by_officer(station_id, by)
    if station.level == StationLevel.CITY_DESK:
        raise CityDeskRequired
    if await _covered(station_id) != covered:
        raise Busy  # coverage changed before we held the station
    return station


async def _turn(station_id: int, to: StationStatus, reason: str, by: Staff, now: datetime) -> Station:
    station = await _held_with_areas(station_id, by)
    before = station.status
    able = [status for status, reached in MOVES.items() if to in reached]
    if not await Station.filter(id=station_id, status__in=able).update(status=to):
        raise InvalidStationState(status=before)
    await audit.note(f"station.{to}", f"station:{station_id}", by=by.person_id, now=now, before=before, reason=reason)
    return station.update_from_dict({"status": to})


async def _county_of(area: Area) -> int:
    county = await Area.filter(id__in=[area.id, *area.ancestor_ids], level=AreaLevel.COUNTY).first()
    if county is None:
        raise WrongAreaLevel(areas=[area.id])
    return county.id


async def _covered(station_id: int) -> list[int]:
    return [row.area_id for row in await Coverage.filter(station_id=station_id, current=1).order_by("area_id")]


def _columns(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page's facts as the table keeps them: a place always in gcj02."""
    columns = dict(page)
    if "place" in columns:
        place: Point | None = columns.pop("place")
        columns["longitude"], columns["latitude"] = place.as_gcj02() if place else (None, None)
    return columns
