"""The head of the station decides a dispute, after an appeal the head station does; then it is settled."""

from datetime import datetime

from server.database import db
from server.domain import audit, stations
from server.domain.service_records import access as records
from server.domain.service_records import approval
from server.domain.staff import Staff
from server.domain.tasks import access, payment, schedule, timeline
from server.domain.tasks.notifications import (
    DISPUTE_DECIDED,
    NEED_DISPUTE_DECIDED,
    notify_resident,
    notify_volunteer,
)
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import S, move, require_status
from server.errors import AlreadyDecided, HeadRequired, MinutesExceedServed, NotAllowed, NotFound, OwnDecision
from server.models import Dispute, ServiceRecord, Task


@db.transaction
async def decide(task_id: int, *, minutes: int | None, decision: str, by: Staff, now: datetime) -> Dispute:
    """Decide how many minutes were served, 0 for none; after an appeal it is final.

    Without `minutes` the request is refused and the minutes before it stand: all that count, or after an appeal
    those of the first decision.

    Raises `OwnTask` for staff close to either side, `OwnDecision` for the head who decided before, `EarlierReviewer`
    for the worker who confirmed the service for the beneficiary, `AlreadyDecided`, `MinutesExceedServed`, and
    `HeadRequired` for workers of the station who are not its head.
    """
    task = await access.lock_task(task_id)
    dispute = await _get_decidable(task_id, by)
    require_status(task, S.DISPUTED)
    if not is_undecided(dispute):
        raise AlreadyDecided
    await access.require_independent(task, by.person_id, now=now)
    if dispute.decided_by_id == by.person_id:
        raise OwnDecision
    record = await ServiceRecord.get(task_id=task_id)
    record.task = task
    records.require_other_reviewer(record, by)
    if minutes is None:
        minutes = record.minutes if dispute.minutes is None else dispute.minutes
    if minutes > record.minutes:
        raise MinutesExceedServed(served=record.minutes)
    changes = {"decided_by_id": by.person_id, "decided_at": now, "decision": decision, "minutes": minutes}
    await Dispute.filter(id=dispute.id).update(**changes)
    dispute.update_from_dict(changes)
    await _announce_decision(task, dispute, now)
    if dispute.appealed_at is not None:
        await settle(task, dispute, now=now)
    else:
        await schedule.plan(task, now=now)
    return dispute


async def _get_decidable(task_id: int, by: Staff) -> Dispute:
    dispute = await find_for_head(task_id, by)
    if dispute is not None:
        return dispute
    of_station = await Dispute.exists(task_id=task_id, station_id__in=sorted(by.station_ids))
    known = of_station or await Task.filter(by.of_stations(), id=task_id).exists()
    raise HeadRequired if of_station else NotAllowed if known else NotFound


async def find_for_head(task_id: int, by: Staff) -> Dispute | None:
    """Return the dispute about a task if the caller heads the station that decides it now."""
    return await Dispute.filter(task_id=task_id, station_id__in=await stations.headed_by(by)).first()


def is_undecided(dispute: Dispute) -> bool:
    """Return whether a dispute that is not settled waits for a decision: for the first, or for that of an appeal."""
    return dispute.decided_at is None or dispute.appealed_at is not None


async def _announce_decision(task: Task, dispute: Dispute, now: datetime) -> None:
    final = dispute.appealed_at is not None
    more = "这是最终决定。" if final else "如有异议，可以在期限内申诉一次。"
    text = f"争议处理结果：认定服务{dispute.minutes}分钟。{dispute.decision} {more}"
    entry = TimelineEntry("dispute_decided", dispute.decided_by_id, text=text, acting_for=dispute.station_id)
    await timeline.add(task, entry, now=now)
    await notify_resident(task, NEED_DISPUTE_DECIDED, now=now, appeal=more)
    await notify_volunteer(task, DISPUTE_DECIDED, now=now, appeal=more)
    facts = {"minutes": dispute.minutes, "final": final}
    await audit.note("task.dispute_decided", f"task:{task.id}", by=dispute.decided_by_id, now=now, **facts)


async def settle(task: Task, dispute: Dispute, *, now: datetime) -> None:
    """Carry out a final decision: approve and pay the minutes, or cancel the task if there are none."""
    assert dispute.decided_by_id is not None
    assert dispute.minutes is not None
    by, minutes = dispute.decided_by_id, dispute.minutes
    await Dispute.filter(id=dispute.id).update(settled_at=now)
    record = await ServiceRecord.get(task_id=task.id)
    entry = TimelineEntry(
        "dispute_settled", by, text=f"争议已结案，认定服务{minutes}分钟。", acting_for=dispute.station_id
    )
    await move(task, S.APPROVED if minutes else S.CANCELLED, entry, now=now)
    if minutes:
        await approval.approve_decided(record, minutes, by=by, now=now)
    else:
        await approval.decline_decided(record, reason=dispute.decision, by=by, now=now)
    await payment.settle(task, minutes, by=by, now=now)
