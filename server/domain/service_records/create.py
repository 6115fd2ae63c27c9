"""What a finished task, or a post at an activity, becomes: time served, checked in and out."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import policies
from server.domain.service_records import limits
from server.domain.service_records.time_spans import LONGEST, Span
from server.domain.volunteers import access as volunteers
from server.models import Activity, Attendee, RecordSource, RecordStatus, ServiceRecord, Task


@dataclass(frozen=True)
class Said:
    """Who served where, and at what."""

    source: RecordSource
    volunteer_id: int
    station_id: int
    text: str
    task_id: int | None = None


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
    said = Said(RecordSource.TASK, task.volunteer_id, task.station_id, task.title, task_id=task.id)
    return await _open(said, there, task.ends_at, now)


@db.transaction
async def from_activity(attendee: Attendee, activity: Activity, *, now: datetime) -> ServiceRecord:
    """A verified record of a locked attendee with a post (`booking.post` is loaded), who checked in and out.

    What counts of it is as of a task; whoever writes it into the attendee's row still holds that.
    """
    assert attendee.person_id is not None
    assert attendee.checked_in_at is not None
    assert attendee.checked_out_at is not None
    assert attendee.booking.post is not None
    await volunteers.own(attendee.person_id)
    there = Span(attendee.checked_in_at, min(attendee.checked_out_at, attendee.checked_in_at + LONGEST))
    text = f"{activity.title}（{attendee.booking.post.title}）"
    said = Said(RecordSource.ACTIVITY, attendee.person_id, activity.station_id, text)
    return await _open(said, there, activity.ends_at, now)


async def _open(said: Said, there: Span, ends_at: datetime, now: datetime) -> ServiceRecord:
    counted = await _counted(said, there, ends_at)
    span = counted or there
    left = await limits.left_on(said.volunteer_id, span.days)
    return await ServiceRecord.create(
        **asdict(said),
        status=RecordStatus.CLAIMED,
        started_at=span.started_at,
        ended_at=span.ended_at,
        minutes=sum(min(minutes, left[day]) for day, minutes in span.days.items()) if counted else 0,
        verified=True,
        claimed_at=now,
        # What has no time of its own takes none from others.
        counts=1 if counted else None,
    )


async def _counted(said: Said, there: Span, ends_at: datetime) -> Span | None:
    """Who forgot to check out was not there until they remembered; nor was anybody in two places at once."""
    grace = await policies.number("check_out_grace_minutes", station_id=said.station_id)
    ended_at = min(there.ended_at, ends_at + timedelta(minutes=grace))
    return await limits.longest_free(said.volunteer_id, Span(there.started_at, ended_at))
