"""Open, suspend and close stations, and change what they offer: needs, activities and volunteers follow."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, job_queue, stations
from server.domain.activities import station_closing
from server.domain.needs import rerouting
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.errors import CategoryNotAvailable, CityDeskRequired, InvalidStationState
from server.models import Category, Coverage, Station, StationCategory, StationLevel, StationStatus

S = StationStatus

TRANSITIONS: dict[StationStatus, frozenset[StationStatus]] = {
    S.PLANNED: frozenset({S.OPEN, S.CLOSED}),
    S.OPEN: frozenset({S.SUSPENDED, S.CLOSED}),
    S.SUSPENDED: frozenset({S.OPEN, S.CLOSED}),
    S.CLOSED: frozenset(),
}


@db.transaction
async def open_station(station_id: int, *, by: Staff, now: datetime) -> Station:
    """Open a planned or suspended station. Waiting needs of the areas it covers are routed to it."""
    station = await _set_status(station_id, S.OPEN, "", by, now)
    await rerouting.reroute(station_id=None, area_ids=await _covered(station_id), now=now)
    return station


@db.transaction
async def suspend(station_id: int, *, reason: str, by: Staff, now: datetime) -> Station:
    """Suspend an open station. Its open needs are re-routed; its activities stay with its staff."""
    station = await _set_status(station_id, S.SUSPENDED, reason, by, now)
    await rerouting.reroute(station_id=station_id, area_ids=[], now=now)
    await station_closing.notify_unsettled(station, by=by.person_id, now=now)
    return station


@db.transaction
async def close(station_id: int, *, reason: str, by: Staff, now: datetime) -> Station:
    """Close a station for good. Its coverage ends and its open needs are re-routed.

    A job cancels its activities that have not begun.
    """
    station = await _set_status(station_id, S.CLOSED, reason, by, now)
    day = stations.today(now)
    covering = Coverage.filter(Q(valid_until=None) | Q(valid_until__gt=day), station_id=station_id)
    await covering.update(valid_until=day, current=None)
    await rerouting.reroute(station_id=station_id, area_ids=[], now=now)
    await job_queue.plan("move_volunteers", station_id, due=now)
    await station_closing.plan_cancellations(station_id, now=now)
    return station


@db.transaction
async def put_categories(station_id: int, *, codes: Sequence[str], by: Staff, now: datetime) -> Station:
    """Replace the categories a station offers. Waiting needs of its areas go to the station that then offers them."""
    station = await _lock(station_id, by)
    wanted = await Category.filter(code__in=codes, active=True)
    if unknown := sorted(set(codes) - {category.code for category in wanted}):
        raise CategoryNotAvailable(categories=unknown)
    await StationCategory.filter(station_id=station_id).delete()
    await StationCategory.bulk_create(
        StationCategory(station_id=station_id, category_id=category.id)
        for category in wanted
        if category.code != NOT_SURE  # every station offers that one
    )
    await audit.note("station.offers", f"station:{station_id}", by=by.person_id, now=now, codes=sorted(set(codes)))
    if station.status == S.OPEN:
        await rerouting.reroute(station_id=None, area_ids=await _covered(station_id), now=now)
    return station


async def _lock(station_id: int, by: Staff) -> Station:
    """Begin a change of the set-up and lock the station. Raises `CityDeskRequired` for the city desk."""
    station = await stations.lock_by_officer(station_id, by)
    if station.level == StationLevel.CITY_DESK:
        raise CityDeskRequired
    return station


async def _set_status(station_id: int, to: StationStatus, reason: str, by: Staff, now: datetime) -> Station:
    station = await _lock(station_id, by)
    before = station.status
    allowed = [status for status, reached in TRANSITIONS.items() if to in reached]
    if not await Station.filter(id=station_id, status__in=allowed).update(status=to):
        raise InvalidStationState(status=before)
    await audit.note(f"station.{to}", f"station:{station_id}", by=by.person_id, now=now, before=before, reason=reason)
    return station.update_from_dict({"status": to})


async def _covered(station_id: int) -> list[int]:
    return [row.area_id for row in await Coverage.filter(station_id=station_id, current=1).order_by("area_id")]
