"""A station's volunteers: the list, and what its staff and its head do."""

from miniprogram_contract.base import Page, Reason
from miniprogram_contract.volunteers import (
    NewTraining,
    StaffVolunteerDetail,
    TrainingDetail,
    VolunteerContact,
    VolunteerFilter,
    VolunteerRow,
)
from server.adapters.clock import Moment
from server.domain.volunteers import approval, bans, queries
from server.domain.volunteers.queries import Wanted
from server.errors import HeadRequired, InvalidVolunteerState, OwnVolunteering, TrainingExists, TrainingInFuture
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.volunteers import serializers
from server.models import VolunteerStatus

PATH = "/station/volunteers/<volunteer_id:int>"


@endpoint("GET", "/station/volunteers", query=VolunteerFilter, reply=Page[VolunteerRow], roles=Roles.STAFF)
async def list_station_volunteers(query: VolunteerFilter, caller: Caller) -> Page[VolunteerRow]:
    """Volunteers and applicants of one's stations, or of one's county; who applied last first."""
    wanted = Wanted(
        status=VolunteerStatus(query.status) if query.status else None,
        skill=query.skill or "",
        station_id=query.station,
        after=cursor.after(query.after),
        limit=query.limit,
    )
    found = await queries.listed(wanted, by=caller.scope)
    following = cursor.following(found, query.limit, lambda one: (one.applied_at, one.id))
    return Page[VolunteerRow](items=[serializers.row(one, caller.scope) for one in found], next=following)


@endpoint("GET", PATH, reply=StaffVolunteerDetail, roles=Roles.STAFF)
async def get_station_volunteer(volunteer_id: int, caller: Caller) -> StaffVolunteerDetail:
    """One volunteer or applicant."""
    return await _shown(volunteer_id, caller)


async def _shown(volunteer_id: int, caller: Caller) -> StaffVolunteerDetail:
    return serializers.station_volunteer(await queries.one(volunteer_id, by=caller.scope), caller.scope)


@endpoint(
    "POST",
    PATH + "/contact",
    body=Reason,
    reply=VolunteerContact,
    roles=Roles.STAFF,
    idempotent=False,  # an answer under a key is kept, and could be read again after the right to it ended
)
async def reveal_volunteer_contact(volunteer_id: int, body: Reason, caller: Caller, now: Moment) -> VolunteerContact:
    """Read the phone unmasked, with a reason; it is logged and the volunteer is told."""
    person = await approval.reveal_contact(volunteer_id, reason=body.reason, by=caller.scope, now=now)
    return VolunteerContact(name=person.name, phone=person.phone)


@endpoint(
    "POST",
    PATH + "/approval",
    reply=StaffVolunteerDetail,
    roles=Roles.STAFF,
    refuses=(OwnVolunteering, InvalidVolunteerState),
)
async def approve_volunteer(volunteer_id: int, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Accept an application; never one's own or a relative's."""
    await approval.approve(volunteer_id, by=caller.scope, now=now)
    return await _shown(volunteer_id, caller)


@endpoint(
    "POST",
    PATH + "/refusal",
    body=Reason,
    reply=StaffVolunteerDetail,
    roles=Roles.STAFF,
    refuses=(OwnVolunteering, InvalidVolunteerState),
)
async def decline_volunteer(volunteer_id: int, body: Reason, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Refuse an application with a reason the applicant reads."""
    await approval.decline(volunteer_id, reason=body.reason, by=caller.scope, now=now)
    return await _shown(volunteer_id, caller)


@endpoint(
    "POST",
    PATH + "/trainings",
    body=NewTraining,
    reply=TrainingDetail,
    status=201,
    roles=Roles.STAFF,
    refuses=(OwnVolunteering, InvalidVolunteerState, TrainingInFuture, TrainingExists),
)
async def record_training(volunteer_id: int, body: NewTraining, caller: Caller, now: Moment) -> TrainingDetail:
    """Record a training somebody took part in."""
    return serializers.training(await approval.train(volunteer_id, **body.model_dump(), by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/ban",
    body=Reason,
    reply=StaffVolunteerDetail,
    roles=Roles.STAFF,
    refuses=(HeadRequired, OwnVolunteering, InvalidVolunteerState),
)
async def ban_volunteer(volunteer_id: int, body: Reason, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Stop somebody's volunteering, with a reason they read; the station head's alone."""
    await bans.ban(volunteer_id, reason=body.reason, by=caller.scope, now=now)
    return await _shown(volunteer_id, caller)


@endpoint(
    "POST",
    PATH + "/ban-lifting",
    reply=StaffVolunteerDetail,
    roles=Roles.STAFF,
    refuses=(HeadRequired, OwnVolunteering, InvalidVolunteerState),
)
async def lift_ban(volunteer_id: int, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Let a banned volunteer serve again; the station head's alone."""
    await bans.lift(volunteer_id, by=caller.scope, now=now)
    return await _shown(volunteer_id, caller)
