"""A person's own facts: name, phone, home community, roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import areas, audit, reference
from server.errors import CommunityRequired, NameFixed, NotFound
from server.models import Area, AreaLevel, Person, Role

PROFILE_SQL = """
    SELECT p.name, p.phone, p.birth_year, p.home_id, r.kind, r.station_id, r.area_id
    FROM person p LEFT JOIN role r ON r.person_id = p.id AND r.current = 1
    WHERE p.id = ? ORDER BY r.id
"""


@dataclass(frozen=True)
class HeldRole:
    """A role a person holds now, with the names of its station or area."""

    kind: str
    station_id: int | None
    station_name: str | None
    area_id: int | None
    area_name: str | None


@dataclass(frozen=True)
class Profile:
    """A person's own facts, and the roles they hold now in the order they were granted.

    `choices`: the areas they must choose between if their home was split; `paths`: of home and choices, by area.
    """

    id: int
    name: str | None
    phone: str | None
    birth_year: int | None
    home: Area | None
    choices: Sequence[Area]
    paths: Mapping[int, str]
    roles: Sequence[HeldRole]


async def of_person(person_id: int) -> Profile:
    """Return the person's profile."""
    _, rows = await db.execute(PROFILE_SQL, [person_id])
    first = rows[0]
    home = await reference.area(first["home_id"])
    choices = await areas.home_choices(home.id) if home is not None and home.valid_until is not None else []
    paths = await areas.paths_of([home, *choices]) if home is not None else {}
    roles = [await _role(row["kind"], row["station_id"], row["area_id"]) for row in rows if row["kind"]]
    return Profile(person_id, first["name"], first["phone"], first["birth_year"], home, choices, paths, roles)


async def _role(kind: str, station_id: int | None, area_id: int | None) -> HeldRole:
    station, area = await reference.station(station_id), await reference.area(area_id)
    return HeldRole(kind, station_id, station.name if station else None, area_id, area.name if area else None)


@db.transaction
async def change(person_id: int, *, changes: dict[str, Any], now: datetime) -> Profile:
    """Change the given facts among name, phone and birth_year.

    Raises `NameFixed` for another name of staff and of volunteers: who appointed or approved them changes it.
    """
    if changes:
        await _require_free_name(person_id, changes)
        await Person.filter(id=person_id).update(**changes)
        await audit.note("person.changed", f"person:{person_id}", by=person_id, now=now, fields=sorted(changes))
    return await of_person(person_id)


async def _require_free_name(person_id: int, changes: dict[str, Any]) -> None:
    # An appointment locks the person too.
    person = await Person.filter(id=person_id).select_for_update().get()
    renames = person.name and changes.get("name", person.name) != person.name
    if renames and await Role.exists(person_id=person_id, current=1):
        raise NameFixed


@db.transaction
async def choose_home(person_id: int, *, area_id: int, now: datetime) -> Profile:
    """Set the person's home community; needs already filed stay where they are."""
    await reference.lock_shared()
    area = await reference.area(area_id)
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    if area.level != AreaLevel.COMMUNITY or area.valid_until is not None:
        raise CommunityRequired(area=area_id)
    await Person.filter(id=person_id).update(home_id=area_id)
    await audit.note("person.home_chosen", f"person:{person_id}", by=person_id, now=now, area=area_id)
    return await of_person(person_id)
