"""People: their home, and those for whom staff enter requests, who are never found by browsing."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, reference
from server.domain.pagination import Place
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import FormerName, Need, Person, Reading, ReadingKind

# The name that a person `p` had at the moment in another column: what they did then is shown under it.
NAME_AT = """COALESCE(
    (SELECT f.name FROM former_name f WHERE f.person_id = p.id AND f.until > {at} ORDER BY f.until LIMIT 1), p.name)"""


def name_at(at: str) -> str:
    """Return the SQL for the name that the person `p` had at the moment in the column."""
    return NAME_AT.format(at=at)


async def show_names_of_the_day(seen: Iterable[tuple[Person | None, datetime]]) -> None:
    """Give each person the name that they had at the moment beside them."""
    pairs = [(person, at) for person, at in seen if person is not None]
    known = FormerName.filter(person_id__in=sorted({person.id for person, _ in pairs}) or [0]).order_by("-until")
    former = await known
    for person, at in pairs:
        for one in former:
            if one.person_id == person.id and one.until > at:
                person.name = one.name


async def list_readings(person_id: int, *, after: Place | None, limit: int) -> list[Reading]:
    """Return a page of readings of the person's details, newest first, with the reader's name of that day."""
    found = await audit.list_readings(person_id, after=after, limit=limit)
    await show_names_of_the_day((one.reader, one.at) for one in found)
    return found


async def set_name(person_id: int, name: str, *, by: int, reason: str = "", now: datetime) -> str:
    """Set the name of a person, and keep the former one for what they did under it. Return the former name."""
    db.require_transaction()
    person = await Person.filter(id=person_id).select_for_update().get()
    former = person.name or ""
    if former == name:
        return former
    if former:
        await FormerName.create(person_id=person_id, name=former, until=now, changed_by_id=by, reason=reason)
    await Person.filter(id=person_id).update(name=name)
    return former


# People who use no account of their own: without a phone, or shut out. Staff use their rights on their word.
ON_WORD = Q(openid=None) | Q(disabled_at__isnull=False)
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
        | Q(station_id__in=sorted(staff.reads_for) or [0])
    )
    theirs = sorted(staff.station_ids) if at is None else [at]
    if await Need.filter(known, person_id=person_id, station_id__in=theirs).exists():
        return True
    return bool(theirs) and await was_found(person_id, staff, now=now)


async def was_found(person_id: int, staff: Staff, *, now: datetime) -> bool:
    """Return whether the caller found the person within a day by a look-up, which has a reason."""
    found = Reading.filter(person_id=person_id, at__gt=now - FOUND_FOR, what=ReadingKind.FOUND)
    return await found.filter(reader_id=staff.person_id, person__joined_to_id=None).exists()


PROFILE = ("name", "phone", "home_id", "birth_year")


async def complete(account_id: int, *, of: int) -> list[str]:
    """Give an account what it lacks of `PROFILE`, as the file of a person has it. Return what was given."""
    account, person = await Person.get(id=account_id), await Person.get(id=of)
    lacking = [name for name in PROFILE if getattr(account, name) is None and getattr(person, name) is not None]
    if lacking:
        await Person.filter(id=account_id).update(**{name: getattr(person, name) for name in lacking})
    return lacking


async def take_back(account_id: int, given: Collection[str]) -> None:
    """Take back from an account what `complete` gave it."""
    if given:
        await Person.filter(id=account_id).update(**dict.fromkeys(given))


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
