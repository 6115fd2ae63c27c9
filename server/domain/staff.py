"""The scope of staff and officers: which stations and counties they may act for, by their current roles."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tortoise.expressions import Q
from tortoise.models import Model

from server.database import db
from server.domain import reference
from server.errors import NotAllowed, NotFound
from server.models import Person, Role, RoleKind

UNNAMED = "工作人员"


@dataclass(frozen=True)
class Staff:
    """The scope of a person's current roles.

    `station_ids`: stations they work for as social worker or head; `head_of`: those they head; `county_ids`: counties
    they are an officer of, with `county_station_ids`, the stations there; `is_city`: officer of the city.
    """

    person_id: int
    station_ids: frozenset[int] = field(default_factory=frozenset)
    head_of: frozenset[int] = field(default_factory=frozenset)
    county_ids: frozenset[int] = field(default_factory=frozenset)
    county_station_ids: frozenset[int] = field(default_factory=frozenset)
    is_city: bool = False

    @property
    def is_officer(self) -> bool:
        return self.is_city or bool(self.county_ids)

    @property
    def has_any_role(self) -> bool:
        return self.is_officer or bool(self.station_ids)

    def of_stations(self, station: str = "station") -> Q:
        """Return the condition that a row's station is one they work for, or lies in one of their counties."""
        if self.is_city:
            return Q()
        # By the stations' ids, not by county: a list that uses an index of the station then reads no station rows.
        theirs: dict[str, Any] = {f"{station}_id__in": sorted(self.station_ids | self.county_station_ids) or [0]}
        return Q(**theirs)


@dataclass(frozen=True)
class CurrentRole:
    """The columns of a current role that give a scope."""

    kind: RoleKind
    station_id: int | None
    area_id: int | None


async def of_person(person_id: int) -> Staff:
    """Return the scope of the person's current roles."""
    found = Role.filter(person_id=person_id, current=1)
    return await scope_of(
        person_id, [CurrentRole(*row) for row in await found.values_list("kind", "station_id", "area_id")]
    )


async def scope_of(person_id: int, roles: Sequence[CurrentRole]) -> Staff:
    """Return the scope that the roles give the person."""
    county_ids = frozenset(r.area_id for r in roles if r.kind == RoleKind.COUNTY_OFFICER and r.area_id)
    return Staff(
        person_id=person_id,
        station_ids=_stations(roles, RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD),
        head_of=_stations(roles, RoleKind.STATION_HEAD),
        county_ids=county_ids,
        county_station_ids=await _stations_in(county_ids),
        is_city=any(r.kind == RoleKind.CITY_OFFICER for r in roles),
    )


def _stations(roles: Sequence[CurrentRole], *kinds: RoleKind) -> frozenset[int]:
    return frozenset(role.station_id for role in roles if role.kind in kinds and role.station_id)


async def _stations_in(county_ids: frozenset[int]) -> frozenset[int]:
    found = (await reference.snapshot()).stations_in(county_ids) if county_ids else ()
    return frozenset(one.id for one in found)


@dataclass(frozen=True)
class StationStaff:
    """The ids of the people who work for a station now, and of the officers above it. Heads are workers too."""

    heads: Sequence[int]
    workers: Sequence[int]
    county_officers: Sequence[int]
    city_officers: Sequence[int]

    @property
    def officers(self) -> Sequence[int]:
        """Return the county's officers, or the city's if the county has none."""
        return self.county_officers or self.city_officers


CURRENT = """
    SELECT DISTINCT person_id, kind FROM role
    WHERE scope IN (?, ?, 'city') AND current = 1
      AND kind IN ('station_head', 'social_worker', 'county_officer', 'city_officer')
    ORDER BY person_id
"""


async def of_station(station_id: int) -> StationStaff:
    """Return the station's people and the officers above it, by one statement."""
    station = await reference.station(station_id)
    assert station is not None, "a foreign key"
    return await _with_roles(f"station:{station_id}", county_id=station.county_id)


async def workers_of(station_id: int, *, heads_only: bool = False) -> Sequence[int]:
    """Return the ids of people who work for the station now."""
    found = await _with_roles(f"station:{station_id}", county_id=None)
    return found.heads if heads_only else found.workers


async def officers(*, county_id: int | None) -> Sequence[int]:
    """Return the ids of the county's officers, or of the city's if the county has none."""
    return (await _with_roles("", county_id=county_id)).officers


async def _with_roles(station_scope: str, *, county_id: int | None) -> StationStaff:
    _, rows = await db.execute(CURRENT, [station_scope, f"area:{county_id}"])
    of = {kind: [row["person_id"] for row in rows if row["kind"] == kind] for kind in RoleKind}
    heads = of[RoleKind.STATION_HEAD]
    return StationStaff(
        heads=heads,
        workers=sorted({*heads, *of[RoleKind.SOCIAL_WORKER]}),
        county_officers=of[RoleKind.COUNTY_OFFICER],
        city_officers=of[RoleKind.CITY_OFFICER],
    )


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


async def require_worker(model: type[Model], row_id: int, *, by: Staff, station: str = "station") -> None:
    """Raise `NotAllowed` for officers of the row's station who do not work for it, `NotFound` for everybody else."""
    found = model.filter(id=row_id)
    if not await found.filter(**{f"{station}_id__in": sorted(by.station_ids) or [0]}).exists():
        raise NotAllowed if await found.filter(by.of_stations(station)).exists() else NotFound


async def require_station(station_id: int, *, by: Staff) -> None:
    """Raise `NotFound` unless the caller works for the station or is its officer."""
    if not by.is_city and station_id not in by.station_ids | by.county_station_ids:
        raise NotFound


async def lock_roles(person_id: int) -> None:
    """Keep the person's current roles as they are until the transaction ends."""
    roles = await Role.filter(person_id=person_id, current=1).only("id")
    await db.lock_shared("role", [role.id for role in roles] or [0])


async def name_of_worker(person_id: int, station_id: int) -> str | None:
    """Return the name of a person who works for the station, else None."""
    _, found = await db.execute(WORKER, [person_id, station_id])
    return found[0]["name"] or UNNAMED if found else None


async def names_of(person_ids: set[int]) -> dict[int, str]:
    """Return the names of staff members by their ids, as colleagues and residents read them."""
    people = await Person.filter(id__in=sorted(person_ids)).only("id", "name") if person_ids else []
    return {person.id: person.name or UNNAMED for person in people}
