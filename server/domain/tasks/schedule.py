"""The deadlines of a task, and the job that checks it at the next of them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from server.domain import job_queue, policies
from server.models import Dispute, Hold, HoldState, Task, TaskStatus

S = TaskStatus

# A volunteer may well arrive a little before the start.
EARLY_CHECK_IN = timedelta(minutes=60)
# A volunteer who came late, or forgot to check in or out, has this long until the station is reminded.
FOLLOW_UP_AFTER = timedelta(days=1)


async def confirmation_overdue_from(task: Task) -> datetime:
    """Return the moment from which the station may confirm a finished task for a silent resident."""
    assert task.finished_at is not None
    days = await policies.number("confirmation_days", station_id=task.station_id)
    return task.finished_at + timedelta(days=days)


async def appeal_until(dispute: Dispute, task: Task) -> datetime:
    """Return the moment until which a decided dispute may be appealed against."""
    assert dispute.decided_at is not None
    days = await policies.number("dispute_appeal_days", station_id=task.station_id)
    return dispute.decided_at + timedelta(days=days)


async def plan(task: Task, *, now: datetime) -> None:
    """Schedule the task's job for the next moment at which something may be due."""
    ahead = [moment async for moment in _due_times(task) if moment > now]
    if ahead:
        await job_queue.plan("watch_task", task.id, due=min(ahead))


async def _due_times(task: Task) -> AsyncIterator[datetime]:
    if task.status in {S.PUBLISHED, S.CLAIMED}:
        yield task.ends_at
    elif task.status in {S.CONFIRMED, S.STARTED}:
        yield task.ends_at + FOLLOW_UP_AFTER
    elif task.status == S.FINISHED:
        yield await confirmation_overdue_from(task)
    elif task.status == S.DISPUTED:
        dispute = await Dispute.get(task_id=task.id)
        if dispute.decided_at is not None:
            yield await appeal_until(dispute, task)
    hold = await Hold.get_or_none(id=task.hold_id, state=HoldState.OPEN) if task.open else None
    if hold is not None:
        yield hold.expires_at
