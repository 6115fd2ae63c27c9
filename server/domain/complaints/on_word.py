"""Complaints of people without a phone: staff read them the answer, and appeal on their word."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit, households, people, reference
from server.domain.complaints import access, submit
from server.domain.complaints.queries import STATIONS
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.errors import NotFound, OwnDecision, ResidentHasPhone
from server.models import Complaint, ComplaintAnswer, Person, ReadingKind


async def list_of(person_id: int, window: Window, *, by: Staff, now: datetime) -> list[Complaint]:
    """Return a page of the complaints that the caller may read out to the person, the latest first.

    Raises `NotFound` for a person whom the caller did not look up within a day, and `ResidentHasPhone`.
    """
    await _require_beside(person_id, by, now)
    found = Complaint.filter(older("filed_at", window.after), await _tellable_by(by), person_id=person_id)
    return await reference.attach(await found.order_by("-filed_at", "-id").limit(window.limit), *STATIONS)


@db.transaction
async def open_to_read_out(complaint_id: int, *, by: Staff, now: datetime) -> Complaint:
    """Return a complaint of such a person, to read them the answer; the reading is logged.

    Raises `NotFound` and `ResidentHasPhone`.
    """
    complaint = await _lock(complaint_id, by, now)
    subject, of = f"complaint:{complaint.id}", complaint.person_id
    await audit.read(subject, ReadingKind.COMPLAINT, of=of, by=by.person_id, reason="应您要求转告答复", now=now)
    return (await reference.attach([complaint], *STATIONS))[0]


@db.transaction
async def appeal(complaint_id: int, person_id: int, *, reason: str, by: Staff, now: datetime) -> Complaint:
    """Appeal against the answer on the word of its person. Raises as `open_to_read_out` and as `submit.appeal`,
    and `OwnDecision` for who answered it: they would use the right up.
    """
    await reference.lock_shared()
    complaint = await _lock(complaint_id, by, now)
    if complaint.person_id != person_id:
        raise NotFound
    if await ComplaintAnswer.exists(complaint_id=complaint.id, answered_by_id=by.person_id):
        raise OwnDecision
    return await submit.appeal_locked(complaint, reason=reason, by=by.person_id, now=now)


async def _lock(complaint_id: int, by: Staff, now: datetime) -> Complaint:
    found = await Complaint.filter(await _tellable_by(by), id=complaint_id).select_for_update().first()
    if found is None:
        raise NotFound
    await _require_beside(found.person_id, by, now)
    return found


async def _tellable_by(by: Staff) -> Q:
    """Return the condition for complaints about stations for which the caller never worked, nor stands in now.

    They are of no person whom the caller lives with.
    """
    housemates = sorted(await households.housemates_of(by.person_id)) or [0]
    return ~await access.about_stations_of(by) & ~Q(person_id__in=housemates)


async def _require_beside(person_id: int, by: Staff, now: datetime) -> None:
    """Require that the person came to the caller, or called: a look-up of today has the reason."""
    if not await people.was_found(person_id, by, now=now):
        raise NotFound(kind="person", ids=[person_id])
    if not await Person.filter(people.ON_WORD, id=person_id).exists():
        raise ResidentHasPhone
