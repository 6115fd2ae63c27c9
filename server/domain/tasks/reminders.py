"""What the worker does when a task's time comes: end what nobody took on, ask after the rest, settle disputes."""

from datetime import datetime

from server.database import db
from server.domain.notifications import NoticeTemplate
from server.domain.tasks import access, cancellation, dispute_decisions, payment, schedule, timeline
from server.domain.tasks.notifications import TASK_SILENT, TASK_UNBEGUN, TASK_UNENDED, notify_station
from server.domain.tasks.timeline import Line
from server.domain.tasks.transitions import S
from server.models import Dispute, ServiceRecord, Task

UNCLAIMED = "没有志愿者能够前来，发布给志愿者的任务已结束。"


@db.transaction
async def watch(task_id: int, *, now: datetime) -> None:
    """Do what is due for this task now, once, and plan the next look. Asking again early or late does no harm."""
    task = await access.any_task(task_id)
    if task.status in {S.PUBLISHED, S.CLAIMED} and now >= task.ends_at:
        await cancellation.cancel(task, said=UNCLAIMED, note="到时仍未确认志愿者", by=None, now=now)
    elif task.status in {S.CONFIRMED, S.STARTED} and now >= task.ends_at + schedule.UNSTARTED_AFTER:
        kind, template = ("unbegun", TASK_UNBEGUN) if task.status == S.CONFIRMED else ("unended", TASK_UNENDED)
        await _ask_after(task, kind, template, now)
    elif task.status == S.FINISHED and now >= await schedule.silent_from(task):
        if await ServiceRecord.exists(task_id=task.id, confirmed_at=None) and task.need is not None:
            await _ask_after(task, "silent", TASK_SILENT, now)
    elif task.status == S.DISPUTED:
        await _settle_if_accepted(task, now)
    await schedule.plan(task, now=now)
    await _give_back_what_was_held_too_long(task, now)


async def _ask_after(task: Task, kind: str, template: NoticeTemplate, now: datetime) -> None:
    """Tell the station, once."""
    if not await timeline.has(task, kind):
        await timeline.add(task, Line(kind, None), now=now)
        await notify_station(task, template, now=now)


async def _settle_if_accepted(task: Task, now: datetime) -> None:
    """Nobody appealed in time."""
    dispute = await Dispute.get(task_id=task.id)
    if dispute.decided_at is None or dispute.appealed_at is not None:
        return
    if now >= await schedule.appeal_until(dispute, task):
        await dispute_decisions.settle(task, dispute, now=now)


async def _give_back_what_was_held_too_long(task: Task, now: datetime) -> None:
    if task.open and await payment.held_too_long(task, now):
        line = Line("payment_expired", None, said="这项任务太久没有核实，预留的分钟数已退回。")
        await timeline.add(task, line, now=now)
        await payment.settle(task, 0, by=None, now=now)
