"""Open, suspend and close stations, and change what they offer.

Each verb changes the set-up, which takes a moment, and plans a job: the needs follow in portions, see
`needs/rerouting.py`. Activities and volunteers of a closed station come last.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from server.database import db
from server.domain import audit, coverage, job_queue, reference, staff, stations
from server.domain.activities import station_closing
from server.domain.duty import leaving
from server.domain.needs import rerouting
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff, StationStaff
from server.errors import CategoryNotAvailable, CityDeskRequired, InvalidStationState, StationNotReady
from server.models import Category, Coverage, Station, StationCategory, StationLevel, StationStatus

S = StationStatus

TRANSITIONS: dict[StationStatus, frozenset[StationStatus]] = {
    S.PLANNED: frozenset({S.OPEN, S.CLOSING}),
    S.OPEN: frozenset({S.SUSPENDED, S.CLOSING}),
    S.SUSPENDED: frozenset({S.OPEN, S.CLOSING}),
    # Closed by the job that moved the last need.
    S.CLOSING: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
}


# The people with whom a station opens. The head of a room may be that of its town station.
LEAST_PEOPLE = {
    StationLevel.COMMUNITY_ROOM: ("social_worker",),
    StationLevel.TOWN_STATION: ("head", "social_worker"),
    StationLevel.HEAD_STATION: ("head", "social_worker"),
}


@db.transaction
async def open_station(station_id: int, *, by: Staff, now: datetime) -> Station:
    """Open a planned or suspended station. A job moves waiting needs of the areas it covers to it.

    Raises `StationNotReady` without a phone, an address, coverage, or its people.
    """
    station = await _set_status(station_id, S.OPEN, "", by, now)
    people, covering = await staff.of_station(station_id), await coverage.of_station(station_id, stations.today(now))
    if missing := _missing(station, people, covering):
        raise StationNotReady(missing=missing)
    await rerouting.plan(station_id, now=now)
    return station


def _missing(station: Station, people: StationStaff, covering: Collection[Coverage]) -> list[str]:
    """Return what the station lacks to be opened."""
    others = set(people.workers) - set(people.heads)
    there = {
        "phone": bool(station.phone),
        "address": bool(station.address),
        "coverage": bool(covering),
        "head": bool(people.heads),
        # A head who works alone in a room is its social worker.
        "social_worker": bool(others or (station.level == StationLevel.COMMUNITY_ROOM and people.heads)),
    }
    wanted = ("phone", "address", "coverage", *LEAST_PEOPLE[station.level])
    return [name for name in wanted if not there[name]]


@db.transaction
async def suspend(station_id: int, *, reason: str, by: Staff, now: datetime) -> Station:
    """Suspend an open station. A job moves its open needs; its activities stay with its staff."""
    station = await _set_status(station_id, S.SUSPENDED, reason, by, now)
    await leaving.free_station(station_id, by=by.person_id, now=now)
    await rerouting.plan(station_id, now=now)
    await station_closing.notify_unsettled(station, by=by.person_id, now=now)
    return station


@db.transaction
async def close(station_id: int, *, reason: str, by: Staff, now: datetime) -> Station:
    """Begin to close a station for good. Its coverage ends, nothing new begins there, and a job moves its open needs.

    Its people serve each need until it has moved. The station is closed after the last one, see `finish_closing`.
    """
    station = await _set_status(station_id, S.CLOSING, reason, by, now)
    await coverage.end_all(station_id, stations.today(now))
    await leaving.free_station(station_id, by=by.person_id, now=now)
    await rerouting.plan(station_id, now=now)
    return station


async def finish_closing(station_id: int, *, now: datetime) -> None:
    """Close a closing station that has no needs any more. Volunteers move, and activities to come are cancelled.

    Each step may be repeated, so a job that was killed between them does both again.
    """
    status = (await stations.get(station_id)).status
    if status == S.CLOSED or (status == S.CLOSING and await _set_closed(station_id, now=now)):
        await _plan_follow_ups(station_id, now=now)


@db.transaction
async def _set_closed(station_id: int, *, now: datetime) -> bool:
    """Close the station, unless it has a need. Return whether it was closed."""
    # From here on nothing is filed, referred or reopened, so no need comes to the station after the question.
    await reference.begin_change()
    if await rerouting.has_needs(station_id):
        await rerouting.plan(station_id, now=now)
        return False
    if await Station.filter(id=station_id, status=S.CLOSING).update(status=S.CLOSED):
        await audit.note(f"station.{S.CLOSED}", f"station:{station_id}", by=None, now=now, before=S.CLOSING)
    return True


@db.transaction
async def _plan_follow_ups(station_id: int, *, now: datetime) -> None:
    await job_queue.plan("move_volunteers", station_id, due=now)
    await station_closing.plan_cancellations(station_id, now=now)


@db.transaction
async def put_categories(station_id: int, *, codes: Sequence[str], by: Staff, now: datetime) -> Station:
    """Replace the categories a station offers. A job moves waiting needs of its areas to where they are served now."""
    station = await _begin_change(station_id, by)
    if station.status in stations.ENDING:
        raise InvalidStationState(status=station.status)
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
        await rerouting.plan(station_id, now=now)
    return station


async def _begin_change(station_id: int, by: Staff) -> Station:
    """Begin a change of the set-up. Return the station. Raises `CityDeskRequired` for the city desk."""
    station = await stations.begin_change(station_id, by)
    if station.level == StationLevel.CITY_DESK:
        raise CityDeskRequired
    return station


async def _set_status(station_id: int, to: StationStatus, reason: str, by: Staff, now: datetime) -> Station:
    station = await _begin_change(station_id, by)
    before = station.status
    allowed = [status for status, reached in TRANSITIONS.items() if to in reached]
    if not await Station.filter(id=station_id, status__in=allowed).update(status=to):
        raise InvalidStationState(status=before)
    await audit.note(f"station.{to}", f"station:{station_id}", by=by.person_id, now=now, before=before, reason=reason)
    return station.update_from_dict({"status": to})


def allowed_actions(station: Station, people: StationStaff, covering: Collection[Coverage], *, by: Staff) -> list[str]:
    """Return the steps that the caller can take on the station now, each by its path after the station's.

    `people` are those of the station, and `covering` is what it covers today and later.
    """
    is_officer = stations.is_officer_of(station, by)
    changes = is_officer and station.level != StationLevel.CITY_DESK
    goes_on, following = changes and station.status not in stations.ENDING, TRANSITIONS[station.status]
    may = {
        "changes": is_officer or station.id in by.head_of,
        "opening": changes and S.OPEN in following and not _missing(station, people, covering),
        "suspension": changes and S.SUSPENDED in following,
        "closing": changes and S.CLOSING in following,
        "categories": goes_on,
        "coverage": goes_on,
        "coverage/ending": changes and any(row.current for row in covering),
    }
    return [name for name, allowed in may.items() if allowed]
