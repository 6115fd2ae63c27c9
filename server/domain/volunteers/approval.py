"""The station approves or declines a volunteer, records trainings, and reads the contact."""

from datetime import date, datetime

from server.database import db
from server.domain import audit
from server.domain.staff import Staff
from server.domain.volunteers import access, membership
from server.domain.volunteers.notifications import (
    TRAINING_RECORDED,
    VOLUNTEER_APPROVED,
    VOLUNTEER_CONTACT_READ,
    VOLUNTEER_DECLINED,
    notify_volunteer,
)
from server.domain.volunteers.transitions import ACTIVE, S, move, require_status
from server.domain.working_time import SHANGHAI
from server.errors import TrainingExists, TrainingInFuture
from server.models import Person, ReadingKind, Training, Volunteer


@db.transaction
async def approve(volunteer_id: int, *, by: Staff, now: datetime) -> Volunteer:
    """Approve the application; refused for the worker's own, or for that of a person in their household."""
    volunteer = await access.lock_for_station(volunteer_id, by)
    await access.require_independent(volunteer, by.person_id, now=now)
    require_status(volunteer, S.APPLIED)
    await move(volunteer, S.APPROVED, decided_by_id=by.person_id, decided_at=now)
    await membership.begin(volunteer, by=by.person_id, now=now)
    await notify_volunteer(volunteer, VOLUNTEER_APPROVED, now=now)
    await _note("approved", volunteer, by, now)
    return volunteer


@db.transaction
async def decline(volunteer_id: int, *, reason: str, by: Staff, now: datetime) -> Volunteer:
    """Decline the application with a reason that the applicant reads; they may apply again."""
    volunteer = await access.lock_for_station(volunteer_id, by)
    await access.require_independent(volunteer, by.person_id, now=now)
    await move(volunteer, S.DECLINED, decided_by_id=by.person_id, decided_at=now, decision=reason)
    await notify_volunteer(volunteer, VOLUNTEER_DECLINED, now=now)
    await _note("declined", volunteer, by, now)
    return volunteer


@db.transaction
async def record_training(
    volunteer_id: int, *, title: str, day: date, training_minutes: int, by: Staff, now: datetime
) -> Training:
    """Record, once, a past training of a volunteer or applicant.

    Raises `TrainingInFuture`, `TrainingExists` and `InvalidVolunteerState`.
    """
    volunteer = await access.lock_for_station(volunteer_id, by)
    await access.require_independent(volunteer, by.person_id, now=now)
    require_status(volunteer, *ACTIVE)
    if day > (today := now.astimezone(SHANGHAI).date()):
        raise TrainingInFuture(latest=today)
    if await Training.exists(volunteer_id=volunteer.id, title=title, day=day):
        raise TrainingExists
    made = await Training.create(
        volunteer_id=volunteer.id,
        title=title,
        day=day,
        training_minutes=training_minutes,
        recorded_by_id=by.person_id,
        recorded_at=now,
    )
    await notify_volunteer(volunteer, TRAINING_RECORDED, now=now)
    await _note("trained", volunteer, by, now)
    return made


@db.transaction
async def reveal_contact(volunteer_id: int, *, reason: str, by: Staff, now: datetime) -> Person:
    """Return the person with an unmasked phone number; the reading and its reason are logged, the volunteer is
    notified.
    """
    volunteer = await access.lock_for_station(volunteer_id, by)
    subject = f"volunteer:{volunteer.id}"
    await audit.read(subject, ReadingKind.CONTACT, of=volunteer.person_id, by=by.person_id, reason=reason, now=now)
    await notify_volunteer(volunteer, VOLUNTEER_CONTACT_READ, now=now)
    return await Person.get(id=volunteer.person_id)


async def _note(action: str, volunteer: Volunteer, by: Staff, now: datetime) -> None:
    await audit.note(f"volunteer.{action}", f"volunteer:{volunteer.id}", by=by.person_id, now=now)
