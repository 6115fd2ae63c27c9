"""One's household: founding it, inviting, joining, leaving; and the same at the counter."""

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
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.http.endpoint import RateLimit

# A code is one of 850 thousand million: at this pace nobody guesses one while it is good.
JOINING = RateLimit(most=10, seconds=600)


@endpoint("GET", "/household", reply=HouseholdDetail, refuses=(HouseholdRequired,))
async def get_household(caller: Caller) -> HouseholdDetail:
    """Who belongs to one's own household."""
    return await _own(caller)


async def _own(caller: Caller) -> HouseholdDetail:
    found = await households.own(caller.person_id)
    members = [HouseholdMember(person_id=one.person_id, name=one.person.name, joined_at=one.joined_at) for one in found]
    return HouseholdDetail(members=members)


@endpoint("POST", "/household", reply=HouseholdDetail, status=201, refuses=(AlreadyInHousehold,))
async def create_household(caller: Caller, now: Moment) -> HouseholdDetail:
    """Found a household, of oneself alone at first."""
    await households.create(by=caller.person_id, now=now)
    return await _own(caller)


@endpoint(
    "POST",
    "/household/invitations",
    reply=HouseholdInvitation,
    status=201,
    idempotent=False,  # an answer under a key is kept, and of the code only its hash may be
    refuses=(HouseholdRequired, HouseholdFull, TooManyInvitations),
)
async def create_household_invitation(caller: Caller, now: Moment) -> HouseholdInvitation:
    """A code for one more person to join by, within three days."""
    code, until = await households.invite(by=caller.person_id, now=now)
    return HouseholdInvitation(code=code, expires_at=until)


@endpoint(
    "POST",
    "/household/memberships",
    body=NewMembership,
    reply=HouseholdDetail,
    status=201,
    limit=JOINING,
    refuses=(InvalidInvitation, HouseholdFull, AlreadyInHousehold),
)
async def join_household(body: NewMembership, caller: Caller, now: Moment) -> HouseholdDetail:
    """Join by a code; it is then used up."""
    await households.join(body.code, by=caller.person_id, now=now)
    return await _own(caller)


@endpoint("POST", "/household/leaving", reply=Empty, refuses=(HouseholdRequired,))
async def leave_household(caller: Caller, now: Moment) -> Empty:
    """Leave one's household; invitations one gave end with it."""
    await households.leave(by=caller.person_id, now=now)
    return Empty()


@endpoint(
    "POST",
    "/station/households/members",
    body=NewHouseholdMember,
    reply=HouseholdSize,
    status=201,
    roles=Roles.STAFF,
    refuses=(NotFound, OwnHousehold, HouseholdFull, AlreadyInHousehold),
)
async def add_household_member(body: NewHouseholdMember, caller: Caller, now: Moment) -> HouseholdSize:
    """At the counter: put somebody without a phone into the household of another."""
    by = caller.scope
    count = await households.seat(body.person_id, household_of=body.household_of, by=by, now=now)
    return HouseholdSize(members=count)


@endpoint(
    "POST",
    "/station/households/members/ending",
    body=HouseholdMemberRemoval,
    reply=Empty,
    roles=Roles.STAFF,
    refuses=(NotFound, OwnHousehold, HouseholdRequired),
)
async def remove_household_member(body: HouseholdMemberRemoval, caller: Caller, now: Moment) -> Empty:
    """At the counter: end somebody's membership for them."""
    await households.unseat(body.person_id, by=caller.scope, now=now)
    return Empty()
