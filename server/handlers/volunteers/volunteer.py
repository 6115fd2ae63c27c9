"""Volunteering as one does it oneself: applying, changing what one said, leaving, appealing against a ban."""

from miniprogram_contract.base import Reason
from miniprogram_contract.volunteers import BanDetail, NewVolunteerApplication, VolunteerChanges, VolunteerDetail
from server.adapters.clock import Moment
from server.domain.volunteers import applications, ban_appeals, queries
from server.domain.volunteers.applications import Application
from server.errors import (
    AlreadyApplied,
    AlreadySubmitted,
    CategoryNotAvailable,
    HomeRequired,
    InvalidVolunteerState,
    NotBanned,
    NotFound,
    VolunteerBanned,
    VolunteerTasksOpen,
)
from server.handlers.http import Caller, endpoint
from server.handlers.volunteers import serializers


@endpoint(
    "POST",
    "/volunteers",
    body=NewVolunteerApplication,
    reply=VolunteerDetail,
    status=201,
    refuses=(HomeRequired, CategoryNotAvailable, AlreadyApplied, VolunteerBanned),
)
async def apply_to_volunteer(body: NewVolunteerApplication, caller: Caller, now: Moment) -> VolunteerDetail:
    """Apply to volunteer at the station that answers for one's home; who was declined or left may apply anew."""
    await applications.apply(Application(**body.model_dump()), by=caller.person_id, now=now)
    return await _mine(caller)


async def _mine(caller: Caller) -> VolunteerDetail:
    own = await queries.own(caller.person_id)
    assert own is not None, "the caller has applied"
    return serializers.mine(own)


@endpoint("GET", "/volunteers/me", reply=VolunteerDetail | None)
async def get_own_volunteer(caller: Caller) -> VolunteerDetail | None:
    """Show the caller's application and its result; null: they never applied."""
    own = await queries.own(caller.person_id)
    return serializers.mine(own) if own is not None else None


@endpoint(
    "POST",
    "/volunteers/me/changes",
    body=VolunteerChanges,
    reply=VolunteerDetail,
    refuses=(NotFound, CategoryNotAvailable, InvalidVolunteerState),
)
async def change_own_volunteer(body: VolunteerChanges, caller: Caller, now: Moment) -> VolunteerDetail:
    """Change skills, free times, what one says of oneself, or whether one stands in rankings."""
    await applications.change(caller.person_id, changes=body.model_dump(exclude_unset=True), now=now)
    return await _mine(caller)


@endpoint(
    "POST",
    "/volunteers/me/leaving",
    reply=VolunteerDetail,
    refuses=(NotFound, InvalidVolunteerState, VolunteerTasksOpen),
)
async def leave_volunteering(caller: Caller, now: Moment) -> VolunteerDetail:
    """Stop volunteering, or take the application back; hours served and minutes stay one's own."""
    await applications.leave(caller.person_id, now=now)
    return await _mine(caller)


@endpoint(
    "POST",
    "/volunteers/me/ban-appeal",
    body=Reason,
    reply=BanDetail,
    status=201,
    refuses=(NotFound, NotBanned, AlreadySubmitted),
)
async def appeal_against_ban(body: Reason, caller: Caller, now: Moment) -> BanDetail:
    """Object to a ban, once; the county's head station decides, or the city where that one banned."""
    return serializers.ban(await ban_appeals.make(caller.person_id, reason=body.reason, now=now))
