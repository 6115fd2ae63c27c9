"""The clock of a complaint: heads and officers are notified of an overdue one, every day."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import job_queue, notifications, staff
from server.domain.complaints import access
from server.domain.complaints.notifications import COMPLAINT_OVERDUE
from server.domain.complaints.submit import JOB_KIND
from server.models import Complaint, ComplaintAnswer

REPEAT_INTERVAL = timedelta(days=1)


@db.transaction
async def remind_overdue(complaint_id: int, *, now: datetime) -> None:
    """Notify the heads who answer an overdue complaint, and the officers above them, and plan the next notice."""
    complaint = await Complaint.filter(id=complaint_id).select_for_update().get()
    if complaint.status not in access.UNANSWERED or complaint.due_at is None:
        return
    if now >= complaint.due_at:
        here, about = await staff.of_station(complaint.decider_id), await staff.of_station(complaint.station_id)
        answered = await ComplaintAnswer.filter(complaint_id=complaint.id, answered_by_id__isnull=False)
        besides = {complaint.person_id, *about.workers, *(one.answered_by_id for one in answered)}
        people = {*here.heading, *here.officers} - besides
        await notifications.notify(people, COMPLAINT_OVERDUE, subject_id=complaint.id, now=now)
    await job_queue.plan(JOB_KIND, complaint.id, due=max(complaint.due_at, now + REPEAT_INTERVAL))
