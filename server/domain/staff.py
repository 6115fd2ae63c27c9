"""The scope of staff and officers: which stations and counties they may act for, by their current roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tortoise.expressions import Q
from tortoise.models import Model

from server.database import db
from server.database.condition import ALWAYS, Condition, among, where
from server.domain import reference, stand_ins
from server.domain.stand_ins import CurrentRole
from server.errors import NotAllowed, NotFound
from server.models import Person, Role, RoleKind, StandIn

UNNAMED = "工作人员"


@dataclass(frozen=True)
class Staff:
    """The scope of a person's current roles.

    `station_ids`: stations they act for, as social worker, head or stand-in; `head_of`: those they act for as the head;
    `stands_in_for`: those of both at which nobody worked when this was read; `county_ids`: counties they are an officer
    of, with `county_station_ids`, the stations there; `is_city`: officer of the city.
    """

    person_id: int
    station_ids: frozenset[int] = field(default_factory=frozenset)
    head_of: frozenset[int] = field(default_factory=frozenset)
    county_ids: frozenset[int] = field(default_factory=frozenset)
    county_station_ids: frozenset[int] = field(default_factory=frozenset)
    is_city: bool = False
    stands_in_for: Mapping[int, StandIn] = field(default_factory=dict, hash=False)

    @property
    def is_officer(self) -> bool:
        return self.is_city or bool(self.county_ids)

    @property
    def has_any_role(self) -> bool:
        return self.is_officer or bool(self.station_ids)

    @property
    def works_at(self) -> frozenset[int]:
        """Return the stations at which they work, without those that they stand in for."""
        return self.station_ids - self.stands_in_for.keys()

    @property
    def reads_for(self) -> frozenset[int]:
        """Return the stations of which they read every confidential need: a head does, a stand-in opens each one."""
        return self.head_of - self.stands_in_for.keys()

    def of_stations(self, station: str = "station") -> Q:
        """Return the condition that a row's station is one they work for, or lies in one of their counties."""
        if self.is_city:
            return Q()
        # By the stations' ids, not by county: a list that uses an index of the station then reads no station rows.
        theirs: dict[str, Any] = {f"{station}_id__in": sorted(self.station_ids | self.county_station_ids) or [0]}
        return Q(**theirs)


async def of_person(person_id: int) -> Staff:
    """Return the scope of the person's current roles."""
    _, found = await db.execute(ROLES.format(columns=stand_ins.columns()), [person_id])
    return await scope_of(person_id, [stand_ins.role_of(row) for row in found])


ROLES = """
    SELECT {columns} FROM role r LEFT JOIN station h ON h.id = r.station_id WHERE r.person_id = ? AND r.current = 1
"""


async def scope_of(person_id: int, roles: Sequence[CurrentRole]) -> Staff:
    """Return the scope that the roles give the person."""
    county_ids = frozenset(r.area_id for r in roles if r.kind == RoleKind.COUNTY_OFFICER and r.area_id)
    unstaffed = any(role.unstaffed for role in roles)
    stands_in_for = stand_ins.stations_of(roles, await reference.snapshot()) if unstaffed else {}
    return Staff(
        person_id=person_id,
        station_ids=_stations(roles, RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD) | stands_in_for.keys(),
        head_of=_stations(roles, RoleKind.STATION_HEAD) | stands_in_for.keys(),
        county_ids=county_ids,
        county_station_ids=await _stations_in(county_ids),
        is_city=any(r.kind == RoleKind.CITY_OFFICER for r in roles),
        stands_in_for=stands_in_for,
    )


def sees_at(column: str, by: Staff) -> Condition:
    """Return the condition that the column is a station they work for, or one that lies in one of their counties."""
    return ALWAYS if by.is_city else among(column, sorted(by.station_ids | by.county_station_ids))


def acts_at(column: str, by: Staff) -> Condition:
    """Return the condition that the caller acts for the station in this column; a stand-in only if nobody works there.

    Their scope was read earlier: somebody may have been appointed since.
    """
    theirs = among(column, sorted(by.station_ids))
    if not by.stands_in_for:
        return theirs
    stood_in = among(column, sorted(by.stands_in_for))
    return theirs & where(f"NOT ({stood_in.sql} AND EXISTS ({stand_ins.works_at(column)}))", *stood_in.values)


def _stations(roles: Sequence[CurrentRole], *kinds: RoleKind) -> frozenset[int]:
    return frozenset(role.station_id for role in roles if role.kind in kinds and role.station_id)


async def _stations_in(county_ids: frozenset[int]) -> frozenset[int]:
    found = (await reference.snapshot()).stations_in(county_ids) if county_ids else ()
    return frozenset(one.id for one in found)


@dataclass(frozen=True)
class StationStaff:
    """The ids of the people who work for a station now, of those who stand in for it, and of the officers above it.

    Heads are workers too. There are stand-ins only where nobody works.
    """

    heads: Sequence[int]
    workers: Sequence[int]
    stand_ins: Sequence[int]
    county_officers: Sequence[int]
    city_officers: Sequence[int]

    @property
    def officers(self) -> Sequence[int]:
        """Return the county's officers, or the city's if the county has none."""
        return self.county_officers or self.city_officers

    @property
    def acting(self) -> Sequence[int]:
        """Return everybody who may act for the station: its workers, or their stand-ins."""
        return self.workers or self.stand_ins

    @property
    def heading(self) -> Sequence[int]:
        """Return those who act as its head, and nobody if it has workers but no head."""
        return self.heads or self.stand_ins

    @property
    def deciding(self) -> Sequence[int]:
        """Return those who act as its head. A station with workers but without a head has only its workers."""
        return self.heads or self.acting


CURRENT = """
    SELECT DISTINCT r.person_id, r.kind, r.scope FROM role r JOIN person p ON p.id = r.person_id
    WHERE r.scope IN ({scopes}) AND r.current = 1 AND p.disabled_at IS NULL
      AND r.kind IN ('station_head', 'social_worker', 'county_officer', 'city_officer')
    ORDER BY r.person_id
"""


async def of_station(station_id: int) -> StationStaff:
    """Return the station's people, their stand-ins, and the officers above it, by one statement."""
    station = await reference.station(station_id)
    assert station is not None, "a foreign key"
    above = [f"station:{one.id}" for one in (await reference.snapshot()).all_above(station)]
    here, county = f"station:{station_id}", f"area:{station.county_id}"
    found = await _by_scope(here, county, CITY, *above)
    officers = found[county][RoleKind.COUNTY_OFFICER], found[CITY][RoleKind.CITY_OFFICER]
    workers = _workers(found[here])
    stood_in = [(found[one][RoleKind.STATION_HEAD], _workers(found[one])) for one in above]
    return StationStaff(
        heads=found[here][RoleKind.STATION_HEAD],
        workers=workers,
        stand_ins=[] if workers else stand_ins.people_of(stood_in, *officers),
        county_officers=officers[0],
        city_officers=officers[1],
    )


CITY = "city"
People = Mapping[RoleKind, Sequence[int]]


async def officers(*, county_id: int | None) -> Sequence[int]:
    """Return the ids of the county's officers, or of the city's if the county has none."""
    county = f"area:{county_id}"
    found = await _by_scope(county, CITY)
    return found[county][RoleKind.COUNTY_OFFICER] or found[CITY][RoleKind.CITY_OFFICER]


async def _by_scope(*scopes: str) -> Mapping[str, People]:
    """Return the people who have a role now and are not shut out, by its scope and kind."""
    _, rows = await db.execute(CURRENT.format(scopes=db.placeholders(scopes)), scopes)
    found: dict[str, dict[RoleKind, list[int]]] = {scope: {kind: [] for kind in RoleKind} for scope in scopes}
    for row in rows:
        found[row["scope"]][RoleKind(row["kind"])].append(row["person_id"])
    return found


def _workers(people: People) -> Sequence[int]:
    return sorted({*people[RoleKind.STATION_HEAD], *people[RoleKind.SOCIAL_WORKER]})


WORKER = """
    SELECT p.name FROM person p
    WHERE p.id = ? AND EXISTS (
      SELECT 1 FROM role r
      WHERE r.person_id = p.id AND r.station_id = ? AND r.current = 1 AND r.kind IN ('station_head', 'social_worker')
    )
"""


async def works_for(person_id: int, station_id: int) -> bool:
    """Return whether the person is staff of the station now. A person who is shut out has no role."""
    return bool((await db.execute(WORKER, [person_id, station_id]))[1])


async def stands_in(person_id: int, station_id: int) -> bool:
    """Return whether the person stands in for the station now."""
    return station_id in (await of_person(person_id)).stands_in_for


async def require_worker(model: type[Model], row_id: int, *, by: Staff, station: str = "station") -> None:
    """Raise `NotAllowed` for officers of the row's station who do not work for it, `NotFound` for everybody else."""
    found = model.filter(id=row_id)
    if not await found.filter(**{f"{station}_id__in": sorted(by.station_ids) or [0]}).exists():
        raise NotAllowed if await found.filter(by.of_stations(station)).exists() else NotFound


async def require_station(station_id: int, *, by: Staff) -> None:
    """Raise `NotFound` unless the caller works for the station or is its officer."""
    if not by.is_city and station_id not in by.station_ids | by.county_station_ids:
        raise NotFound


async def is_staffed(station_id: int) -> bool:
    """Return whether a person who is not shut out works for the station now."""
    return bool((await db.execute(stand_ins.works_at("?"), [station_id]))[1])


async def staffed_stations() -> set[int]:
    """Return the ids of the stations at which a person who is not shut out works now."""
    _, found = await db.execute(STAFFED)
    return {row["station_id"] for row in found}


STAFFED = """
    SELECT DISTINCT r.station_id FROM role r JOIN person p ON p.id = r.person_id AND p.disabled_at IS NULL
    WHERE r.station_id IS NOT NULL AND r.current = 1 AND r.kind IN ('station_head', 'social_worker')
"""


async def lock_roles(person_id: int) -> None:
    """Keep the person's current roles as they are until the transaction ends."""
    roles = await Role.filter(person_id=person_id, current=1).only("id")
    await db.lock_shared("role", [role.id for role in roles] or [0])


async def name_of_worker(person_id: int, station_id: int) -> str | None:
    """Return the name of a person who acts for the station, else None."""
    _, found = await db.execute(WORKER, [person_id, station_id])
    if found:
        return found[0]["name"] or UNNAMED
    stands_in = person_id in (await of_station(station_id)).stand_ins
    return (await names_of({person_id}))[person_id] if stands_in else None


async def names_of(person_ids: set[int]) -> dict[int, str]:
    """Return the names of staff members by their ids, as colleagues and residents read them."""
    people = await Person.filter(id__in=sorted(person_ids)).only("id", "name") if person_ids else []
    return {person.id: person.name or UNNAMED for person in people}
