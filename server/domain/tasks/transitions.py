"""The states of a task and the transitions between them, as one table."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain.tasks import timeline
from server.domain.tasks.timeline import TimelineEntry
from server.errors import InvalidTaskState
from server.models import Task, TaskStatus

S = TaskStatus

TRANSITIONS: dict[TaskStatus, frozenset[TaskStatus]] = {
    S.PUBLISHED: frozenset({S.CLAIMED, S.CANCELLED}),
    # Back to published: the volunteer withdrew, or the station refused the claim.
    S.CLAIMED: frozenset({S.PUBLISHED, S.CONFIRMED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.PUBLISHED, S.STARTED, S.CANCELLED, S.NO_SHOW}),
    S.STARTED: frozenset({S.FINISHED, S.CANCELLED}),
    # Cancelled after it was finished: its service record was declined.
    S.FINISHED: frozenset({S.APPROVED, S.DISPUTED, S.CANCELLED}),
    S.DISPUTED: frozenset({S.APPROVED, S.CANCELLED}),
    S.APPROVED: frozenset(),
    S.CANCELLED: frozenset(),
    S.NO_SHOW: frozenset(),
}
# The task can still be claimed, or is claimed and not started.
UNSTARTED = frozenset({S.PUBLISHED, S.CLAIMED, S.CONFIRMED})
# The station may cancel the task, or send its volunteer away. A finished task ends with its service record.
CANCELLABLE = UNSTARTED | {S.STARTED}
REFUSABLE = frozenset({S.CLAIMED, S.CONFIRMED})


async def move(task: Task, to: TaskStatus, entry: TimelineEntry, *, now: datetime, **changes: Any) -> None:
    """Move a locked task (`access.lock_task`) to another state, with a timeline entry and further column changes.

    Raises `InvalidTaskState` for a transition that is not in the table. An ended task makes way for the need's next
    one.
    """
    db.require_transaction()
    if to not in TRANSITIONS[task.status]:
        raise InvalidTaskState(status=task.status)
    if not TRANSITIONS[to]:
        changes |= {"open": None, "ended_at": now}
    await timeline.add(task, entry, to=to, now=now, **changes)


def require_status(task: Task, *statuses: TaskStatus) -> None:
    """Refuse with `InvalidTaskState` unless the task is in one of these states."""
    if task.status not in statuses:
        raise InvalidTaskState(status=task.status)
