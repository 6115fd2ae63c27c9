"""Disputes as their two sides read them, and as the staff who decide them do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.domain import photos, reference, stations
from server.domain.pagination import Place, later
from server.domain.staff import Staff
from server.domain.tasks import schedule
from server.domain.tasks.disputes import Side, side_of, subject_key
from server.errors import NotFound
from server.models import Dispute, Photo, ServiceRecord, Task

UNDECIDED = Q(settled_at=None) & (Q(decided_at=None) | Q(appealed_at__isnull=False))


async def get_appeal_until(dispute: Dispute | None, task: Task) -> datetime | None:
    """Return the moment until which either side may appeal; None before a decision and after the last one."""
    if dispute is None or dispute.decided_at is None or dispute.appealed_at or dispute.settled_at:
        return None
    return await schedule.appeal_until(dispute, task)


@dataclass(frozen=True)
class DisputeForParty:
    """A dispute as one of its sides reads it."""

    dispute: Dispute
    side: Side
    appeal_until: datetime | None


async def get_for_party(task_id: int, person_id: int) -> DisputeForParty:
    """Return the dispute about a task to one of its two sides. Raises `NotFound` for anyone else."""
    dispute = await Dispute.filter(task_id=task_id).select_related("task__need").first()
    if dispute is None:
        raise NotFound
    side = side_of(dispute.task, person_id)
    return DisputeForParty(dispute, side, await get_appeal_until(dispute, dispute.task))


@dataclass(frozen=True)
class UndecidedDispute:
    """A dispute as the head who decides it reads it, with each side's photos."""

    dispute: Dispute
    record: ServiceRecord
    photos: dict[Side, list[Photo]]
    raised_by: Side
    appealed_by: Side | None


async def list_undecided(by: Staff, *, after: Place | None, limit: int) -> list[UndecidedDispute]:
    """Return the disputes that wait for the caller's decision, oldest first."""
    found = Dispute.filter(UNDECIDED, station_id__in=await stations.headed_by(by))
    found = found.exclude(task__volunteer_id=by.person_id).filter(later("raised_at", after))
    disputes = await found.order_by("raised_at", "id").limit(limit).select_related("task__need", "task__volunteer")
    await reference.attach([dispute.task for dispute in disputes], "station")
    task_ids = [dispute.task_id for dispute in disputes]
    records = {record.task_id: record for record in await ServiceRecord.filter(task_id__in=task_ids or [0])}
    evidence = await photos.of_subjects([subject_key(dispute.id) for dispute in disputes])
    return [_with_evidence(row, records[row.task_id], evidence[subject_key(row.id)]) for row in disputes]


def _with_evidence(dispute: Dispute, record: ServiceRecord, evidence: Sequence[Photo]) -> UndecidedDispute:
    by_side: dict[Side, list[Photo]] = {"beneficiary": [], "volunteer": []}
    for picture in evidence:
        by_side[side_of(dispute.task, picture.owner_id)].append(picture)
    return UndecidedDispute(
        dispute,
        record,
        by_side,
        raised_by=side_of(dispute.task, dispute.raised_by_id),
        appealed_by=side_of(dispute.task, dispute.appealed_by_id) if dispute.appealed_by_id else None,
    )
