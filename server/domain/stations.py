"""Stations 社会工作服务站点: create and change them, find the one above another. Opening: station_lifecycle.py."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, reference, wordings
from server.domain.coordinates import Point
from server.domain.reference import Snapshot
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import (
    NotAllowed,
    NotFound,
    OfficerFields,
    WrongAreaLevel,
)
from server.models import (
    Area,
    AreaLevel,
    Station,
    StationLevel,
    StationStatus,
)

S = StationStatus

# The levels of area in which a station of each level is, and which it may cover.
# Plan rule 2: a station serves a cluster of areas.
AREA_LEVELS: dict[StationLevel, frozenset[AreaLevel]] = {
    StationLevel.COMMUNITY_ROOM: frozenset({AreaLevel.COMMUNITY}),
    StationLevel.TOWN_STATION: frozenset({AreaLevel.TOWN, AreaLevel.COMMUNITY}),
    StationLevel.HEAD_STATION: frozenset({AreaLevel.COUNTY}),
}
# Stations in these states get no coverage, staff or teams any more.
ENDING = frozenset({S.CLOSING, S.CLOSED})
HEAD_FIELDS = frozenset({"opening_hours", "phone", "duty_phone"})


@dataclass(frozen=True)
class StationFacts:
    """The facts of a new station: its level, its place, its name or "", and the text of its page."""

    level: StationLevel
    area_id: int
    name: str
    page: dict[str, Any]


def today(now: datetime) -> date:
    """Return the day in Shanghai. Coverage begins and ends with days."""
    return now.astimezone(SHANGHAI).date()


@db.transaction
async def create(new: StationFacts, *, by: Staff, now: datetime) -> Station:
    """Create a planned station 筹建 that offers and covers nothing yet; without a name it gets that of its place.

    Raises `NotAllowed` outside the counties.
    """
    await reference.begin_change()
    area = await Area.get_or_none(id=new.area_id)
    if area is None:
        raise NotFound(kind="area", ids=[new.area_id])
    if area.level not in AREA_LEVELS[new.level] or area.valid_until is not None:
        raise WrongAreaLevel(areas=[area.id])
    county_id = await _county_of(area)
    if not (by.is_city or county_id in by.county_ids):
        raise NotAllowed
    station = await Station.create(
        level=new.level,
        status=S.PLANNED,
        name=new.name or f"{area.name}{wordings.level_name(new.level)}",
        area=area,
        county_id=county_id,
        **_columns(new.page),
    )
    await audit.note("station.founded", f"station:{station.id}", by=by.person_id, now=now, area=area.id)
    return station


@db.transaction
async def set_up_city_desk(area_id: int, *, name: str, now: datetime) -> Station:
    """Return the city desk, created open if there is none. For administrators; it may be repeated."""
    await reference.begin_change(areas=True)
    city = await Area.get_or_none(id=area_id, level=AreaLevel.CITY)
    if city is None:
        raise NotFound(kind="area", ids=[area_id])
    desk = await Station.get_or_none(level=StationLevel.CITY_DESK)
    if desk is None:
        desk = await Station.create(level=StationLevel.CITY_DESK, status=S.OPEN, name=name, area=city)
        await audit.note("station.founded", f"station:{desk.id}", by=None, now=now, area=area_id)
    return desk


@db.transaction
async def change(station_id: int, *, changes: dict[str, Any], by: Staff, now: datetime) -> Station:
    """Change facts of the station's page. Its head may change only hours and phones; others raise `OfficerFields`."""
    await reference.begin_change()
    as_officer = in_counties_of(by)
    # An empty condition would be lost in an "or".
    station = await _get_within(station_id, as_officer if by.is_city else as_officer | Q(id__in=sorted(by.head_of)))
    columns = _columns(changes)
    officer_fields = sorted(set(columns) - HEAD_FIELDS)
    if officer_fields and not await Station.filter(as_officer, id=station_id).exists():
        raise OfficerFields(fields=[f"body.{name}" for name in officer_fields])
    if columns:
        await Station.filter(id=station_id).update(**columns)
        await audit.note("station.changed", f"station:{station_id}", by=by.person_id, now=now, fields=sorted(columns))
    return station.update_from_dict(columns)


async def begin_change(station_id: int, by: Staff) -> Station:
    """Begin a change of the set-up. Return a station of a county the caller is an officer of. Raises `NotFound`."""
    await reference.begin_change()
    return await _get_within(station_id, in_counties_of(by))


async def get(station_id: int) -> Station:
    """Return the station as `reference.station`. Raises `NotFound`."""
    station = await reference.station(station_id)
    if station is None:
        raise NotFound(kind="station", ids=[station_id])
    return station


async def lock_operating(station_id: int) -> bool:
    """Return whether the station is open; it then stays open until the transaction ends."""
    return is_operating(await reference.lock_shared(), station_id)


def is_operating(snapshot: Snapshot, station_id: int) -> bool:
    """Return whether the station is open in this set-up."""
    station = snapshot.stations.get(station_id)
    return station is not None and station.status == S.OPEN


async def headed_by(by: Staff) -> list[int]:
    """Return the ids of the stations whose head the caller is; the city's officers also head the city desk."""
    return sorted({*by.head_of, (await city_desk()).id} if by.is_city else by.head_of) or [0]


async def lock_row(station_id: int) -> None:
    """Lock the station's row: verbs of one station that lock it run one after the other."""
    db.require_transaction()
    await Station.filter(id=station_id).only("id").select_for_update()


async def city_desk() -> Station:
    """Return the one station that takes what no other station takes."""
    desk = (await reference.snapshot()).city_desk
    assert desk is not None, "the city desk is created by the set-up"
    return desk


async def parent_of(station: Station) -> Station:
    """Return the station above, for escalation and appeals: the nearest open one that covers it.

    It is a room's town station, else the county's head station, else the city desk, which is above itself.
    """
    area = await reference.area(station.area_id)
    assert area is not None, "a foreign key"
    return (await reference.snapshot()).parent_of(station, area) or await city_desk()


async def head_station_of(station: Station) -> Station:
    """Return the open head station of the station's county, which may be itself; else the city desk."""
    snapshot = await reference.snapshot()
    covering = snapshot.covering(station.county_id) if station.county_id is not None else []
    row = next((row for row in covering if row.level == StationLevel.HEAD_STATION), None)
    return snapshot.stations[row.station_id] if row else await city_desk()


def is_officer_of(station: Station, by: Staff) -> bool:
    """Return whether the station lies in one of the officer's counties, as `in_counties_of`."""
    return by.is_city or station.county_id in by.county_ids


def in_counties_of(by: Staff) -> Q:
    """Return the condition that a station lies in one of the officer's counties; for the city's officers all do."""
    return Q() if by.is_city else Q(county_id__in=sorted(by.county_ids) or [0])


async def _get_within(station_id: int, scope: Q) -> Station:
    station = await Station.filter(scope, id=station_id).first()
    if station is None:
        raise NotFound
    return station


async def _county_of(area: Area) -> int:
    county = await Area.filter(id__in=[area.id, *area.ancestor_ids], level=AreaLevel.COUNTY).first()
    if county is None:
        raise WrongAreaLevel(areas=[area.id])
    return county.id


def _columns(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page's facts as columns; the place is always in gcj02."""
    columns = dict(page)
    if "place" in columns:
        place: Point | None = columns.pop("place")
        columns["longitude"], columns["latitude"] = place.as_gcj02() if place else (None, None)
    return columns
