"""Complaints, as the person who filed them and the people who answer them see them."""

from collections.abc import Sequence
from datetime import datetime

from server.domain import reference
from server.domain.complaints import access, submit
from server.domain.pagination import Window, older
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Complaint, ComplaintAnswer, ComplaintStatus

STATIONS = ("station", "decider")
Answers = Sequence[ComplaintAnswer]


async def list_own(person_id: int, window: Window) -> list[Complaint]:
    """Return a page of the person's complaints, the latest first."""
    found = Complaint.filter(older("filed_at", window.after), person_id=person_id)
    return await reference.attach(await found.order_by("-filed_at", "-id").limit(window.limit), *STATIONS)


async def get_own(complaint_id: int, person_id: int) -> Complaint:
    """Return a complaint of the person. Raises `NotFound` for others."""
    found = await Complaint.get_or_none(id=complaint_id, person_id=person_id)
    if found is None:
        raise NotFound
    return (await reference.attach([found], *STATIONS))[0]


async def get_answerable(complaint_id: int, *, by: Staff) -> Complaint:
    """Return a complaint that the caller answers. Raises `NotFound` for others."""
    found = await Complaint.filter(await access.answerable_by(by), id=complaint_id).first()
    if found is None:
        raise NotFound
    return (await reference.attach([found], *STATIONS))[0]


async def list_answerable(by: Staff, *, answered: bool, window: Window) -> list[Complaint]:
    """Return a page of the complaints that the caller answers, the latest first: unanswered, or answered ones."""
    found = Complaint.filter(await access.answerable_by(by), older("filed_at", window.after), due_at__isnull=answered)
    return await reference.attach(await found.order_by("-filed_at", "-id").limit(window.limit), *STATIONS)


async def list_answers(complaint_id: int) -> Answers:
    """Return the answers that were given or are due, the first one first, each with its station."""
    found = await ComplaintAnswer.filter(complaint_id=complaint_id).order_by("number")
    return await reference.attach(found, "station")


async def may_appeal(complaint: Complaint, answers: Answers, now: datetime) -> bool:
    """Return whether the person may appeal now."""
    first = answers[0].answered_at
    is_answered = complaint.status == ComplaintStatus.ANSWERED and first is not None
    return is_answered and first is not None and now <= await submit.appeal_until(complaint, first)
