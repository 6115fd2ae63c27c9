"""The clock of a complaint: every day somebody must be there who may answer it, and an overdue one is told."""

from datetime import datetime

from server.database import db
from server.domain import notifications, reference, staff
from server.domain.complaints import access, submit
from server.domain.complaints.notifications import COMPLAINT_OVERDUE
from server.models import Complaint, ComplaintAnswer


@db.transaction
async def watch(complaint_id: int, *, now: datetime) -> None:
    """Look after an unanswered complaint, every day.

    If nobody at its deciding station may answer any more, because they left or came to work at the station complained
    of, the nearest station above answers, by the same day. Of an overdue one heads and officers are notified.
    """
    await reference.lock_shared()
    complaint = await Complaint.filter(id=complaint_id).select_for_update().get()
    if complaint.status not in access.UNANSWERED or complaint.due_at is None:
        return
    await _find_another_decider(complaint, now)
    if now >= complaint.due_at:
        await _remind(complaint, now)
    await submit.plan_watch(complaint, now=now)


async def _find_another_decider(complaint: Complaint, now: datetime) -> None:
    found = await access.choose_again(complaint)
    if found is None:
        return
    complaint.decider_id = found.station.id
    await complaint.save(update_fields=["decider_id"])
    await ComplaintAnswer.filter(complaint_id=complaint.id, answered_at=None).update(station_id=found.station.id)
    await submit.notify_decider(complaint, found, now=now)


async def _remind(complaint: Complaint, now: datetime) -> None:
    here = await staff.of_station(complaint.decider_id)
    people = {*here.heading, *here.officers} - await access.people_besides(complaint)
    await notifications.notify(people, COMPLAINT_OVERDUE, subject_id=complaint.id, now=now)
