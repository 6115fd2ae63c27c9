"""The latest task of a need as the resident's side reads it, in the thread of the need."""

from dataclasses import dataclass

from server.database.prepared import Prepared
from server.domain.tasks import allowed_actions
from server.models import Dispute, HoldState, Need, ServiceRecord, Task


@dataclass(frozen=True)
class ResidentTask:
    """A task with its volunteer, the minutes held and served, and the actions of the resident's side."""

    task: Task
    held_minutes: int
    served_minutes: int | None
    may: list[str]


_LATEST = Prepared(
    lambda need_id: (
        Task.filter(need_id=need_id).order_by("-published_at", "-id").limit(1).select_related("volunteer", "hold")
    )
)


async def get_latest(need: Need) -> ResidentTask | None:
    """Return the need's latest task, or None if none was published."""
    task = await _LATEST.first(need.id)
    if task is None:
        return None
    task.need = need
    record = await ServiceRecord.get_or_none(task_id=task.id)
    dispute = await Dispute.get_or_none(task_id=task.id)
    served = record.minutes if record is not None else None
    return ResidentTask(task, held_minutes(task), served, allowed_actions.for_beneficiary(task, record, dispute))


def held_minutes(task: Task) -> int:
    """Return the minutes on hold for a task; `task.hold` must be loaded."""
    return task.hold.amount if task.hold is not None and task.hold.state == HoldState.OPEN else 0
