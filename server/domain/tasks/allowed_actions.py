"""Actions that each side of a task, and staff, may take now, shown as buttons; each verb checks again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from server.domain import households
from server.domain.needs import access as needs
from server.domain.service_records.access import earlier_reviewers
from server.domain.service_records.transitions import may_move
from server.domain.staff import Staff
from server.domain.tasks import access
from server.domain.tasks.dispute_decisions import find_for_head, is_undecided
from server.domain.tasks.dispute_queries import UndecidedDispute
from server.domain.tasks.disputes import Side
from server.domain.tasks.schedule import EARLY_CHECK_IN
from server.domain.tasks.service_confirmation import by_staff_possible_from
from server.domain.tasks.transitions import CANCELLABLE, REFUSABLE, S
from server.models import Dispute, RecordStatus, ServiceRecord, Task, Volunteer, VolunteerStatus


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


# Steps that nobody takes who is near to one of the two sides.
FOUR_EYES = frozenset({"confirmation", "beneficiary-confirmation", "dispute-decision"})


async def for_staff(
    task: Task, record: ServiceRecord | None, volunteer: Volunteer | None, by: Staff, *, now: datetime
) -> list[str]:
    """Return the steps that the caller can take on a task now, each by the last part of its path.

    `task` must be loaded with need and volunteer; `record` and `volunteer` are those of the task.
    """
    works = task.station_id in by.station_ids
    is_own = works and task.need is not None and await needs.is_resident_of(task.need, by.person_id)
    steps = [] if is_own or not works else await _at_station(task, record, volunteer, now)
    steps += ["dispute-decision"] if await _may_decide(task, record, by) else []
    if FOUR_EYES.isdisjoint(steps) or await access.is_independent(task, by.person_id, now=now):
        return steps
    return [one for one in steps if one not in FOUR_EYES]


async def _at_station(
    task: Task, record: ServiceRecord | None, volunteer: Volunteer | None, now: datetime
) -> list[str]:
    may = {
        "confirmation": task.status == S.CLAIMED
        and now < task.ends_at
        and await _is_still_eligible(task, volunteer, now),
        "refusal": task.status in REFUSABLE,
        "cancellation": task.status in CANCELLABLE,
        "no-show": task.status == S.CONFIRMED and now > task.starts_at,
        "beneficiary-confirmation": task.status == S.FINISHED and await _may_confirm_service(task, record, now),
    }
    return [name for name, allowed in may.items() if allowed]


async def _is_still_eligible(task: Task, volunteer: Volunteer | None, now: datetime) -> bool:
    """Return whether the volunteer was neither banned nor shut out, and is not near to the resident."""
    assert task.volunteer is not None, "it is claimed"
    if task.volunteer.disabled_at is not None or volunteer is None or volunteer.status != VolunteerStatus.APPROVED:
        return False
    return not await access.is_near_resident(task, task.volunteer.id, now=now)


async def _may_confirm_service(task: Task, record: ServiceRecord | None, now: datetime) -> bool:
    if task.need is None or record is None or not may_move(record, RecordStatus.CONFIRMED):
        return False
    return await by_staff_possible_from(task, now=now) is None


async def _may_decide(task: Task, record: ServiceRecord | None, by: Staff) -> bool:
    dispute = await find_for_head(task.id, by) if task.status == S.DISPUTED else None
    if dispute is None or record is None or not is_undecided(dispute):
        return False
    return by.person_id not in _earlier_deciders(task, record, dispute)


def _earlier_deciders(task: Task, record: ServiceRecord, dispute: Dispute) -> set[int | None]:
    record.task = task
    return {dispute.decided_by_id, *earlier_reviewers(record)}


async def on_disputes(found: Sequence[UndecidedDispute], by: Staff, *, now: datetime) -> dict[int, list[str]]:
    """Return by the id of its task what the head may do about each dispute that waits for them, by one statement."""
    near = await households.near_ids(by.person_id, now=now) if found else set()
    return {one.dispute.task_id: _on_dispute(one, by, near) for one in found}


def _on_dispute(one: UndecidedDispute, by: Staff, near: Collection[int]) -> list[str]:
    task = one.dispute.task
    residents = needs.own_residents(task.need) if task.need is not None else set()
    is_independent = residents.isdisjoint(near) and task.volunteer_id not in near
    is_first = by.person_id not in _earlier_deciders(task, one.record, one.dispute)
    return ["dispute-decision"] if is_independent and is_first else []


def _in_dispute(dispute: Dispute | None, side: Side, appeal_until: datetime | None, now: datetime) -> list[str]:
    if dispute is None or dispute.settled_at is not None:
        return []
    may = {
        "statement": dispute.decided_at is None and not getattr(dispute, f"{side}_words"),
        "appeal": appeal_until is not None and now <= appeal_until,
    }
    return [name for name, allowed in may.items() if allowed]
