"""Accounts: officers and administrators shut a person out 停用, readmit them, and end their sessions.

A person who is shut out is nobody with the next request, on every instance: the statement that reads a session finds
none. Their roles end, so nothing is assigned to them and no notice of a station reaches them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, households, job_queue, notifications, reference, roles, sessions
from server.domain.notifications import NoticeTemplate
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.errors import AccountOutOfReach, NotFound, NotShutOut, NotSignedIn, OwnAccount, ShutOutAlready
from server.models import Area, AreaLevel, Person, Role, RoleKind, ShutOut, Volunteer

READMITTED = NoticeTemplate(
    "readmitted", title="您的账号已恢复", body="您可以重新使用小程序了。原来的工作职务需要重新任命。"
)
SESSIONS_ENDED = NoticeTemplate(
    "sessions_ended",
    title="您的账号已在所有手机上退出",
    body="工作人员让您的账号在所有手机上退出登录。如非您本人要求，请联系社工站。",
)
OFFICER_KINDS = frozenset({RoleKind.COUNTY_OFFICER, RoleKind.CITY_OFFICER})


@dataclass(frozen=True)
class Actor:
    """The officer who acts on an account, or an administrator at the command line, who has no `scope`."""

    scope: Staff | None = None

    @property
    def person_id(self) -> int | None:
        return None if self.scope is None else self.scope.person_id

    @property
    def is_city(self) -> bool:
        return self.scope is None or self.scope.is_city


ADMINISTRATOR = Actor()


@db.transaction
async def shut_out(person_id: int, *, reason: str, by: Actor, now: datetime) -> ShutOut:
    """Shut the person out: sessions, roles and open invitations end, and what they had in hand goes back.

    Raises `OwnAccount`, `ShutOutAlready`, `AccountOutOfReach`, and `NotFound` for people of other counties.
    """
    county_id = await _require_in_reach(person_id, by)
    # Roles and needs come before the person in the lock order.
    await roles.end_all(person_id, by=by.person_id, now=now)
    await _lock_people(person_id, by)
    if not await Person.filter(id=person_id, disabled_at=None).update(disabled_at=now):
        raise ShutOutAlready
    # A role that was granted before the person was locked.
    await roles.end_all(person_id, by=by.person_id, now=now)
    ended = await sessions.end_all(person_id, now=now)
    await households.end_invitations(person_id, now=now)
    await _free_tasks(person_id, now)
    made = await ShutOut.create(
        person_id=person_id, county_id=county_id, reason=reason, shut_out_by_id=by.person_id, shut_out_at=now
    )
    await _note("account.shut_out", person_id, by, now, sessions=ended, shut_out=made.id)
    return await get(made.id)


async def _require_in_reach(person_id: int, by: Actor) -> int | None:
    """Return the county whose officers act on this account; None: the city's.

    Raises `OwnAccount`, `NotFound` for a person whom the officer may not know, and `AccountOutOfReach` for one who is
    an officer, or who works in another county too.
    """
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise NotFound(kind="person", ids=[person_id])
    if person_id == by.person_id:
        raise OwnAccount
    if by.scope is None or by.is_city:
        return None
    held = await Role.filter(person_id=person_id, current=1, kind__in=roles.STAFF_KINDS)
    home, at_work = await _county_of(person.home_id), await _counties_of(held)
    mine = by.scope.county_ids
    if mine.isdisjoint({home, *at_work}):
        raise NotFound(kind="person", ids=[person_id])
    if any(one.kind in OFFICER_KINDS for one in held) or not at_work <= mine:
        raise AccountOutOfReach
    return next(one for one in (home, *at_work) if one in mine)


async def _county_of(area_id: int | None) -> int | None:
    area: Area | None = await reference.area(area_id)
    while area is not None and area.level != AreaLevel.COUNTY:
        area = await reference.area(area.parent_id)
    return None if area is None else area.id


async def _counties_of(held: Sequence[Role]) -> set[int | None]:
    stations = (await reference.snapshot()).stations
    return {stations[one.station_id].county_id if one.station_id else one.area_id for one in held}


async def _lock_people(person_id: int, by: Actor) -> None:
    """Lock the person and the officer. Raises `NotSignedIn` if the officer was shut out meanwhile."""
    both = sorted({person_id, by.person_id or person_id})
    locked = await Person.filter(id__in=both).order_by("id").select_for_update().only("id", "disabled_at")
    if any(one.id == by.person_id and one.disabled_at is not None for one in locked):
        raise NotSignedIn


async def _free_tasks(person_id: int, now: datetime) -> None:
    """Plan the release of the tasks they have not started, each in a transaction of its own."""
    volunteer = await Volunteer.get_or_none(person_id=person_id)
    if volunteer is not None:
        await job_queue.plan("free_tasks", volunteer.id, due=now)


async def _note(action: str, person_id: int, by: Actor, now: datetime, **facts: object) -> None:
    await audit.note(action, f"person:{person_id}", by=by.person_id, now=now, **facts)


@db.transaction
async def readmit(person_id: int, *, reason: str, by: Actor, now: datetime) -> ShutOut:
    """Let the person sign in again. Roles stay ended; whom the city shut out, only the city readmits.

    Raises `OwnAccount`, `NotShutOut`, `AccountOutOfReach`, and `NotFound` for people of other counties.
    """
    await _lock_people(person_id, by)
    found = await ShutOut.get_or_none(person_id=person_id, open=1)
    # Their roles have ended. The shut-out says which county it was.
    if found is None or found.county_id is None or by.scope is None or found.county_id not in by.scope.county_ids:
        await _require_city_or_in_reach(person_id, by)
    if found is None:
        raise NotShutOut
    await Person.filter(id=person_id).update(disabled_at=None)
    answered = {"readmission_reason": reason, "readmitted_by_id": by.person_id, "readmitted_at": now, "open": None}
    await ShutOut.filter(id=found.id).update(**answered)
    await notifications.notify([person_id], READMITTED, now=now)
    await _note("account.readmitted", person_id, by, now, shut_out=found.id)
    return await get(found.id)


async def _require_city_or_in_reach(person_id: int, by: Actor) -> None:
    await _require_in_reach(person_id, by)
    if not by.is_city and await ShutOut.exists(person_id=person_id, open=1):
        raise AccountOutOfReach


@db.transaction
async def end_sessions(person_id: int, *, reason: str, by: Actor, now: datetime) -> int:
    """Sign the person out on every phone, for example after one was stolen. Return how many sessions ended.

    Raises `OwnAccount`, `AccountOutOfReach`, and `NotFound` for people of other counties.
    """
    await _require_in_reach(person_id, by)
    await _lock_people(person_id, by)
    ended = await sessions.end_all(person_id, now=now)
    await notifications.notify([person_id], SESSIONS_ENDED, now=now)
    await _note("account.sessions_ended", person_id, by, now, sessions=ended, reason=reason)
    return ended


@db.transaction
async def start_over(*, now: datetime) -> int:
    """End all sessions of a restored database and give its set-up a new number. Return how many sessions ended.

    A session of the backup may belong to a person who signed out, or was shut out, after the backup was made. And an
    instance keeps the set-up in memory by its number, which may be that of the set-up before the restore.
    """
    await reference.begin_change(areas=True)
    ended = await sessions.end_all_of_everybody(now=now)
    await audit.note("backup.restored", "backup", by=None, now=now, sessions=ended)
    return ended


async def list_open(by: Staff, window: Window) -> list[ShutOut]:
    """Return the people who are shut out in the caller's counties, the latest first."""
    found = ShutOut.filter(_visible_to(by), older("shut_out_at", window.after), open=1)
    return await _with_relations(
        await found.order_by("-shut_out_at", "-id").limit(window.limit).select_related(*_NAMED)
    )


_NAMED = ("person", "shut_out_by")


async def get_visible(shut_out_id: int, *, by: Staff) -> ShutOut:
    """Return a shut-out of the caller's counties. Raises `NotFound` for others."""
    if not await ShutOut.filter(_visible_to(by), id=shut_out_id).exists():
        raise NotFound
    return await get(shut_out_id)


def _visible_to(by: Staff) -> Q:
    return Q() if by.is_city else Q(county_id__in=sorted(by.county_ids) or [0])


async def get(shut_out_id: int) -> ShutOut:
    """Return the shut-out with its person, officer and county."""
    return (await _with_relations(await ShutOut.filter(id=shut_out_id).select_related(*_NAMED)))[0]


async def _with_relations(found: list[ShutOut]) -> list[ShutOut]:
    return await reference.attach(found, "county")
