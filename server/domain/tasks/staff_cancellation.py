"""The station ends a task: it is not wanted any more, or the volunteer did not come."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.staff import Staff
from server.domain.tasks import access, cancellation, payment
from server.domain.tasks.notifications import TASK_NO_SHOW, notify_volunteer
from server.domain.tasks.timeline import Line
from server.domain.tasks.transitions import S, move, must_be
from server.errors import TaskTooEarly
from server.models import Task


@db.transaction
async def cancel(task_id: int, *, reason: str, by: Staff, now: datetime) -> Task:
    """Cancel a task that nobody has finished; what is held for it is released."""
    task = await access.by_station(task_id, by)
    must_be(task, S.PUBLISHED, S.CLAIMED, S.CONFIRMED, S.STARTED)
    await audit.note("task.cancelled", f"task:{task.id}", by=by.person_id, now=now, status=task.status)
    said = f"站点取消了发布给志愿者的任务，原因：{reason}。"
    await cancellation.cancel(task, said=said, note=reason, by=by.person_id, now=now)
    return task


@db.transaction
async def no_show(task_id: int, *, reason: str, by: Staff, now: datetime) -> Task:
    """未到场: a volunteer who was confirmed did not come in time; the need may be published anew.

    Whom the station never confirmed nobody waited for: that task is refused or cancelled.
    """
    task = await access.by_station(task_id, by)
    must_be(task, S.CONFIRMED)
    if now <= task.starts_at:
        raise TaskTooEarly(possible_from=task.starts_at)
    await audit.note("task.no_show", f"task:{task.id}", by=by.person_id, now=now, volunteer=task.volunteer_id)
    line = Line("no_show", by.person_id, said="志愿者没有到场，站点会另行安排。", note=reason)
    await move(task, S.NO_SHOW, line, now=now)
    await notify_volunteer(task, TASK_NO_SHOW, now=now)
    await payment.settle(task, 0, by=by.person_id, now=now)
    return task
