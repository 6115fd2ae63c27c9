"""People: their home, and those for whom staff enter requests, who are never found by browsing."""

from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.domain import reference
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Need, Person, Reading, ReadingKind

# So long a person who was looked up is known to whoever found them.
FOUND_FOR = timedelta(days=1)


def file_of(person_id: int) -> str:
    """Return the subject of readings of the person, and not of a need of theirs."""
    return f"person:{person_id}"


async def known_to_station(person_id: int, staff: Staff, *, now: datetime) -> Person:
    """Return the person if a station of the caller's knows them. Raises `NotFound` for all others."""
    if not await is_known_to_station(person_id, staff, now=now):
        raise NotFound(kind="person", ids=[person_id])
    return await Person.get(id=person_id)


async def is_known_to_station(person_id: int, staff: Staff, *, at: int | None = None, now: datetime) -> bool:
    """Return whether the person has had a need at one of the caller's stations, or at the one of them that `at` names.

    The caller also knows whom they found within a day by a look-up, which was logged.

    A confidential need counts only for its worker, the head and the worker who entered it: others do not learn whose it
    is.
    """
    known = (
        Q(category_id__in=(await reference.snapshot()).category_ids(confidential=False))
        | Q(assignee_id=staff.person_id)
        | Q(submitted_by_id=staff.person_id)
        | Q(station_id__in=sorted(staff.head_of) or [0])
    )
    theirs = sorted(staff.station_ids) if at is None else [at]
    if await Need.filter(known, person_id=person_id, station_id__in=theirs).exists():
        return True
    found = Reading.filter(person_id=person_id, at__gt=now - FOUND_FOR, what=ReadingKind.FOUND)
    return bool(theirs) and await found.filter(reader_id=staff.person_id, person__joined_to_id=None).exists()


async def home_of(person_id: int) -> int | None:
    """Return the id of the person's home community; None if they have chosen none."""
    _, [person] = await db.execute("SELECT home_id FROM person WHERE id = ?", [person_id])
    home_id: int | None = person["home_id"]
    return home_id


async def id_of_openid(openid: str) -> int:
    """Return the id of the person with this openid. Raises `NotFound`."""
    person = await Person.get_or_none(openid=openid)
    if person is None:
        raise NotFound(kind="person")
    person_id: int = person.id
    return person_id
