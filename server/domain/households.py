"""Households: people who live together, give each other minutes and fetch each other's goods."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from server.database import db, rows
from server.database.condition import Condition, where
from server.domain import audit, job_queue, notifications, people
from server.domain.notifications import NoticeTemplate
from server.domain.slip_codes import hash_of, new_code
from server.domain.staff import Staff
from server.errors import (
    AlreadyInHousehold,
    Busy,
    HouseholdFull,
    HouseholdRequired,
    InvalidInvitation,
    NotAllowed,
    NotFound,
    OwnHousehold,
    TooManyInvitations,
)
from server.models import Household, HouseholdInvitation, HouseholdMember, Person
from server.models.fields import new_id

HOUSEHOLD_JOINED = NoticeTemplate(
    "household_joined",
    title="已加入家庭",
    body="工作人员已为您办理加入家庭，请在“我的家庭”中查看。",
    opens="household",
)
HOUSEHOLD_LEFT = NoticeTemplate(
    "household_left", title="已退出家庭", body="工作人员已按您的要求，为您办理退出家庭。", opens="household"
)
HOUSEHOLD_MEMBER_JOINED = NoticeTemplate(
    "household_member_joined",
    title="家庭有新成员",
    body="您的家庭有新成员加入，请在“我的家庭”中查看。如不认识，请与服务站联系。",
    opens="household",
)
HOUSEHOLD_MEMBER_LEFT = NoticeTemplate(
    "household_member_left",
    title="家庭成员有变化",
    body="有一位成员退出了您的家庭，请在“我的家庭”中查看。",
    opens="household",
)

MOST_MEMBERS = 12
MOST_INVITATIONS = 3
# The job for what people shared who no longer live together; its subject is who left.
LEFT_JOB = "part_needs"
INVITED_FOR = timedelta(hours=72)
# A person who leaves only to decide on the household's money is back within weeks. After a month they have moved.
NEAR_FOR = timedelta(days=30)
CODE_LENGTH = 8


async def of(person_id: int) -> int | None:
    """Return the id of the household the person belongs to now, or None."""
    statement = "SELECT household_id FROM household_member WHERE person_id = ? AND current = 1"
    _, rows = await db.execute(statement, [person_id])
    return rows[0]["household_id"] if rows else None


async def members(household_id: int) -> list[int]:
    """Return the ids of the household's present members, in the order in which they joined."""
    there = "SELECT person_id FROM household_member WHERE household_id = ? AND current = 1 ORDER BY joined_at, id"
    return [row["person_id"] for row in (await db.execute(there, [household_id]))[1]]


# The person (twice), and everybody who shares a household with them now.
MEMBERS_NOW = """
    SELECT ? person_id UNION SELECT other.person_id
    FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id = ? AND own.current = 1 AND other.current = 1
"""
# The person (twice), and everybody who shared a household with them since a time (twice): also people who have left,
# and people who came after the person had left.
MEMBERS_SINCE = """
    SELECT ? person_id UNION SELECT other.person_id
    FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id = ? AND (own.left_at IS NULL OR own.left_at >= ?)
    AND (other.left_at IS NULL OR other.left_at >= ?)
"""


async def lock(household_id: int) -> None:
    """Lock the household: no person joins or leaves it until the transaction ends."""
    db.require_transaction()
    await Household.filter(id=household_id).only("id").select_for_update().get()


# Two memberships of one household at the same time, neither of which ended before a time.
TOGETHER = """
    (own.left_at IS NULL OR own.left_at >= ? AND own.left_at > own.joined_at AND own.left_at > other.joined_at)
    AND (other.left_at IS NULL
        OR other.left_at >= ? AND other.left_at > own.joined_at AND other.left_at > other.joined_at)
"""
NEAR_SQL = f"""
    SELECT 1 FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id = ? AND other.person_id IN ({{others}}) AND {TOGETHER} LIMIT 1
"""  # noqa: S608 - names of ours
NEAR_IDS = f"""
    SELECT ? person_id UNION SELECT other.person_id
    FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id = ? AND {TOGETHER}
"""  # noqa: S608 - names of ours


async def near(person_id: int, *others: int, now: datetime) -> bool:
    """Return whether the person shares a household with one of the others, or did within the last 30 days.

    A person is always near to themselves. Two people who are near never count as four eyes.
    """
    if person_id in others or not others:
        return person_id in others
    statement = NEAR_SQL.format(others=db.placeholders(others))
    return bool((await db.execute(statement, near_values(person_id, *others, now=now)))[1])


_LIVED_WITH = """
    SELECT other.person_id, other.entered_by_id
    FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id IN ({people}) AND (own.left_at IS NULL OR own.left_at >= ?)
        AND (other.left_at IS NULL OR other.left_at >= ?)
"""
HOUSEMATES = """
    SELECT other.person_id
    FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id = ?
"""


async def who_lived_with(
    people: Collection[int], *, at: datetime, until: datetime | None = None
) -> dict[int, set[int]]:
    """Return the people who lived with one of these at that moment, within the 30 days before, or later.

    Each is shown with who entered their places there. With `until`, who came after it does not count.
    """
    statement, values = _LIVED_WITH.format(people=db.placeholders(people)), [*people, at - NEAR_FOR, at - NEAR_FOR]
    if until is not None:
        statement, values = f"{statement} AND own.joined_at <= ? AND other.joined_at <= ?", [*values, until, until]
    found: dict[int, set[int]] = {}
    for row in (await db.execute(statement, values))[1]:
        found.setdefault(row["person_id"], set()).add(row["entered_by_id"])
    return found


async def housemates_of(person_id: int) -> set[int]:
    """Return the people who live with the person, or ever did."""
    return {row["person_id"] for row in (await db.execute(HOUSEMATES, [person_id]))[1]}


async def staff_who_chose(person_id: int) -> set[int]:
    """Return those of `housemates_of` who entered the household themselves: nobody else keeps them from a complaint."""
    statement = f"{HOUSEMATES} AND other.entered_by_id = other.person_id"
    return {row["person_id"] for row in (await db.execute(statement, [person_id]))[1]}


async def homes_chosen_by(person_id: int) -> set[int]:
    """Return the people with whom the person lives, or ever did, in a household that they entered themselves."""
    statement = f"{HOUSEMATES} AND own.entered_by_id = own.person_id"
    return {row["person_id"] for row in (await db.execute(statement, [person_id]))[1]}


async def near_ids(person_id: int, *, now: datetime) -> set[int]:
    """Return the people who are near to the person, with themselves; see `near`."""
    _, found = await db.execute(NEAR_IDS, near_ids_values(person_id, now=now))
    return {row["person_id"] for row in found}


def near_ids_values(person_id: int, *, now: datetime) -> list[Any]:
    """Return the values of `NEAR_IDS`."""
    return [person_id, person_id, now - NEAR_FOR, now - NEAR_FOR]


def is_near(column: str, person_id: int, *, now: datetime) -> Condition:
    """Return the condition that the person in this column is near to the person; see `near`."""
    together = NEAR_SQL.format(others=column)
    return where(f"({column} = ? OR EXISTS ({together}))", person_id, *near_values(person_id, now=now))


def near_values(person_id: int, *others: int, now: datetime) -> list[Any]:
    """Return the values of `NEAR_SQL`."""
    return [person_id, *others, now - NEAR_FOR, now - NEAR_FOR]


async def own(person_id: int) -> list[HouseholdMember]:
    """Return the members of the person's household with their persons; none for a person without a household."""
    _, found = await db.execute(_OWN, [person_id])
    members = [rows.of(HouseholdMember, row) for row in found]
    for member, row in zip(members, found, strict=True):
        member.person = rows.of(Person, row, "person.")
    return members


async def require_member_with(member_id: int, person_id: int) -> None:
    """Raise `NotFound` unless the two belong to one household."""
    if all(one.person_id != member_id for one in await own(person_id)):
        raise NotFound


_OWN = """
    SELECT m.*, p.id `person.id`, p.name `person.name`
    FROM household_member m JOIN person p ON p.id = m.person_id
    WHERE m.current = 1
      AND m.household_id = (SELECT household_id FROM household_member WHERE person_id = ? AND current = 1)
    ORDER BY m.joined_at, m.id
"""


@db.transaction
async def create(*, by: int, now: datetime) -> int:
    """Create a household with one member and return its id. Raises `AlreadyInHousehold`."""
    return await _create(by, by=by, now=now)


@db.transaction
async def invite(*, by: int, now: datetime) -> tuple[str, datetime]:
    """Return a code that lets one more person join the caller's household, and its expiry. Only its hash is kept.

    Raises `HouseholdRequired`, `HouseholdFull`, and `TooManyInvitations` if three are open.
    """
    household_id = await _lock_own(by)
    await _require_space(household_id)
    if await HouseholdInvitation.filter(household_id=household_id, used_at=None, expires_at__gt=now).count() >= (
        MOST_INVITATIONS
    ):
        raise TooManyInvitations(limit=MOST_INVITATIONS)
    code = new_code(CODE_LENGTH)
    until = now + INVITED_FOR
    await HouseholdInvitation.create(
        household_id=household_id, code_hash=hash_of(code), invited_by_id=by, invited_at=now, expires_at=until
    )
    return code, until


async def end_invitations(person_id: int, *, now: datetime) -> None:
    """End the open codes that the person gave, in the verb's transaction."""
    db.require_transaction()
    theirs = HouseholdInvitation.filter(household_id=await of(person_id) or 0, invited_by_id=person_id, used_at=None)
    await theirs.filter(expires_at__gt=now).update(expires_at=now)


@db.transaction
async def join(code: str, *, by: int, now: datetime) -> None:
    """Join the household that gave the code; the code is then used up.

    Raises `InvalidInvitation`, `HouseholdFull`, and `AlreadyInHousehold` if the caller belongs to one.
    """
    invitation = await HouseholdInvitation.get_or_none(code_hash=hash_of(code))
    if invitation is None:
        raise InvalidInvitation
    await lock(invitation.household_id)
    good = HouseholdInvitation.filter(id=invitation.id, used_at=None, expires_at__gt=now)
    # The caller who loses the race for the code learns only that it is not valid.
    if not await good.update(used_at=now):
        raise InvalidInvitation
    await _seat(invitation.household_id, by, by=by, now=now)


@db.transaction
async def leave(*, by: int, now: datetime) -> None:
    """Leave the household; invitations of the caller end with it. Raises `HouseholdRequired` if there is none."""
    await _unseat(by, now=now)


@db.transaction
async def seat(person_id: int, *, household_member_id: int, by: Staff, now: datetime) -> int:
    """Enter a person into another's household at the counter and return its number of members.

    The household is created if there is none. The caller's station must know both; neither may be near to the caller.
    """
    await _require_known([person_id, household_member_id], by, now)
    household_id = await of(household_member_id)
    if household_id is None:
        household_id = await _create(household_member_id, by=by.person_id, now=now)
    await lock(household_id)
    if await of(household_member_id) != household_id:
        raise Busy  # they left before we locked it
    await _seat(household_id, person_id, by=by.person_id, now=now)
    subject = f"household:{household_id}"
    await audit.note(
        "household.joined", subject, by=by.person_id, now=now, person=person_id, household_member_id=household_member_id
    )
    return len(await members(household_id))


@db.transaction
async def unseat(person_id: int, *, by: Staff, now: datetime) -> None:
    """End a known person's membership at the counter. Raises `HouseholdRequired` if there is none."""
    await _require_known([person_id], by, now)
    household_id = await _unseat(person_id, now=now)
    await audit.note("household.left", f"household:{household_id}", by=by.person_id, now=now, person=person_id)
    await notifications.notify([person_id], HOUSEHOLD_LEFT, subject_id=household_id, now=now)


async def _require_known(person_ids: list[int], staff: Staff, now: datetime) -> None:
    """Refuse people without a need at one of the caller's stations, and people near to the caller."""
    if not staff.station_ids:
        raise NotAllowed
    for person_id in person_ids:
        if not await people.is_known_to_station(person_id, staff, now=now):
            raise NotFound(kind="person", ids=[person_id])
        # Four eyes: a household decides who may approve whom.
        if await near(person_id, staff.person_id, now=now):
            raise OwnHousehold


async def _create(person_id: int, *, by: int, now: datetime) -> int:
    household_id = new_id()
    await Household.create(id=household_id, created_at=now)
    await _enter(household_id, person_id, by=by, now=now)
    return household_id


async def _enter(household_id: int, person_id: int, *, by: int, now: datetime) -> None:
    # A person who joins two at once waits here, and then belongs to one.
    if not await db.insert_or_nothing(
        "household_member",
        id=new_id(),
        household_id=household_id,
        person_id=person_id,
        joined_at=now,
        entered_by_id=by,
        current=1,
    ):
        raise AlreadyInHousehold


async def _lock_own(person_id: int) -> int:
    """Lock the person's household. Raises `HouseholdRequired`, also if they left it before the lock."""
    household_id = await of(person_id)
    if household_id is None:
        raise HouseholdRequired
    await lock(household_id)
    if await of(person_id) != household_id:
        raise HouseholdRequired
    return household_id


async def _require_space(household_id: int) -> list[int]:
    there = await members(household_id)
    if len(there) >= MOST_MEMBERS:
        raise HouseholdFull(limit=MOST_MEMBERS)
    return there


async def _seat(household_id: int, person_id: int, *, by: int, now: datetime) -> None:
    """Enter the person into the locked household and notify its members."""
    there = await _require_space(household_id)
    await _enter(household_id, person_id, by=by, now=now)
    await notifications.notify(there, HOUSEHOLD_MEMBER_JOINED, subject_id=household_id, now=now)
    if by != person_id:
        await notifications.notify([person_id], HOUSEHOLD_JOINED, subject_id=household_id, now=now)


async def _unseat(person_id: int, *, now: datetime) -> int:
    household_id = await _lock_own(person_id)
    await HouseholdMember.filter(person_id=person_id, current=1).update(current=None, left_at=now)
    given = HouseholdInvitation.filter(household_id=household_id, invited_by_id=person_id, used_at=None)
    await given.filter(expires_at__gt=now).update(expires_at=now)
    await notifications.notify(await members(household_id), HOUSEHOLD_MEMBER_LEFT, subject_id=household_id, now=now)
    await job_queue.plan(LEFT_JOB, person_id, due=now)
    return household_id
