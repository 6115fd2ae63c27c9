"""What a finished task becomes: time served, checked in and out."""

from datetime import datetime

from server import db
from server.domain.service_records import limits
from server.domain.service_records.spans import LONGEST, Span
from server.domain.volunteers import locked as volunteers
from server.models import RecordSource, RecordStatus, ServiceRecord, Task


@db.transaction
async def from_task(task: Task, *, now: datetime) -> ServiceRecord:
    """A verified record of a locked task that its volunteer checked out of.

    It has at most a day, and only the minutes that its days still had room for: none on full days, yet on record,
    for whoever served can always check out. Raises ServiceOverlaps.
    """
    assert task.volunteer_id is not None
    assert task.started_at is not None
    assert task.finished_at is not None
    # Banned since the check-in, they served all the same.
    await volunteers.own(task.volunteer_id)
    span = Span(task.started_at, min(task.finished_at, task.started_at + LONGEST))
    await limits.must_not_overlap(task.volunteer_id, span)
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
        minutes=sum(min(minutes, left[day]) for day, minutes in span.days.items()),
        verified=True,
        claimed_at=now,
    )
