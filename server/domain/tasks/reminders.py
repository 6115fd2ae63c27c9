"""Due actions of the job runner on a task: end unclaimed tasks, remind the station, settle disputes."""

from datetime import datetime

from server.database import db
from server.domain.notifications import NoticeTemplate
from server.domain.tasks import access, cancellation, dispute_decisions, payment, schedule, timeline
from server.domain.tasks.notifications import TASK_NOT_FINISHED, TASK_NOT_STARTED, TASK_UNCONFIRMED, notify_station
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import S
from server.models import Dispute, ServiceRecord, Task

UNCLAIMED = "没有志愿者能够前来，发布给志愿者的任务已结束。"


@db.transaction
async def do_due_actions(task_id: int, *, now: datetime) -> None:
    """Do once what is due for this task now, and schedule the next check; a call too early or too late is harmless."""
    task = await access.lock_task(task_id)
    if task.status in {S.PUBLISHED, S.CLAIMED} and now >= task.ends_at:
        await cancellation.cancel_locked(task, text=UNCLAIMED, note="到时仍未确认志愿者", by=None, now=now)
    elif task.status in {S.CONFIRMED, S.STARTED} and now >= task.ends_at + schedule.FOLLOW_UP_AFTER:
        kind, template = (
            ("not_started", TASK_NOT_STARTED) if task.status == S.CONFIRMED else ("not_finished", TASK_NOT_FINISHED)
        )
        await _remind_station_once(task, kind, template, now)
    elif task.status == S.FINISHED and now >= await schedule.confirmation_overdue_from(task):
        if await ServiceRecord.exists(task_id=task.id, confirmed_at=None) and task.need is not None:
            await _remind_station_once(task, "unconfirmed", TASK_UNCONFIRMED, now)
    elif task.status == S.DISPUTED:
        await _settle_if_not_appealed(task, now)
    await schedule.plan(task, now=now)
    await _release_expired_hold(task, now)


async def _remind_station_once(task: Task, kind: str, template: NoticeTemplate, now: datetime) -> None:
    """-"""
    if not await timeline.has_event(task, kind):
        await timeline.add(task, TimelineEntry(kind, None), now=now)
        await notify_station(task, template, now=now)


async def _settle_if_not_appealed(task: Task, now: datetime) -> None:
    """Settle a decided dispute when the time to appeal is over."""
    dispute = await Dispute.get(task_id=task.id)
    if dispute.decided_at is None or dispute.appealed_at is not None:
        return
    if now >= await schedule.appeal_until(dispute, task):
        await dispute_decisions.settle(task, dispute, now=now)


async def _release_expired_hold(task: Task, now: datetime) -> None:
    if task.open and await payment.has_expired_hold(task, now):
        entry = TimelineEntry("payment_expired", None, text="这项任务太久没有核实，预留的分钟数已退回。")
        await timeline.add(task, entry, now=now)
        await payment.settle(task, 0, by=None, now=now)
