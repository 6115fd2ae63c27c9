"""A person's own facts: name, phone, home community."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.database.prepared import Prepared
from server.domain import areas, audit
from server.errors import CommunityRequired, NotFound
from server.models import Area, AreaLevel, Person

_PERSON = Prepared(lambda person_id: Person.filter(id=person_id).select_related("home"))
_ROLES = """
    SELECT r.kind, r.station_id, s.name AS station_name, r.area_id, a.name AS area_name
    FROM role r LEFT JOIN station s ON s.id = r.station_id LEFT JOIN area a ON a.id = r.area_id
    WHERE r.person_id = ? AND r.current = 1 ORDER BY r.id
"""


async def person(person_id: int) -> Person:
    """Return the person with their home."""
    [found] = await _PERSON.all(person_id)
    return found


@dataclass(frozen=True)
class HeldRole:
    """A role a person holds now, with the names of its station or area."""

    kind: str
    station_id: int | None
    station_name: str | None
    area_id: int | None
    area_name: str | None


async def roles(person_id: int) -> list[HeldRole]:
    """Return the roles the person holds now, in the order they were granted."""
    return [HeldRole(**dict(row)) for row in (await db.execute(_ROLES, [person_id]))[1]]


@dataclass(frozen=True)
class Living:
    """A person's home, each area with its path; `choices` if the area was split and they must choose."""

    home: Area | None
    choices: list[Area]
    paths: dict[int, str]


async def living(home: Area | None) -> Living:
    """Return the home with its path, and the choices after a split."""
    if home is None:
        return Living(None, [], {})
    choices = await areas.home_choices(home.id) if home.valid_until is not None else []
    return Living(home, choices, await areas.paths_of([home, *choices]))


@db.transaction
async def change(person_id: int, *, changes: dict[str, Any], now: datetime) -> Person:
    """Change the given facts among name, phone and birth_year."""
    if changes:
        await Person.filter(id=person_id).update(**changes)
        await audit.note("person.changed", f"person:{person_id}", by=person_id, now=now, fields=sorted(changes))
    return await person(person_id)


@db.transaction
async def choose_home(person_id: int, *, area_id: int, now: datetime) -> Person:
    """Set the person's home community; needs already filed stay where they are."""
    area = await Area.get_or_none(id=area_id)
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    if area.level != AreaLevel.COMMUNITY or area.valid_until is not None:
        raise CommunityRequired(area=area_id)
    await Person.filter(id=person_id).update(home_id=area_id)
    await audit.note("person.home_chosen", f"person:{person_id}", by=person_id, now=now, area=area_id)
    return await person(person_id)
