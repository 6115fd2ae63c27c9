"""Service records from finished tasks and from posts at activities: verified time, checked in and out."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import policies
from server.domain.service_records import limits
from server.domain.service_records.time_spans import MAX_SPAN, Span
from server.domain.volunteers import access as volunteers
from server.models import Activity, Attendee, RecordSource, RecordStatus, ServiceRecord, Task


@dataclass(frozen=True)
class NewRecord:
    """The source of a record, its volunteer and station, and what was done."""

    source: RecordSource
    volunteer_id: int
    station_id: int
    text: str
    task_id: int | None = None


@db.transaction
async def create_from_task(task: Task, *, now: datetime) -> ServiceRecord:
    """Create the verified record of a locked task that its volunteer checked out of.

    At most one day counts, ending soon after the task, in no other record, within the minutes left on its days. It may
    be 0 minutes: a volunteer can always check out.
    """
    assert task.volunteer_id is not None
    assert task.started_at is not None
    assert task.finished_at is not None
    # Also for a volunteer who was banned after the check-in: they did serve.
    await volunteers.lock_own(task.volunteer_id)
    attended = Span(task.started_at, min(task.finished_at, task.started_at + MAX_SPAN))
    new = NewRecord(RecordSource.TASK, task.volunteer_id, task.station_id, task.title, task_id=task.id)
    return await _create(new, attended, task.ends_at, now)


@db.transaction
async def create_from_activity(attendee: Attendee, activity: Activity, *, now: datetime) -> ServiceRecord:
    """Create the verified record of a locked attendee with a post (`booking.post` is loaded), who checked in and out.

    The same time counts as for a task. The caller writes the record into the attendee's row, which it keeps locked.
    """
    assert attendee.person_id is not None
    assert attendee.checked_in_at is not None
    assert attendee.checked_out_at is not None
    assert attendee.booking.post is not None
    await volunteers.lock_own(attendee.person_id)
    attended = Span(attendee.checked_in_at, min(attendee.checked_out_at, attendee.checked_in_at + MAX_SPAN))
    text = f"{activity.title}（{attendee.booking.post.title}）"
    new = NewRecord(RecordSource.ACTIVITY, attendee.person_id, activity.station_id, text)
    return await _create(new, attended, activity.ends_at, now)


async def _create(new: NewRecord, attended: Span, ends_at: datetime, now: datetime) -> ServiceRecord:
    counted = await _countable_span(new, attended, ends_at)
    span = counted or attended
    left = await limits.minutes_left_by_day(new.volunteer_id, span.days)
    return await ServiceRecord.create(
        **asdict(new),
        status=RecordStatus.CLAIMED,
        started_at=span.started_at,
        ended_at=span.ended_at,
        minutes=sum(min(minutes, left[day]) for day, minutes in span.days.items()) if counted else 0,
        verified=True,
        claimed_at=now,
        # A record without counted time does not block the time of others.
        counts=1 if counted else None,
    )


async def _countable_span(new: NewRecord, attended: Span, ends_at: datetime) -> Span | None:
    """Return the span that counts: it ends soon after the planned end, and lies in no other record."""
    grace = await policies.number("check_out_grace_minutes", station_id=new.station_id)
    ended_at = min(attended.ended_at, ends_at + timedelta(minutes=grace))
    return await limits.longest_free_span(new.volunteer_id, Span(attended.started_at, ended_at))
