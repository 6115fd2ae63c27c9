"""One's household: founding it, inviting, joining, leaving; and the same at the counter."""

from miniprogram_contract.households import (
    HouseholdInvitation,
    HouseholdJoining,
    HouseholdMember,
    HouseholdShape,
    Seated,
    Seating,
    Unseating,
)
from miniprogram_contract.shapes import Nothing
from server.domain import households
from server.errors import (
    AlreadyInHousehold,
    HouseholdFull,
    InvitationNotGood,
    NoHousehold,
    NotFound,
    OwnHousehold,
    TooManyInvitations,
)
from server.handlers.http import Caller, Who, endpoint
from server.handlers.http.endpoint import Limit
from server.outside.clock import Moment

# A code is one of 850 thousand million: at this pace nobody guesses one while it is good.
JOINING = Limit(most=10, seconds=600)


@endpoint("GET", "/household", reply=HouseholdShape, refuses=(NoHousehold,))
async def get_household(caller: Caller) -> HouseholdShape:
    """Who belongs to one's own household."""
    return await _own(caller)


async def _own(caller: Caller) -> HouseholdShape:
    found = await households.own(caller.person_id)
    members = [HouseholdMember(person_id=one.person_id, name=one.person.name, joined_at=one.joined_at) for one in found]
    return HouseholdShape(members=members)


@endpoint("POST", "/household", reply=HouseholdShape, status=201, refuses=(AlreadyInHousehold,))
async def found_household(caller: Caller, now: Moment) -> HouseholdShape:
    """Found a household, of oneself alone at first."""
    await households.found(by=caller.person_id, now=now)
    return await _own(caller)


@endpoint(
    "POST",
    "/household/invitations",
    reply=HouseholdInvitation,
    status=201,
    key=False,  # an answer under a key is kept, and of the code only its hash may be
    refuses=(NoHousehold, HouseholdFull, TooManyInvitations),
)
async def invite_to_household(caller: Caller, now: Moment) -> HouseholdInvitation:
    """A code for one more person to join by, within three days."""
    code, until = await households.invite(by=caller.person_id, now=now)
    return HouseholdInvitation(code=code, expires_at=until)


@endpoint(
    "POST",
    "/household/memberships",
    body=HouseholdJoining,
    reply=HouseholdShape,
    status=201,
    limit=JOINING,
    refuses=(InvitationNotGood, HouseholdFull, AlreadyInHousehold),
)
async def join_household(body: HouseholdJoining, caller: Caller, now: Moment) -> HouseholdShape:
    """Join by a code; it is then used up."""
    await households.join(body.code, by=caller.person_id, now=now)
    return await _own(caller)


@endpoint("POST", "/household/leaving", reply=Nothing, refuses=(NoHousehold,))
async def leave_household(caller: Caller, now: Moment) -> Nothing:
    """Leave one's household; invitations one gave end with it."""
    await households.leave(by=caller.person_id, now=now)
    return Nothing()


@endpoint(
    "POST",
    "/station/households/members",
    body=Seating,
    reply=Seated,
    status=201,
    who=Who.STAFF,
    refuses=(NotFound, OwnHousehold, HouseholdFull, AlreadyInHousehold),
)
async def seat_in_household(body: Seating, caller: Caller, now: Moment) -> Seated:
    """At the counter: put somebody without a phone into the household of another."""
    by = caller.scope
    count = await households.seat(body.person_id, household_of=body.household_of, by=by, now=now)
    return Seated(members=count)


@endpoint(
    "POST",
    "/station/households/members/ending",
    body=Unseating,
    reply=Nothing,
    who=Who.STAFF,
    refuses=(NotFound, OwnHousehold, NoHousehold),
)
async def unseat_from_household(body: Unseating, caller: Caller, now: Moment) -> Nothing:
    """At the counter: end somebody's membership for them."""
    await households.unseat(body.person_id, by=caller.scope, now=now)
    return Nothing()
