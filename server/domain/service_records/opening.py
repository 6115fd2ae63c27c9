"""What a finished task becomes: time served, checked in and out."""

from datetime import datetime, timedelta

from server import db
from server.domain import policies
from server.domain.service_records import limits
from server.domain.service_records.spans import LONGEST, Span
from server.domain.volunteers import locked as volunteers
from server.models import RecordSource, RecordStatus, ServiceRecord, Task


@db.transaction
async def from_task(task: Task, *, now: datetime) -> ServiceRecord:
    """A verified record of a locked task that its volunteer checked out of.

    What counts is at most a day, ends soon after the task, lies in no other record, and has only the minutes that its
    days still had room for: perhaps none, yet on record, for whoever served can always check out.
    """
    assert task.volunteer_id is not None
    assert task.started_at is not None
    assert task.finished_at is not None
    # Banned since the check-in, they served all the same.
    await volunteers.own(task.volunteer_id)
    there = Span(task.started_at, min(task.finished_at, task.started_at + LONGEST))
    counted = await _counted(task, task.volunteer_id, there)
    span = counted or there
    left = await limits.left_on(task.volunteer_id, span.days)
    return await ServiceRecord.create(
        status=RecordStatus.CLAIMED,
        source=RecordSource.TASK,
        volunteer_id=task.volunteer_id,
        station_id=task.station_id,
        task_id=task.id,
        text=task.title,
        started_at=span.started_at,
        ended_at=span.ended_at,
        minutes=sum(min(minutes, left[day]) for day, minutes in span.days.items()) if counted else 0,
        verified=True,
        claimed_at=now,
        # What has no time of its own takes none from others.
        counts=1 if counted else None,
    )


async def _counted(task: Task, volunteer_id: int, there: Span) -> Span | None:
    """Who forgot to check out was not there until they remembered; nor was anybody in two places at once."""
    grace = await policies.number("check_out_grace_minutes", station_id=task.station_id)
    ended_at = min(there.ended_at, task.ends_at + timedelta(minutes=grace))
    return await limits.longest_free(volunteer_id, Span(there.started_at, ended_at))
