"""Volunteering for the resident: application, profile, leaving, appeal against a ban."""

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
from server.handlers import subjects
from server.handlers.http import Caller, endpoint
from server.handlers.volunteers import serializers


@endpoint(
    "POST",
    "/volunteers",
    body=NewVolunteerApplication,
    hears=("about",),
    reply=VolunteerDetail,
    subject=subjects.OWN,
    status=201,
    refuses=(HomeRequired, CategoryNotAvailable, AlreadyApplied, VolunteerBanned),
)
async def apply_to_volunteer(body: NewVolunteerApplication, caller: Caller, now: Moment) -> VolunteerDetail:
    """Apply to volunteer at the station responsible for the caller's home; a declined or former volunteer may apply
    again.
    """
    await applications.apply(Application(**body.model_dump()), by=caller.person_id, now=now)
    return await _get_own(caller)


async def _get_own(caller: Caller) -> VolunteerDetail:
    own = await queries.get_own(caller.person_id)
    assert own is not None, "the caller has applied"
    return serializers.volunteer_detail(own)


@endpoint("GET", "/volunteers/me", reply=VolunteerDetail | None)
async def get_own_volunteer(caller: Caller) -> VolunteerDetail | None:
    """Show the caller's application and its result; null: they never applied."""
    own = await queries.get_own(caller.person_id)
    return serializers.volunteer_detail(own) if own is not None else None


@endpoint(
    "POST",
    "/volunteers/me/changes",
    body=VolunteerChanges,
    hears=("about",),
    reply=VolunteerDetail,
    subject=subjects.OWN,
    refuses=(NotFound, CategoryNotAvailable, InvalidVolunteerState),
)
async def change_own_volunteer(body: VolunteerChanges, caller: Caller, now: Moment) -> VolunteerDetail:
    """Change the caller's skills, free times, description, or consent to rankings."""
    await applications.change_profile(caller.person_id, changes=body.model_dump(exclude_unset=True), now=now)
    return await _get_own(caller)


@endpoint(
    "POST",
    "/volunteers/me/leaving",
    reply=VolunteerDetail,
    subject=subjects.OWN,
    refuses=(NotFound, InvalidVolunteerState, VolunteerTasksOpen),
)
async def leave_volunteering(caller: Caller, now: Moment) -> VolunteerDetail:
    """Stop volunteering, or withdraw the application; served hours and minutes stay."""
    await applications.leave(caller.person_id, now=now)
    return await _get_own(caller)


@endpoint(
    "POST",
    "/volunteers/me/ban-appeal",
    body=Reason,
    hears=("reason",),
    reply=BanDetail,
    subject=subjects.OWN,
    status=201,
    refuses=(NotFound, NotBanned, AlreadySubmitted),
)
async def appeal_against_ban(body: Reason, caller: Caller, now: Moment) -> BanDetail:
    """Appeal against a ban, once; the county's head station decides, or the city desk if the head station banned."""
    return serializers.ban_detail(await ban_appeals.submit(caller.person_id, reason=body.reason, now=now))
