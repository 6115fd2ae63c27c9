"""Coverage 片区化: which station covers which area, from which day until which."""

from collections.abc import Sequence
from datetime import date, datetime

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from server.database import db
from server.domain import audit, reference, stations
from server.domain.needs import rerouting
from server.domain.staff import Staff
from server.errors import (
    AreaAlreadyCovered,
    AreaNotCovered,
    AreaOutsideCounty,
    CityDeskRequired,
    InvalidStationState,
    NotFound,
    WrongAreaLevel,
)
from server.models import Area, Coverage, Station, StationLevel


@db.transaction
async def cover(
    station_id: int, *, area_ids: Sequence[int], valid_from: date, by: Staff, now: datetime
) -> list[Coverage]:
    """Have the station cover the areas from a day on. Raises `AreaAlreadyCovered` if another of its level does."""
    station = await _begin_change(station_id, by)
    areas = await _existing(area_ids)
    if station.status in stations.ENDING:
        raise InvalidStationState(status=station.status)
    _require_suitable(station, areas)
    rows = Coverage.filter(area_id__in=[area.id for area in areas], level=station.level)
    if taken := await rows.filter(Q(valid_until=None) | Q(valid_until__gt=valid_from)).first():
        raise AreaAlreadyCovered(area=taken.area_id, station=taken.station_id)
    covering = [Coverage(station=station, area=area, level=station.level, valid_from=valid_from) for area in areas]
    await Coverage.bulk_create(covering)
    await _note_and_plan("station.covers", station, areas, day=valid_from, by=by, now=now)
    return covering


@db.transaction
async def uncover(station_id: int, *, area_ids: Sequence[int], valid_until: date, by: Staff, now: datetime) -> None:
    """End the station's coverage of the areas: `valid_until` is the first day on which it no longer holds."""
    station = await _begin_change(station_id, by)
    areas = await _existing(area_ids)
    ids = [area.id for area in areas]
    covering = Coverage.filter(station_id=station_id, area_id__in=ids, current=1)
    if missing := sorted(set(ids) - set(await covering.values_list("area_id", flat=True))):
        raise AreaNotCovered(areas=missing)
    await _end(covering, valid_until)
    await _note_and_plan("station.uncovers", station, areas, day=valid_until, by=by, now=now)


async def end_all(station_id: int, day: date) -> None:
    """End all that the station covers or would cover later, in the transaction that closes it."""
    await _end(Coverage.filter(Q(valid_until=None) | Q(valid_until__gt=day), station_id=station_id), day)


async def _end(covering: QuerySet[Coverage], day: date) -> None:
    # Coverage that would begin later never begins.
    await covering.filter(valid_from__gt=day).update(valid_until=F("valid_from"), current=None)
    await covering.filter(valid_from__lte=day).update(valid_until=day, current=None)


async def of_station(station_id: int, on: date) -> list[Coverage]:
    """Return what the station covers on that day or will cover later, with the areas, by their ids."""
    everything = [row for rows in (await reference.snapshot()).coverage.values() for row in rows]
    lasting = [row for row in everything if row.valid_until is None or row.valid_until > on]
    return sorted((row for row in lasting if row.station_id == station_id), key=lambda row: row.area_id)


async def _begin_change(station_id: int, by: Staff) -> Station:
    station = await stations.begin_change(station_id, by)
    if station.level == StationLevel.CITY_DESK:
        raise CityDeskRequired
    return station


async def _existing(area_ids: Sequence[int]) -> list[Area]:
    wanted = sorted(set(area_ids))
    areas = await Area.filter(id__in=wanted).order_by("id")
    if missing := sorted(set(wanted) - {area.id for area in areas}):
        raise NotFound(kind="area", ids=missing)
    return areas


def _require_suitable(station: Station, areas: Sequence[Area]) -> None:
    wrong = [
        area.id
        for area in areas
        if area.level not in stations.AREA_LEVELS[station.level] or area.valid_until is not None
    ]
    if wrong:
        raise WrongAreaLevel(areas=wrong)
    outside = [area.id for area in areas if station.county_id not in (area.id, *area.ancestor_ids)]
    if outside:
        raise AreaOutsideCounty(areas=outside)


async def _note_and_plan(
    action: str, station: Station, areas: Sequence[Area], *, day: date, by: Staff, now: datetime
) -> None:
    """Note the change, and plan the job that moves what waits in the areas now or on the day it takes effect."""
    ids = [area.id for area in areas]
    await audit.note(action, f"station:{station.id}", by=by.person_id, now=now, areas=ids, day=day.isoformat())
    await rerouting.plan(station.id, day=day, now=now)
