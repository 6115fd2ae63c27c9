"""Roles: appoint and end them, for a station or an area, with their history."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, reference, stations
from server.domain.duty import leaving
from server.domain.needs import crisis_reach, rerouting, stand_in_openings, triage
from server.domain.staff import Staff
from server.errors import HeadExists, InvalidStationState, NotFound, OwnRole, RoleEnded, RoleHeld, RoleNotGrantable
from server.models import AreaLevel, Person, Role, RoleKind, RoleOffer, Station

# Volunteers are approved by their station, not appointed.
STAFF_KINDS = (
    RoleKind.SOCIAL_WORKER,
    RoleKind.STATION_HEAD,
    RoleKind.COUNTY_OFFICER,
    RoleKind.CITY_OFFICER,
)
STATION_KINDS = frozenset({RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD})


@dataclass(frozen=True)
class RolePlace:
    """A role: of a station for its workers and head, of a county for its officers, or of the city."""

    kind: RoleKind
    station_id: int | None = None
    county_id: int | None = None

    @property
    def scope(self) -> str:
        if self.kind in STATION_KINDS:
            return f"station:{self.station_id}"
        return f"area:{self.county_id}" if self.kind == RoleKind.COUNTY_OFFICER else "city"


@dataclass(frozen=True)
class Appointment:
    """A person and their new role."""

    person_id: int
    kind: RoleKind
    station_id: int | None = None
    county_id: int | None = None

    @property
    def place(self) -> RolePlace:
        return RolePlace(self.kind, self.station_id, self.county_id)


async def require_grantable(place: RolePlace, by: Staff) -> None:
    """Raise `RoleNotGrantable` unless the caller may offer this role, and as `appoint` if nobody could hold it now.

    City officers offer every role, county officers those of their stations, and heads that of their social workers.
    """
    station = await _station(place)
    _require_grantable(place.kind, station, by)
    await _require_possible(place, station)


@db.transaction
async def appoint(appointment: Appointment, *, by: int | None, now: datetime) -> Role:
    """Appoint a person to a role that `by` offered; None: an administrator, who names the first officers.

    Raises `NotFound`, `RoleHeld`, `HeadExists`, `InvalidStationState`.
    """
    return await _appoint(appointment, await _station(appointment.place), by=by, now=now)


@db.transaction
async def end(role_id: int, *, by: Staff, now: datetime) -> Role:
    """End a role; it no longer counts from the next request on. The officers who may grant it may end it."""
    role = await Role.filter(visible_to(by), id=role_id).select_for_update().first()
    if role is None:
        raise NotFound
    if role.person_id == by.person_id:
        raise OwnRole
    station = await stations.get(role.station_id) if role.station_id else None
    _require_grantable(role.kind, station, by)
    if not await _end(role, by=by.person_id, now=now):
        raise RoleEnded
    return await get(role_id)


async def end_all(person_id: int, *, by: int | None, now: datetime) -> None:
    """End all staff roles of a person who is shut out, in the verb's transaction."""
    db.require_transaction()
    held = Role.filter(person_id=person_id, current=1, kind__in=STAFF_KINDS)
    for role in await held.order_by("id").select_for_update():
        await _end(role, by=by, now=now)


async def _end(role: Role, *, by: int | None, now: datetime) -> bool:
    """End a locked role; the head assigns the needs in hand again. Return False if it has ended already."""
    ended = {"ended_by_id": by, "ended_at": now, "current": None}
    if not await Role.filter(id=role.id, current=1).update(**ended):
        return False
    await leaving.free_person(role.person_id, by=by, now=now)
    await triage.hand_back_all(role.person_id, by=by, now=now)
    await crisis_reach.forget(role.person_id)
    if role.station_id is not None:
        await rerouting.plan(role.station_id, now=now)  # perhaps only residents of a need act there now
    await audit.note("role.ended", f"role:{role.id}", by=by, now=now, person=role.person_id, kind=role.kind)
    return True


async def place_name(held: Role | RoleOffer) -> str:
    """Return the name of the place of a role or an offer: its station, its county, or the city."""
    station, area = await reference.station(held.station_id), await reference.area(held.area_id)
    return station.name if station else area.name if area else "全市"


async def get_visible(role_id: int, *, by: Staff) -> Role:
    """Return a role that the caller may know of. Raises `NotFound` for others."""
    if not await Role.filter(visible_to(by), id=role_id).exists():
        raise NotFound
    return await get(role_id)


async def get(role_id: int) -> Role:
    """Return the role with its person, station and area."""
    role = await Role.get(id=role_id).select_related("person")
    return (await reference.attach([role], "station", "area"))[0]


async def list_visible(
    by: Staff, *, station_id: int | None, area_id: int | None, with_ended: bool, after: int, limit: int
) -> list[Role]:
    """Return roles of the caller's stations and counties, by their ids."""
    found = Role.filter(visible_to(by), kind__in=STAFF_KINDS, id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    if area_id is not None:
        there = [one.id for one in (await reference.snapshot()).stations_in({area_id})]
        found = found.filter(Q(area_id=area_id) | Q(station_id__in=there or [0]))
    if not with_ended:
        found = found.filter(current=1)
    return await reference.attach(await found.select_related("person").order_by("id").limit(limit), "station", "area")


def visible_to(by: Staff) -> Q:
    """Return the condition that the caller may know of a staff role: a colleague's, or in their county."""
    return Q() if by.is_city else by.of_stations() | Q(area_id__in=sorted(by.county_ids) or [0])


@db.transaction
async def person_of_openid(openid: str, *, name: str | None, now: datetime) -> Person:
    """Return the person of this openid, created if they never signed in. Administrators name a person by it."""
    await db.insert_or_nothing("person", **_newcomer(openid, now))
    person = await Person.filter(openid=openid).select_for_update().get()
    if name:
        await Person.filter(id=person.id).update(name=name)
        person.name = name
    return person


def _newcomer(openid: str, now: datetime) -> dict[str, object]:
    return {"id": Person(openid=openid, created_at=now).id, "openid": openid, "created_at": now}


def _require_grantable(kind: RoleKind, station: Station | None, by: Staff) -> None:
    if not may_grant(kind, station, by):
        raise RoleNotGrantable


def may_grant(kind: RoleKind, station: Station | None, by: Staff) -> bool:
    """Return whether the caller may offer and end this role at the station; see `require_grantable`."""
    officer = by.is_city or (station is not None and station.county_id in by.county_ids)
    head = station is not None and station.id in by.head_of
    allowed = {
        RoleKind.CITY_OFFICER: by.is_city,
        RoleKind.COUNTY_OFFICER: by.is_city,
        RoleKind.STATION_HEAD: officer,
        RoleKind.SOCIAL_WORKER: officer or head,
    }
    return allowed.get(kind, False)


async def _station(place: RolePlace) -> Station | None:
    """Return the station of the role, which cannot end meanwhile. Its row is locked: no two heads are appointed."""
    if place.kind not in STATION_KINDS:
        return None
    await reference.lock_shared()
    station = await reference.station(place.station_id)
    if station is None:
        raise NotFound(kind="station", ids=[place.station_id])
    await stations.lock_row(station.id)
    return station


async def _appoint(appointment: Appointment, station: Station | None, *, by: int | None, now: datetime) -> Role:
    await _require_possible(appointment.place, station)
    # The person is locked: nobody else can give them the same role meanwhile.
    person = await Person.filter(id=appointment.person_id, disabled_at=None).select_for_update().first()
    if person is None:
        raise NotFound(kind="person", ids=[appointment.person_id])
    held = Role.filter(kind=appointment.kind, scope=appointment.place.scope, current=1)
    if await held.filter(person_id=person.id).exists():
        raise RoleHeld
    # Plan rule 37: a station has exactly one head.
    if appointment.kind == RoleKind.STATION_HEAD and await held.exists():
        raise HeadExists
    role = await Role.create(
        person=person,
        kind=appointment.kind,
        scope=appointment.place.scope,
        station=station,
        area_id=appointment.county_id if appointment.kind == RoleKind.COUNTY_OFFICER else None,
        granted_by_id=by,
        granted_at=now,
    )
    await audit.note("role.granted", f"role:{role.id}", by=by, now=now, person=person.id, kind=appointment.kind)
    if station is not None:
        await triage.hand_back_stood_in(station.id, by=by, now=now)
        await stand_in_openings.end_all(station.id, by=by, now=now)
        await rerouting.plan(station.id, now=now)  # the needs of a person are not their own work
    return await get(role.id)


async def _require_possible(place: RolePlace, station: Station | None) -> None:
    if station is not None and station.status in stations.ENDING:
        raise InvalidStationState(status=station.status)
    if place.kind == RoleKind.COUNTY_OFFICER and not await _is_county(place.county_id):
        raise NotFound(kind="area", ids=[place.county_id])


async def _is_county(area_id: int | None) -> bool:
    area = await reference.area(area_id)
    return area is not None and area.level == AreaLevel.COUNTY and area.valid_until is None
