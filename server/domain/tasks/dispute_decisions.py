"""A dispute is decided by the head of its station, after an appeal by the head station's, and then settled."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit
from server.domain.pagination import Place, later
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
from server.domain.tasks.timeline import Line
from server.domain.tasks.transitions import S, move, must_be
from server.errors import AlreadyDecided, HeadRequired, MinutesExceedServed, NotAllowed, NotFound, OwnDecision
from server.models import Dispute, ServiceRecord, StationLevel, Task

UNDECIDED = Q(settled_at=None) & (Q(decided_at=None) | Q(appealed_at__isnull=False))


def _decidable(by: Staff) -> Q:
    """Disputes that lie with a station the caller heads; with the city desk, for the city's officers."""
    heads = Q(station_id__in=sorted(by.head_of) or [0])
    return heads | Q(station__level=StationLevel.CITY_DESK) if by.is_city else heads


async def waiting(by: Staff, *, after: Place | None, limit: int) -> list[Dispute]:
    """Disputes that wait for the caller's decision, oldest first, below a place in the list."""
    found = Dispute.filter(_decidable(by), UNDECIDED).exclude(task__volunteer_id=by.person_id)
    found = found.filter(later("raised_at", after))
    shown = found.select_related("task__need", "task__station", "task__category", "task__area", "task__volunteer")
    return await shown.order_by("raised_at", "id").limit(limit)


@db.transaction
async def decide(task_id: int, *, minutes: int, decision: str, by: Staff, now: datetime) -> Dispute:
    """Say how many minutes were served, 0 for none; final and settled at once after an appeal.

    Raises OwnTask for who is near to either side, OwnDecision for who decided it before, EarlierReviewer for who
    confirmed it for the beneficiary, AlreadyDecided, MinutesExceedServed, HeadRequired for others of the station.
    """
    task = await access.any_task(task_id)
    dispute = await _decidable_one(task_id, by)
    must_be(task, S.DISPUTED)
    if dispute.decided_at is not None and dispute.appealed_at is None:
        raise AlreadyDecided
    await access.must_not_be_near(task, by.person_id, now=now)
    if dispute.decided_by_id == by.person_id:
        raise OwnDecision
    record = await ServiceRecord.get(task_id=task_id)
    record.task = task
    records.must_be_another(record, by)
    if minutes > record.minutes:
        raise MinutesExceedServed(served=record.minutes)
    told = {"decided_by_id": by.person_id, "decided_at": now, "decision": decision, "minutes": minutes}
    await Dispute.filter(id=dispute.id).update(**told)
    dispute.update_from_dict(told)
    await _say_decided(task, dispute, now)
    if dispute.appealed_at is not None:
        await settle(task, dispute, now=now)
    else:
        await schedule.plan(task, now=now)
    return dispute


async def _decidable_one(task_id: int, by: Staff) -> Dispute:
    dispute = await Dispute.filter(_decidable(by), task_id=task_id).first()
    if dispute is not None:
        return dispute
    of_station = await Dispute.exists(task_id=task_id, station_id__in=sorted(by.station_ids))
    known = of_station or await Task.filter(by.of_stations(), id=task_id).exists()
    raise HeadRequired if of_station else NotAllowed if known else NotFound


async def _say_decided(task: Task, dispute: Dispute, now: datetime) -> None:
    final = dispute.appealed_at is not None
    more = "这是最终决定。" if final else "如有异议，可以在期限内申诉一次。"
    said = f"争议处理结果：认定服务{dispute.minutes}分钟。{dispute.decision} {more}"
    line = Line("dispute_decided", dispute.decided_by_id, said=said, acting_for=dispute.station_id)
    await timeline.add(task, line, now=now)
    await notify_resident(task, NEED_DISPUTE_DECIDED, now=now, appeal=more)
    await notify_volunteer(task, DISPUTE_DECIDED, now=now, appeal=more)
    facts = {"minutes": dispute.minutes, "final": final}
    await audit.note("task.dispute_decided", f"task:{task.id}", by=dispute.decided_by_id, now=now, **facts)


async def settle(task: Task, dispute: Dispute, *, now: datetime) -> None:
    """Do what was decided, when nobody can appeal any more: the minutes are approved and paid, or the task ends."""
    assert dispute.decided_by_id is not None
    assert dispute.minutes is not None
    by, minutes = dispute.decided_by_id, dispute.minutes
    await Dispute.filter(id=dispute.id).update(settled_at=now)
    record = await ServiceRecord.get(task_id=task.id)
    line = Line("dispute_settled", by, said=f"争议已结案，认定服务{minutes}分钟。", acting_for=dispute.station_id)
    await move(task, S.APPROVED if minutes else S.CANCELLED, line, now=now)
    if minutes:
        await approval.approve_decided(record, minutes, by=by, now=now)
    else:
        await approval.decline_decided(record, reason=dispute.decision, by=by, now=now)
    await payment.settle(task, minutes, by=by, now=now)
