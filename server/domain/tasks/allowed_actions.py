"""Actions that each side of a task may take now, shown as buttons; each verb checks again, with its time limits."""

from datetime import datetime

from server.domain.needs import access as needs
from server.domain.tasks.disputes import Side
from server.domain.tasks.schedule import EARLY_CHECK_IN
from server.domain.tasks.transitions import S
from server.models import Dispute, ServiceRecord, Task


def for_volunteer(task: Task, dispute: Dispute | None, *, appeal_until: datetime | None, now: datetime) -> list[str]:
    """Return the actions that a volunteer may take on a task that they have claimed."""
    may = {
        "claim-withdrawal": task.status in {S.CLAIMED, S.CONFIRMED} and now < task.starts_at,
        "contact": task.status in {S.CONFIRMED, S.STARTED},
        "start": task.status == S.CONFIRMED and task.starts_at - EARLY_CHECK_IN <= now <= task.ends_at,
        "finish": task.status == S.STARTED,
        "dispute": task.status == S.FINISHED and task.need_id is not None,
    }
    return [name for name, allowed in may.items() if allowed] + _in_dispute(dispute, "volunteer", appeal_until, now)


def for_beneficiary(
    task: Task, record: ServiceRecord | None, dispute: Dispute | None, *, appeal_until: datetime | None, now: datetime
) -> list[str]:
    """Return the actions that the resident's side may take on a task; `task.need` must be loaded."""
    assert task.need is not None
    confirmed_by = record.confirmed_by_id if record is not None else None
    finished = task.status == S.FINISHED
    may = {
        "beneficiary-confirmation": finished and confirmed_by is None,
        "dispute": finished and confirmed_by not in needs.own_residents(task.need),
    }
    in_dispute = _in_dispute(dispute, "beneficiary", appeal_until, now)
    return [name for name, allowed in may.items() if allowed] + in_dispute


def _in_dispute(dispute: Dispute | None, side: Side, appeal_until: datetime | None, now: datetime) -> list[str]:
    if dispute is None or dispute.settled_at is not None:
        return []
    may = {
        "statement": dispute.decided_at is None and not getattr(dispute, f"{side}_words"),
        "appeal": appeal_until is not None and now <= appeal_until,
    }
    return [name for name, allowed in may.items() if allowed]
