"""Households: who lives together, and so may give each other minutes and fetch each other's goods."""

import hashlib
import secrets
from datetime import datetime, timedelta
from itertools import combinations

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, notifications
from server.domain.slip_codes import SLIP_LETTERS
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
from server.models import Household, HouseholdInvitation, HouseholdMember, Need
from server.models.fields import new_id

MOST_MEMBERS = 12
MOST_INVITATIONS = 3
INVITED_FOR = timedelta(hours=72)
# Who leaves a household for a moment, to decide on its money, is back within weeks; who is gone for a month has moved.
NEAR_FOR = timedelta(days=30)
CODE_LENGTH = 8


async def of(person_id: int) -> int | None:
    """The household the person belongs to now, by its id."""
    found = await HouseholdMember.get_or_none(person_id=person_id, current=1)
    return found.household_id if found else None


async def members(household_id: int) -> list[int]:
    """The persons who belong to the household now, who joined first first."""
    return [one.person_id for one in await _current(household_id)]


async def members_since(person_id: int, since: datetime) -> set[int]:
    """The person, and everybody who since then belonged to a household that they belonged to since then.

    Who has left is still among them, and so is who came after the person had left.
    """
    lately = Q(left_at=None) | Q(left_at__gte=since)
    own = await HouseholdMember.filter(lately, person_id=person_id).values_list("household_id", flat=True)
    found = await HouseholdMember.filter(lately, household_id__in=list(own) or [0]).values_list("person_id", flat=True)
    return {person_id, *found}  # type: ignore[arg-type]


async def hold(household_id: int) -> None:
    """Lock the household: until the transaction ends nobody joins or leaves it."""
    db.must_be_in_transaction()
    await Household.filter(id=household_id).select_for_update().get()


async def near(a: int, b: int, *, now: datetime) -> bool:
    """Whether both belong to one household, or did at the same time within the last 30 days; everybody with themselves.

    Four eyes are never those of two who are near.
    """
    if a == b:
        return True
    lately = Q(left_at=None) | Q(left_at__gte=now - NEAR_FOR)
    found = await HouseholdMember.filter(lately, person_id__in=[a, b])
    return any(_met(one, other) for one, other in combinations(found, 2) if one.person_id != other.person_id)


def _met(one: HouseholdMember, other: HouseholdMember) -> bool:
    """Whether two memberships are of one household at the same time."""
    if one.household_id != other.household_id:
        return False
    first, last = max(one.joined_at, other.joined_at), [left for left in (one.left_at, other.left_at) if left]
    return not last or first < min(last)


async def _current(household_id: int) -> list[HouseholdMember]:
    found = HouseholdMember.filter(household_id=household_id, current=1)
    return await found.order_by("joined_at", "id").select_related("person")


async def own(person_id: int) -> list[HouseholdMember]:
    """The members of one's own household with their persons; HouseholdRequired for who belongs to none."""
    household_id = await of(person_id)
    if household_id is None:
        raise HouseholdRequired
    return await _current(household_id)


@db.transaction
async def found(*, by: int, now: datetime) -> int:
    """Found a household of one and return its id; AlreadyInHousehold for who belongs to one."""
    return await _found(by, by=by, now=now)


@db.transaction
async def invite(*, by: int, now: datetime) -> tuple[str, datetime]:
    """A code that lets one more person join one's household, and until when; only its hash is kept.

    Raises HouseholdRequired, HouseholdFull, and TooManyInvitations when enough are open.
    """
    household_id = await _own_held(by)
    await _must_have_room(household_id)
    if await HouseholdInvitation.filter(household_id=household_id, used_at=None, expires_at__gt=now).count() >= (
        MOST_INVITATIONS
    ):
        raise TooManyInvitations(limit=MOST_INVITATIONS)
    code = "".join(secrets.choice(SLIP_LETTERS) for _ in range(CODE_LENGTH))
    until = now + INVITED_FOR
    await HouseholdInvitation.create(
        household_id=household_id, code_hash=_hash(code), invited_by_id=by, invited_at=now, expires_at=until
    )
    return code, until


def _hash(code: str) -> str:
    return hashlib.sha256(code.upper().encode()).hexdigest()


@db.transaction
async def join(code: str, *, by: int, now: datetime) -> None:
    """Join the household that gave the code, which is then used up.

    Raises InvalidInvitation, HouseholdFull, and AlreadyInHousehold for who belongs to one.
    """
    invitation = await HouseholdInvitation.get_or_none(code_hash=_hash(code))
    if invitation is None:
        raise InvalidInvitation
    await hold(invitation.household_id)
    good = HouseholdInvitation.filter(id=invitation.id, used_at=None, expires_at__gt=now)
    # Who loses the race for the code learns no more than that it is no good.
    if not await good.update(used_at=now):
        raise InvalidInvitation
    await _seat(invitation.household_id, by, by=by, now=now)


@db.transaction
async def leave(*, by: int, now: datetime) -> None:
    """Leave one's household; the invitations one gave end with it. HouseholdRequired for who belongs to none."""
    await _unseat(by, now=now)


@db.transaction
async def seat(person_id: int, *, household_of: int, by: Staff, now: datetime) -> int:
    """At the counter: put a person into another's household, founded when there is none; returns how many they are.

    Both are known to the caller's station, neither is the caller or near to them.
    """
    await _must_be_known([person_id, household_of], by, now)
    household_id = await of(household_of)
    if household_id is None:
        household_id = await _found(household_of, by=by.person_id, now=now)
    await hold(household_id)
    if await of(household_of) != household_id:
        raise Busy  # they left before we held it
    await _seat(household_id, person_id, by=by.person_id, now=now)
    subject = f"household:{household_id}"
    await audit.note("household.joined", subject, by=by.person_id, now=now, person=person_id, household_of=household_of)
    return len(await members(household_id))


@db.transaction
async def unseat(person_id: int, *, by: Staff, now: datetime) -> None:
    """At the counter: end a known person's membership; HouseholdRequired when there is none."""
    await _must_be_known([person_id], by, now)
    household_id = await _unseat(person_id, now=now)
    await audit.note("household.left", f"household:{household_id}", by=by.person_id, now=now, person=person_id)
    said = "工作人员已按您的要求，为您办理退出家庭。"
    await notifications.tell(
        [person_id], "household_left", "已退出家庭", said, about={"household": household_id}, now=now
    )


async def _must_be_known(person_ids: list[int], staff: Staff, now: datetime) -> None:
    """Refuse whom none of the caller's stations has had a need of, and whoever is near to the caller."""
    if not staff.station_ids:
        raise NotAllowed
    for one in person_ids:
        if not await Need.filter(person_id=one, station_id__in=sorted(staff.station_ids)).exists():
            raise NotFound(kind="person", ids=[one])
        # Four eyes: a household decides who may approve whom.
        if await near(one, staff.person_id, now=now):
            raise OwnHousehold


async def _found(person_id: int, *, by: int, now: datetime) -> int:
    household_id = new_id()
    await Household.create(id=household_id, created_at=now)
    await _enter(household_id, person_id, by=by, now=now)
    return household_id


async def _enter(household_id: int, person_id: int, *, by: int, now: datetime) -> None:
    # Who joins two at once waits here, and then finds that they belong to one.
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


async def _own_held(person_id: int) -> int:
    """The person's household, locked; HouseholdRequired, also when they left it before that."""
    household_id = await of(person_id)
    if household_id is None:
        raise HouseholdRequired
    await hold(household_id)
    if await of(person_id) != household_id:
        raise HouseholdRequired
    return household_id


async def _must_have_room(household_id: int) -> list[int]:
    there = await members(household_id)
    if len(there) >= MOST_MEMBERS:
        raise HouseholdFull(limit=MOST_MEMBERS)
    return there


async def _seat(household_id: int, person_id: int, *, by: int, now: datetime) -> None:
    """Enter the person into the household we hold and tell its members."""
    there = await _must_have_room(household_id)
    await _enter(household_id, person_id, by=by, now=now)
    about = {"household": household_id}
    said = "您的家庭有新成员加入，请在“我的家庭”中查看。如不认识，请与服务站联系。"
    await notifications.tell(there, "household_joined", "家庭有新成员", said, about=about, now=now)
    if by != person_id:
        said = "工作人员已为您办理加入家庭，请在“我的家庭”中查看。"
        await notifications.tell([person_id], "household_joined", "已加入家庭", said, about=about, now=now)


async def _unseat(person_id: int, *, now: datetime) -> int:
    household_id = await _own_held(person_id)
    await HouseholdMember.filter(person_id=person_id, current=1).update(current=None, left_at=now)
    given = HouseholdInvitation.filter(household_id=household_id, invited_by_id=person_id, used_at=None)
    await given.filter(expires_at__gt=now).update(expires_at=now)
    said = "有一位成员退出了您的家庭，请在“我的家庭”中查看。"
    about = {"household": household_id}
    await notifications.tell(
        await members(household_id), "household_left", "家庭成员有变化", said, about=about, now=now
    )
    return household_id
