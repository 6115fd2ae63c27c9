"""Check-in and check-out 签到签退: the time between them is the time served."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import volunteers
from server.domain.service_records import create
from server.domain.tasks import access, schedule
from server.domain.tasks.notifications import (
    NEED_SERVICE_TO_CONFIRM,
    TASK_FINISHED,
    notify_resident,
    notify_station,
)
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import S, move, require_status
from server.errors import DeadlinePassed, TaskOverlaps, TaskTooEarly
from server.models import Task

MIN_SERVICE = timedelta(minutes=1)


@db.transaction
async def check_in(task_id: int, *, by: int, now: datetime) -> Task:
    """Check the volunteer in (签到): from an hour before the start until the end, one task at a time.

    Raises `TaskTooEarly`, `DeadlinePassed`, `VolunteerRequired`, and `TaskOverlaps` while another task runs.
    """
    task = await access.lock_for_volunteer(task_id, by)
    require_status(task, S.CONFIRMED)
    if now < task.starts_at - schedule.EARLY_CHECK_IN:
        raise TaskTooEarly(possible_from=task.starts_at - schedule.EARLY_CHECK_IN)
    if now > task.ends_at:
        raise DeadlinePassed(until=task.ends_at)
    await volunteers.lock_approved(by)
    # Two tasks that run at once could not both become service records.
    if running := await Task.filter(volunteer_id=by, status=S.STARTED).first():
        raise TaskOverlaps(started_at=running.started_at, ended_at=None)
    await move(task, S.STARTED, TimelineEntry("started", by, text="志愿者已签到，开始服务。"), now=now, started_at=now)
    return task


@db.transaction
async def check_out(task_id: int, *, by: int, now: datetime) -> Task:
    """Check the volunteer out (签退): the time since the check-in becomes a service record.

    Raises `TaskTooEarly` in the first minute after the check-in.
    """
    task = await access.lock_for_volunteer(task_id, by)
    require_status(task, S.STARTED)
    assert task.started_at is not None
    if now < task.started_at + MIN_SERVICE:
        raise TaskTooEarly(possible_from=task.started_at + MIN_SERVICE)
    entry = TimelineEntry("finished", by, text="志愿者已签退，请您确认这次服务。")
    await move(task, S.FINISHED, entry, now=now, finished_at=now)
    await notify_resident(task, NEED_SERVICE_TO_CONFIRM, now=now)
    await notify_station(task, TASK_FINISHED, now=now)
    await create.create_from_task(task, now=now)
    return task
