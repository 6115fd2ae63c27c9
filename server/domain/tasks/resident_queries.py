"""The latest task of a need as the resident's side reads it, in the thread of the need."""

from dataclasses import dataclass
from datetime import datetime

from server.database import db, rows
from server.domain.tasks import allowed_actions
from server.domain.tasks.dispute_queries import get_appeal_until
from server.models import Dispute, Hold, HoldState, Need, Person, ServiceRecord, Task


@dataclass(frozen=True)
class ResidentTask:
    """A task with its volunteer, the minutes held and served, and the actions of the resident's side."""

    task: Task
    held_minutes: int
    served_minutes: int | None
    may: list[str]


_LATEST = """
    SELECT t.*, v.id `volunteer.id`, v.name `volunteer.name`,
      h.id `hold.id`, h.amount `hold.amount`, h.state `hold.state`
    FROM task t LEFT JOIN person v ON v.id = t.volunteer_id LEFT JOIN hold h ON h.id = t.hold_id
    WHERE t.need_id = ? ORDER BY t.published_at DESC, t.id DESC LIMIT 1
"""


async def get_latest(need: Need, *, now: datetime) -> ResidentTask | None:
    """Return the need's latest task, or None if none was published."""
    _, found = await db.execute(_LATEST, [need.id])
    if not found:
        return None
    task = rows.of(Task, found[0])
    task.need = need
    task.volunteer = rows.of(Person, found[0], "volunteer.") if task.volunteer_id is not None else None
    task.hold = rows.of(Hold, found[0], "hold.") if task.hold_id is not None else None
    record = await ServiceRecord.get_or_none(task_id=task.id)
    dispute = await Dispute.get_or_none(task_id=task.id)
    served = record.minutes if record is not None else None
    until = await get_appeal_until(dispute, task)
    may = allowed_actions.for_beneficiary(task, record, dispute, appeal_until=until, now=now)
    return ResidentTask(task, held_minutes(task), served, may)


def held_minutes(task: Task) -> int:
    """Return the minutes on hold for a task; `task.hold` must be loaded."""
    return task.hold.amount if task.hold is not None and task.hold.state == HoldState.OPEN else 0
