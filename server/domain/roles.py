"""Roles: who appoints whom, for which station or area, with their history."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, staff
from server.domain.needs import hand_back
from server.domain.staff import Staff
from server.errors import HeadExists, InvalidStationState, NotFound, OwnRole, RoleEnded, RoleHeld, RoleNotGrantable
from server.models import Area, AreaLevel, Person, Role, RoleKind, Station, StationStatus

# Volunteers are approved by their station, not appointed.
STAFF_KINDS = (
    RoleKind.SOCIAL_WORKER,
    RoleKind.STATION_HEAD,
    RoleKind.COUNTY_OFFICER,
    RoleKind.CITY_OFFICER,
)
OF_STATIONS = frozenset({RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD})


@dataclass(frozen=True)
class Appointment:
    """A role to be: of a station for its workers and head, of a county for its officers, else of the city."""

    person_id: int
    kind: RoleKind
    station_id: int | None = None
    county_id: int | None = None

    @property
    def scope(self) -> str:
        if self.kind in OF_STATIONS:
            return f"station:{self.station_id}"
        return f"area:{self.county_id}" if self.kind == RoleKind.COUNTY_OFFICER else "city"


@db.transaction
async def grant(wanted: Appointment, *, by: Staff, now: datetime) -> Role:
    """Appoint somebody, if the caller's own role reaches so far.

    City officers appoint county officers and colleagues, county officers the heads of their stations, heads
    their station's social workers; who stands higher may do what those below may. Nobody appoints themselves.
    """
    if wanted.person_id == by.person_id:
        raise OwnRole
    station = await _station(wanted)
    _must_reach(wanted.kind, station, by)
    return await _appoint(wanted, station, by=by.person_id, now=now)


@db.transaction
async def grant_as_operator(wanted: Appointment, *, now: datetime) -> Role:
    """Appoint somebody without an officer: how a new installation gets its first ones."""
    return await _appoint(wanted, await _station(wanted), by=None, now=now)


@db.transaction
async def end(role_id: int, *, by: Staff, now: datetime) -> Role:
    """End a role, which counts no longer from the next request on. Who may grant it may end it."""
    role = await Role.filter(visible_to(by), id=role_id).select_for_update().first()
    if role is None:
        raise NotFound
    if role.person_id == by.person_id:
        raise OwnRole
    station = await Station.get(id=role.station_id) if role.station_id else None
    _must_reach(role.kind, station, by)
    ended = {"ended_by_id": by.person_id, "ended_at": now, "current": None}
    if not await Role.filter(id=role_id, current=1).update(**ended):
        raise RoleEnded
    if role.station_id is not None and not await staff.works_for(role.person_id, role.station_id):
        await hand_back.hand_back(role.person_id, station_id=role.station_id, by=by.person_id, now=now)
    await audit.note("role.ended", f"role:{role_id}", by=by.person_id, now=now, person=role.person_id, kind=role.kind)
    return await one(role_id)


async def one(role_id: int) -> Role:
    """Return the role with its person, station and area."""
    return await Role.get(id=role_id).select_related("person", "station", "area")


async def listed(
    by: Staff, *, station_id: int | None, area_id: int | None, with_ended: bool, after: int, limit: int
) -> list[Role]:
    """Roles of the stations and counties the caller works for or is an officer of, by their ids."""
    found = Role.filter(visible_to(by), kind__in=STAFF_KINDS, id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    if area_id is not None:
        found = found.filter(Q(area_id=area_id) | Q(station__county_id=area_id))
    if not with_ended:
        found = found.filter(current=1)
    return await found.select_related("person", "station", "area").order_by("id").limit(limit)


def visible_to(by: Staff) -> Q:
    """Return the condition that the caller may know of a staff role: a colleague's, or in their county."""
    if by.is_city:
        return Q()
    colleagues = Q(station_id__in=sorted(by.station_ids) or [0])
    counties = sorted(by.county_ids) or [0]
    return colleagues | Q(station__county_id__in=counties) | Q(area_id__in=counties)


@db.transaction
async def person_of_openid(openid: str, *, name: str | None, now: datetime) -> Person:
    """Who signs in with this openid, created when they never did; the operator's way to name them."""
    await db.insert_or_nothing("person", **_newcomer(openid, now))
    person = await Person.filter(openid=openid).select_for_update().get()
    if name:
        await Person.filter(id=person.id).update(name=name)
        person.name = name
    return person


def _newcomer(openid: str, now: datetime) -> dict[str, object]:
    return {"id": Person(openid=openid, created_at=now).id, "openid": openid, "created_at": now}


def _must_reach(kind: RoleKind, station: Station | None, by: Staff) -> None:
    officer = by.is_city or (station is not None and station.county_id in by.county_ids)
    head = station is not None and station.id in by.head_of
    allowed = {
        RoleKind.CITY_OFFICER: by.is_city,
        RoleKind.COUNTY_OFFICER: by.is_city,
        RoleKind.STATION_HEAD: officer,
        RoleKind.SOCIAL_WORKER: officer or head,
    }
    if not allowed.get(kind, False):
        raise RoleNotGrantable


async def _station(wanted: Appointment) -> Station | None:
    """Return the station of the role, locked, so that two heads cannot be appointed at once."""
    if wanted.kind not in OF_STATIONS:
        return None
    station = await Station.filter(id=wanted.station_id).select_for_update().first()
    if station is None:
        raise NotFound(kind="station", ids=[wanted.station_id])
    return station


async def _appoint(wanted: Appointment, station: Station | None, *, by: int | None, now: datetime) -> Role:
    if station is not None and station.status == StationStatus.CLOSED:
        raise InvalidStationState(status=station.status)
    if wanted.kind == RoleKind.COUNTY_OFFICER and not await _is_county(wanted.county_id):
        raise NotFound(kind="area", ids=[wanted.county_id])
    # Behind this lock nobody else can give the person the same role.
    person = await Person.filter(id=wanted.person_id, disabled_at=None).select_for_update().first()
    if person is None:
        raise NotFound(kind="person", ids=[wanted.person_id])
    held = Role.filter(kind=wanted.kind, scope=wanted.scope, current=1)
    if await held.filter(person_id=person.id).exists():
        raise RoleHeld
    # Plan rule 37: exactly one head a station.
    if wanted.kind == RoleKind.STATION_HEAD and await held.exists():
        raise HeadExists
    role = await Role.create(
        person=person,
        kind=wanted.kind,
        scope=wanted.scope,
        station=station,
        area_id=wanted.county_id if wanted.kind == RoleKind.COUNTY_OFFICER else None,
        granted_by_id=by,
        granted_at=now,
    )
    await audit.note("role.granted", f"role:{role.id}", by=by, now=now, person=person.id, kind=wanted.kind)
    return await one(role.id)


async def _is_county(area_id: int | None) -> bool:
    return await Area.filter(id=area_id, level=AreaLevel.COUNTY, valid_until=None).exists()
