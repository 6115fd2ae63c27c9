"""A task ends before anyone has served: cancelled by its station or with its need, or a no-show (未到场)."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.needs.timeline import clause
from server.domain.staff import Staff
from server.domain.tasks import access, payment
from server.domain.tasks.notifications import TASK_CANCELLED, TASK_NO_SHOW, notify_volunteer
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import CANCELLABLE, UNSTARTED, S, move, require_status
from server.errors import TaskTooEarly
from server.models import Need, Task


@db.transaction
async def cancel(task_id: int, *, reason: str, by: Staff, now: datetime) -> Task:
    """Cancel a task of the caller's station that is not finished; minutes on hold for it are released."""
    task = await access.lock_for_station(task_id, by)
    require_status(task, *CANCELLABLE)
    await audit.note("task.cancelled", f"task:{task.id}", by=by.person_id, now=now, status=task.status)
    text = f"站点取消了发布给志愿者的任务，原因：{clause(reason)}。"
    await cancel_locked(task, text=text, note=reason, by=by.person_id, now=now)
    return task


async def cancel_locked(task: Task, *, text: str, note: str, by: int | None, now: datetime) -> None:
    """Cancel a locked task, notify its volunteer and release the minutes on hold for it."""
    entry = TimelineEntry("cancelled", by, text=text, note=note)
    await move(task, S.CANCELLED, entry, now=now)
    await notify_volunteer(task, TASK_CANCELLED, now=now)
    await payment.settle(task, 0, by=by, now=now)


async def cancel_for_need(need: Need, *, now: datetime) -> None:
    """Cancel the task of a locked need that leaves its station or ends, unless the service has begun."""
    db.require_transaction()
    task = await Task.filter(need_id=need.id, open=1).select_for_update().first()
    if task is None or task.status not in UNSTARTED:
        return
    task.need = need
    text = "需求有变动，发布给志愿者的任务已取消。"
    await cancel_locked(task, text=text, note="需求已转出或结束", by=None, now=now)


@db.transaction
async def record_no_show(task_id: int, *, reason: str, by: Staff, now: datetime) -> Task:
    """Record that the confirmed volunteer did not come; the need may be published again.

    Raises `InvalidTaskState` for a volunteer who was never confirmed: such a claim is refused or the task cancelled.
    """
    task = await access.lock_for_station(task_id, by)
    require_status(task, S.CONFIRMED)
    if now <= task.starts_at:
        raise TaskTooEarly(possible_from=task.starts_at)
    await audit.note("task.no_show", f"task:{task.id}", by=by.person_id, now=now, volunteer=task.volunteer_id)
    entry = TimelineEntry("no_show", by.person_id, text="志愿者没有到场，站点会另行安排。", note=reason)
    await move(task, S.NO_SHOW, entry, now=now)
    await notify_volunteer(task, TASK_NO_SHOW, now=now)
    await payment.settle(task, 0, by=by.person_id, now=now)
    return task
