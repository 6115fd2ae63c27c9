"""Answer a complaint: once, and once more after an appeal, by another person."""

from datetime import datetime

from server.database import db
from server.domain import audit, notifications, people, reference, staff, stations
from server.domain.complaints import access, submit
from server.domain.complaints.notifications import (
    COMPLAINT_ANSWERED,
    COMPLAINT_FINAL,
    COMPLAINT_FINAL_TO_TELL,
    COMPLAINT_TO_TELL,
)
from server.domain.staff import Staff
from server.domain.working_time import in_chinese
from server.errors import InvalidComplaintState, OwnDecision
from server.models import Complaint, ComplaintAnswer, ComplaintStatus, Person, ReadingKind

S = ComplaintStatus


@db.transaction
async def answer(complaint_id: int, *, upheld: bool, text: str, by: Staff, now: datetime) -> Complaint:
    """Answer the complaint; the person is notified. After an appeal another person answers it.

    Raises `NotFound`, `InvalidComplaintState` if it is answered, and `OwnDecision`.
    """
    complaint = await access.lock_for_answer(complaint_id, by)
    if complaint.status not in access.UNANSWERED:
        raise InvalidComplaintState(status=complaint.status)
    await _require_other_person(complaint, by)
    answered = {"upheld": upheld, "text": text, "answered_by_id": by.person_id, "answered_at": now}
    waiting = ComplaintAnswer.filter(complaint_id=complaint.id, answered_at=None)
    await waiting.update(**answered)
    is_final = complaint.status == S.APPEALED
    changes = {"status": S.FINAL if is_final else S.ANSWERED, "due_at": None}
    await Complaint.filter(id=complaint.id).update(**changes)
    complaint.update_from_dict(changes)
    await _notify(complaint, by, now, is_final=is_final)
    await audit.note("complaint.answered", f"complaint:{complaint.id}", by=by.person_id, now=now, upheld=upheld)
    return complaint


async def _require_other_person(complaint: Complaint, by: Staff) -> None:
    if await ComplaintAnswer.exists(complaint_id=complaint.id, answered_by_id=by.person_id):
        raise OwnDecision


async def _notify(complaint: Complaint, by: Staff, now: datetime, *, is_final: bool) -> None:
    """Notify the person. Who has no phone is told by the worker who entered it, else by the one who answered it.

    It is not told by a worker of the station it is about, nor by one who works nowhere any more.
    """
    words = {"station": (await stations.get(complaint.decider_id)).name}
    if not is_final:
        words["until"] = in_chinese(await submit.appeal_until(complaint, now))
    told, template = [complaint.person_id], COMPLAINT_FINAL if is_final else COMPLAINT_ANSWERED
    if await Person.filter(people.ON_WORD, id=complaint.person_id).exists():
        involved = await access.people_of(await stations.get(complaint.station_id))
        entered_by = await staff.of_person(complaint.entered_by_id)
        can_tell = entered_by.station_ids and entered_by.person_id not in involved
        told = [entered_by.person_id if can_tell else by.person_id]
        template = COMPLAINT_FINAL_TO_TELL if is_final else COMPLAINT_TO_TELL
    await notifications.notify(told, template, subject_id=complaint.id, now=now, **words)


@db.transaction
async def open_complaint(complaint_id: int, *, by: Staff, now: datetime) -> Complaint:
    """Return a complaint that the caller answers, for showing its words; the person sees the reading.

    Raises `NotFound` for others.
    """
    complaint = await access.lock_for_answer(complaint_id, by)
    await _read(complaint, ReadingKind.COMPLAINT, by, now)
    return (await reference.attach([complaint], "station", "decider"))[0]


@db.transaction
async def reveal_contact(complaint_id: int, *, by: Staff, now: datetime) -> Person:
    """Return the person who complained, to the caller who answers: some are only told by telephone.

    The reading is logged, and the person sees it. Raises `NotFound` for others.
    """
    complaint = await access.lock_for_answer(complaint_id, by)
    await _read(complaint, ReadingKind.CONTACT, by, now)
    return await Person.get(id=complaint.person_id)


async def _read(complaint: Complaint, kind: ReadingKind, by: Staff, now: datetime) -> None:
    subject, of = f"complaint:{complaint.id}", complaint.person_id
    await audit.read(subject, kind, of=of, by=by.person_id, reason="答复投诉", now=now)
