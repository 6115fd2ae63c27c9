"""A station's volunteers: the list, and the decisions of its staff and its head."""

from datetime import datetime

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
from server.domain.volunteers.queries import VolunteerCriteria
from server.errors import HeadRequired, InvalidVolunteerState, OwnVolunteering, TrainingExists, TrainingInFuture
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.volunteers import serializers
from server.models import VolunteerStatus

PATH = "/station/volunteers/<volunteer_id:int>"


@endpoint("GET", "/station/volunteers", query=VolunteerFilter, reply=Page[VolunteerRow], roles=Roles.STAFF)
async def list_station_volunteers(query: VolunteerFilter, caller: Caller) -> Page[VolunteerRow]:
    """List volunteers and applicants of the caller's stations and counties, latest application first."""
    criteria = VolunteerCriteria(
        status=VolunteerStatus(query.status) if query.status else None,
        skill=query.skill or "",
        station_id=query.station,
        after=cursor.after(query.after),
        limit=query.limit,
    )
    found = await queries.list_for_staff(criteria, by=caller.scope)
    following = cursor.following(found, query.limit, lambda one: (one.applied_at, one.id))
    return Page[VolunteerRow](items=[serializers.volunteer_row(one) for one in found], next=following)


@endpoint("GET", PATH, reply=StaffVolunteerDetail, roles=Roles.STAFF)
async def get_station_volunteer(volunteer_id: int, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Return a volunteer or applicant."""
    return await _get_detail(volunteer_id, caller, now)


async def _get_detail(volunteer_id: int, caller: Caller, now: datetime) -> StaffVolunteerDetail:
    return serializers.staff_volunteer_detail(await queries.get_for_staff(volunteer_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/contact",
    body=Reason,
    reply=VolunteerContact,
    roles=Roles.STAFF,
    idempotent=False,  # a stored reply could be read again after the right to it has ended
)
async def reveal_volunteer_contact(volunteer_id: int, body: Reason, caller: Caller, now: Moment) -> VolunteerContact:
    """Read the unmasked phone number with a reason; it is logged, and the volunteer is notified."""
    person = await approval.reveal_contact(volunteer_id, reason=body.reason, by=caller.scope, now=now)
    return VolunteerContact(name=person.name, phone=person.phone)


@endpoint(
    "POST",
    PATH + "/approval",
    reply=StaffVolunteerDetail,
    subject=subjects.VOLUNTEER,
    roles=Roles.STAFF,
    refuses=(OwnVolunteering, InvalidVolunteerState),
)
async def approve_volunteer(volunteer_id: int, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Approve an application; refused for the caller's own, or for that of a person in their household."""
    await approval.approve(volunteer_id, by=caller.scope, now=now)
    return await _get_detail(volunteer_id, caller, now)


@endpoint(
    "POST",
    PATH + "/refusal",
    body=Reason,
    reply=StaffVolunteerDetail,
    subject=subjects.VOLUNTEER,
    roles=Roles.STAFF,
    refuses=(OwnVolunteering, InvalidVolunteerState),
)
async def decline_volunteer(volunteer_id: int, body: Reason, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Decline an application with a reason that the applicant reads."""
    await approval.decline(volunteer_id, reason=body.reason, by=caller.scope, now=now)
    return await _get_detail(volunteer_id, caller, now)


@endpoint(
    "POST",
    PATH + "/trainings",
    body=NewTraining,
    reply=TrainingDetail,
    subject=subjects.VOLUNTEER,
    status=201,
    roles=Roles.STAFF,
    refuses=(OwnVolunteering, InvalidVolunteerState, TrainingInFuture, TrainingExists),
)
async def record_training(volunteer_id: int, body: NewTraining, caller: Caller, now: Moment) -> TrainingDetail:
    """Record a training that the volunteer took part in."""
    return serializers.training_detail(
        await approval.record_training(volunteer_id, **body.model_dump(), by=caller.scope, now=now)
    )


@endpoint(
    "POST",
    PATH + "/ban",
    body=Reason,
    reply=StaffVolunteerDetail,
    subject=subjects.VOLUNTEER,
    roles=Roles.STAFF,
    refuses=(HeadRequired, OwnVolunteering, InvalidVolunteerState),
)
async def ban_volunteer(volunteer_id: int, body: Reason, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Ban a volunteer, as the head of the station, with a reason that the volunteer reads."""
    await bans.ban(volunteer_id, reason=body.reason, by=caller.scope, now=now)
    return await _get_detail(volunteer_id, caller, now)


@endpoint(
    "POST",
    PATH + "/ban-lifting",
    reply=StaffVolunteerDetail,
    subject=subjects.VOLUNTEER,
    roles=Roles.STAFF,
    refuses=(HeadRequired, OwnVolunteering, InvalidVolunteerState),
)
async def lift_ban(volunteer_id: int, caller: Caller, now: Moment) -> StaffVolunteerDetail:
    """Lift a ban, as the head of the station; the volunteer serves again."""
    await bans.lift(volunteer_id, by=caller.scope, now=now)
    return await _get_detail(volunteer_id, caller, now)
