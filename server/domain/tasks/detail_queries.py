"""Tasks as their volunteers, their staff and who decides on them are shown them: with what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain import photos
from server.domain.pagination import Place
from server.domain.staff import Staff
from server.domain.tasks import allowed_actions, dispute_decisions, queries, schedule, timeline
from server.domain.tasks import disputes as tasks_disputes
from server.domain.tasks.disputes import Side
from server.domain.tasks.transitions import S
from server.errors import NotFound
from server.models import Dispute, Photo, ServiceRecord, Task, TaskEvent, Volunteer


@dataclass(frozen=True)
class Own:
    """A task as a volunteer sees it: what is theirs alone only where they have it."""

    task: Task
    mine: bool
    may: list[str]
    ended_because: str = ""
    dispute: Dispute | None = None
    appeal_until: datetime | None = None


async def own(tasks: Sequence[Task], *, to: int, now: datetime) -> list[Own]:
    """The tasks as the volunteer sees them, in their order."""
    held = [task.id for task in tasks if task.volunteer_id == to]
    disputes = {one.task_id: one for one in await Dispute.filter(task_id__in=held)} if held else {}
    reasons = await _reasons([task.id for task in tasks if task.id in held and task.status in {S.CANCELLED, S.NO_SHOW}])
    return [
        Own(
            task=task,
            mine=task.id in held,
            may=allowed_actions.volunteer(task, disputes.get(task.id), mine=task.id in held, now=now),
            ended_because=reasons.get(task.id, ""),
            dispute=disputes.get(task.id),
            appeal_until=await appeal_until(disputes.get(task.id), task),
        )
        for task in tasks
    ]


async def _reasons(ended: Sequence[int]) -> dict[int, str]:
    if not ended:
        return {}
    lines = TaskEvent.filter(task_id__in=ended, to_status__in=[S.CANCELLED, S.NO_SHOW])
    return {line.task_id: line.note for line in await lines}


async def appeal_until(dispute: Dispute | None, task: Task) -> datetime | None:
    """Until when either side may still appeal; None when nothing is decided, or nothing can be changed any more."""
    if dispute is None or dispute.decided_at is None or dispute.appealed_at or dispute.settled_at:
        return None
    return await schedule.appeal_until(dispute, task)


@dataclass(frozen=True)
class Party:
    """A dispute as one of its sides sees it."""

    dispute: Dispute
    side: Side
    appeal_until: datetime | None


async def party(task_id: int, person_id: int) -> Party:
    """The dispute about a task of which the person is one side; NotFound otherwise."""
    dispute = await Dispute.filter(task_id=task_id).select_related("task__need").first()
    if dispute is None:
        raise NotFound
    side = tasks_disputes.side_of(dispute.task, person_id)
    return Party(dispute, side, await appeal_until(dispute, dispute.task))


@dataclass(frozen=True)
class Worked:
    """A task as staff see it, with its timeline and the service record it became."""

    task: Task
    timeline: Sequence[TaskEvent]
    record_id: int | None
    volunteer_id: int | None


async def worked(task_id: int, *, by: Staff) -> Worked:
    """A task of the caller's stations or counties; NotFound otherwise."""
    task = await queries.one_of_stations(task_id, by=by)
    record = await ServiceRecord.get_or_none(task_id=task_id)
    volunteer = await Volunteer.get_or_none(person_id=task.volunteer_id or 0)
    return Worked(
        task,
        await timeline.of(task_id),
        record_id=record.id if record is not None else None,
        volunteer_id=volunteer.id if volunteer is not None else None,
    )


@dataclass(frozen=True)
class Waiting:
    """A dispute as who decides it sees it, with each side's photos."""

    dispute: Dispute
    record: ServiceRecord
    photos: dict[Side, list[Photo]]
    raised_by: Side
    appealed_by: Side | None


async def waiting(by: Staff, *, after: Place | None, limit: int) -> list[Waiting]:
    """Disputes that wait for the caller's decision, oldest first, below a place in the list."""
    disputes = await dispute_decisions.waiting(by, after=after, limit=limit)
    records = {one.task_id: one for one in await ServiceRecord.filter(task_id__in=[d.task_id for d in disputes] or [0])}
    pictures = await photos.of_subjects([tasks_disputes.subject_key(one.id) for one in disputes])
    return [_waiting(one, records[one.task_id], pictures[tasks_disputes.subject_key(one.id)]) for one in disputes]


def _waiting(dispute: Dispute, record: ServiceRecord, pictures: Sequence[Photo]) -> Waiting:
    of_side: dict[Side, list[Photo]] = {"beneficiary": [], "volunteer": []}
    for picture in pictures:
        of_side[tasks_disputes.side_of(dispute.task, picture.owner_id)].append(picture)
    appealed_by = tasks_disputes.side_of(dispute.task, dispute.appealed_by_id) if dispute.appealed_by_id else None
    return Waiting(dispute, record, of_side, tasks_disputes.side_of(dispute.task, dispute.raised_by_id), appealed_by)
