"""The caller's household: create it, invite, join, leave; and the same at the counter."""

from miniprogram_contract.base import Empty
from miniprogram_contract.households import (
    HouseholdDetail,
    HouseholdInvitation,
    HouseholdMember,
    HouseholdMemberRemoval,
    HouseholdSize,
    NewHouseholdMember,
    NewMembership,
)
from server.adapters.clock import Moment
from server.domain import households
from server.errors import (
    AlreadyInHousehold,
    HouseholdFull,
    HouseholdRequired,
    InvalidInvitation,
    NotFound,
    OwnHousehold,
    TooManyInvitations,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.http.endpoint import RateLimit

# A code is one of 850 thousand million: at this pace nobody guesses one while it is good.
JOINING = RateLimit(most=10, seconds=600)


@endpoint("GET", "/household", reply=HouseholdDetail | None)
async def get_household(caller: Caller) -> HouseholdDetail | None:
    """Show the members of the caller's household; null: the caller belongs to none."""
    household = await _own(caller)
    return household if household.members else None


async def _own(caller: Caller) -> HouseholdDetail:
    found = await households.own(caller.person_id)
    members = [HouseholdMember(person_id=one.person_id, name=one.person.name, joined_at=one.joined_at) for one in found]
    return HouseholdDetail(members=members)


@endpoint(
    "POST", "/household", reply=HouseholdDetail, subject=subjects.HOUSEHOLD, status=201, refuses=(AlreadyInHousehold,)
)
async def create_household(caller: Caller, now: Moment) -> HouseholdDetail:
    """Create a household with the caller as its only member."""
    await households.create(by=caller.person_id, now=now)
    return await _own(caller)


@endpoint(
    "POST",
    "/household/invitations",
    reply=HouseholdInvitation,
    status=201,
    idempotent=False,  # an answer under a key is stored, but only the hash of a code may be
    refuses=(HouseholdRequired, HouseholdFull, TooManyInvitations),
)
async def create_household_invitation(caller: Caller, now: Moment) -> HouseholdInvitation:
    """Create a code with which one more person may join within three days."""
    code, until = await households.invite(by=caller.person_id, now=now)
    return HouseholdInvitation(code=code, expires_at=until)


@endpoint(
    "POST",
    "/household/memberships",
    body=NewMembership,
    reply=HouseholdDetail,
    subject=subjects.HOUSEHOLD,
    status=201,
    limit=JOINING,
    refuses=(InvalidInvitation, HouseholdFull, AlreadyInHousehold),
)
async def join_household(body: NewMembership, caller: Caller, now: Moment) -> HouseholdDetail:
    """Join by a code; the code is then used up."""
    await households.join(body.code, by=caller.person_id, now=now)
    return await _own(caller)


@endpoint("POST", "/household/leaving", reply=Empty, subject=subjects.OUTCOME, refuses=(HouseholdRequired,))
async def leave_household(caller: Caller, now: Moment) -> Empty:
    """Leave the household; invitations the caller gave end with it."""
    await households.leave(by=caller.person_id, now=now)
    return Empty()


@endpoint(
    "POST",
    "/station/households/members",
    body=NewHouseholdMember,
    reply=HouseholdSize,
    subject=subjects.OUTCOME,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound, OwnHousehold, HouseholdFull, AlreadyInHousehold),
)
async def add_household_member(body: NewHouseholdMember, caller: Caller, now: Moment) -> HouseholdSize:
    """At the counter: add a person without a phone to another person's household."""
    by = caller.scope
    count = await households.seat(body.person_id, household_member_id=body.household_member_id, by=by, now=now)
    return HouseholdSize(members=count)


@endpoint(
    "POST",
    "/station/households/members/ending",
    body=HouseholdMemberRemoval,
    reply=Empty,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(NotFound, OwnHousehold, HouseholdRequired),
)
async def remove_household_member(body: HouseholdMemberRemoval, caller: Caller, now: Moment) -> Empty:
    """At the counter: end a person's membership for them."""
    await households.unseat(body.person_id, by=caller.scope, now=now)
    return Empty()
