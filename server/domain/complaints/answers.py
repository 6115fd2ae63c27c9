"""Answer a complaint: once, and once more after an appeal, by another person."""

from datetime import datetime

from server.database import db
from server.domain import audit, notifications, reference, stations
from server.domain.complaints import access, submit
from server.domain.complaints.notifications import COMPLAINT_ANSWERED, COMPLAINT_FINAL
from server.domain.staff import Staff
from server.domain.working_time import in_chinese
from server.errors import InvalidComplaintState, OwnDecision
from server.models import Complaint, ComplaintAnswer, ComplaintStatus, ReadingKind

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
    await _notify(complaint, now, is_final=is_final)
    await audit.note("complaint.answered", f"complaint:{complaint.id}", by=by.person_id, now=now, upheld=upheld)
    return complaint


async def _require_other_person(complaint: Complaint, by: Staff) -> None:
    if await ComplaintAnswer.exists(complaint_id=complaint.id, answered_by_id=by.person_id):
        raise OwnDecision


async def _notify(complaint: Complaint, now: datetime, *, is_final: bool) -> None:
    station = (await stations.get(complaint.decider_id)).name
    people, subject = [complaint.person_id], {"subject_id": complaint.id, "now": now}
    if is_final:
        await notifications.notify(people, COMPLAINT_FINAL, **subject, station=station)
        return
    until = in_chinese(await submit.appeal_until(complaint, now))
    await notifications.notify(people, COMPLAINT_ANSWERED, **subject, station=station, until=until)


@db.transaction
async def open_complaint(complaint_id: int, *, by: Staff, now: datetime) -> Complaint:
    """Return a complaint that the caller answers, for showing its words; the person sees the reading.

    Raises `NotFound` for others.
    """
    complaint = await access.lock_for_answer(complaint_id, by)
    subject = f"complaint:{complaint.id}"
    await audit.read(subject, ReadingKind.COMPLAINT, of=complaint.person_id, by=by.person_id, now=now)
    return (await reference.attach([complaint], "station", "decider"))[0]
