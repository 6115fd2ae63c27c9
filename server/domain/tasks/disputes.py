"""A dispute from its two sides: raised once, answered once by the other side, and appealed against once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from server.database import db
from server.domain import photos, reference, stations
from server.domain.needs import access as needs
from server.domain.notifications import NoticeTemplate
from server.domain.tasks import access, schedule, timeline
from server.domain.tasks.notifications import (
    DISPUTE_APPEAL_TO_DECIDE,
    DISPUTE_APPEALED,
    DISPUTE_TO_DECIDE,
    NEED_DISPUTE_APPEALED,
    NEED_DISPUTED,
    TASK_DISPUTED,
    notify_heads,
    notify_resident,
    notify_volunteer,
)
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import S, move, require_status
from server.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    DeadlinePassed,
    NoBeneficiary,
    NotFound,
    ServiceConfirmed,
    StatementGiven,
)
from server.models import Dispute, ServiceRecord, Station, StationLevel, Task

Side = Literal["beneficiary", "volunteer"]
SIDE_NAMES: dict[Side, str] = {"beneficiary": "服务对象", "volunteer": "志愿者"}


@dataclass(frozen=True)
class Statement:
    """The statement of one side, with photos of their own."""

    text: str
    photo_ids: Sequence[int] = ()


def subject_key(dispute_id: int) -> str:
    """Return the key under which the photos of both sides are stored."""
    return f"dispute:{dispute_id}"


def side_of(task: Task, person_id: int) -> Side:
    """Return the side that the person is on; `task.need` must be loaded. Raises `NotFound` for anyone else."""
    if task.volunteer_id == person_id:
        return "volunteer"
    if task.need is not None and person_id in needs.own_residents(task.need):
        return "beneficiary"
    raise NotFound


@db.transaction
async def raise_dispute(task_id: int, statement: Statement, *, by: int, now: datetime) -> Dispute:
    """Dispute a finished service, from either side, until the resident's side confirms it.

    Raises `NoBeneficiary`, `InvalidTaskState`, `ServiceConfirmed` and `PhotoNotAvailable`.
    """
    task = await access.lock_task(task_id)
    side = side_of(task, by)
    if task.need is None:
        raise NoBeneficiary
    require_status(task, S.FINISHED)
    record = await ServiceRecord.get(task_id=task.id)
    if record.confirmed_by_id in needs.own_residents(task.need):
        raise ServiceConfirmed
    columns: dict[str, Any] = {"station_id": task.station_id, f"{side}_words": statement.text}
    dispute = await Dispute.create(task_id=task.id, raised_by_id=by, raised_at=now, **columns)
    await photos.attach(statement.photo_ids, subject_key(dispute.id), owner_id=by)
    text = f"{SIDE_NAMES[side]}对这次服务提出了争议，由站点处理，双方都可以说明情况。"
    await move(task, S.DISPUTED, TimelineEntry("disputed", by, text=text), now=now)
    await _notify_both(task, NEED_DISPUTED, TASK_DISPUTED, now=now)
    await notify_heads(task.station_id, task, DISPUTE_TO_DECIDE, now=now)
    return dispute


async def _notify_both(task: Task, resident: NoticeTemplate, volunteer: NoticeTemplate, *, now: datetime) -> None:
    await notify_resident(task, resident, now=now)
    await notify_volunteer(task, volunteer, now=now)


@db.transaction
async def answer(task_id: int, statement: Statement, *, by: int, now: datetime) -> Dispute:
    """Add the statement of one side, once, before the decision. Raises `AlreadyDecided` and `StatementGiven`."""
    task = await access.lock_task(task_id)
    side = side_of(task, by)
    require_status(task, S.DISPUTED)
    dispute = await Dispute.get(task_id=task.id)
    if dispute.decided_at is not None:
        raise AlreadyDecided
    column = f"{side}_words"
    if not await Dispute.filter(id=dispute.id, **{column: ""}).update(**{column: statement.text}):
        raise StatementGiven
    await photos.attach(statement.photo_ids, subject_key(dispute.id), owner_id=by)
    await timeline.add(task, TimelineEntry("dispute_statement", by, text=f"{SIDE_NAMES[side]}说明了情况。"), now=now)
    return dispute.update_from_dict({column: statement.text})


@db.transaction
async def appeal(task_id: int, *, reason: str, by: int, now: datetime) -> Dispute:
    """Appeal against the decision, from either side, once and in time; the head station then decides for good.

    Raises `InvalidTaskState` without a decision, `AlreadySubmitted` and `DeadlinePassed`.
    """
    await reference.lock_shared()
    task = await access.lock_task(task_id)
    side = side_of(task, by)
    dispute = await _appealable_dispute(task, now)
    head = await _station_of_appeal(task)
    changes = {"appeal": reason, "appealed_by_id": by, "appealed_at": now, "station_id": head.id}
    await Dispute.filter(id=dispute.id).update(**changes)
    text = f"{SIDE_NAMES[side]}对争议处理结果提出申诉，由{head.name}作出最终决定。"
    await timeline.add(task, TimelineEntry("dispute_appealed", by, text=text), now=now)
    await _notify_both(task, NEED_DISPUTE_APPEALED, DISPUTE_APPEALED, now=now)
    await notify_heads(head.id, task, DISPUTE_APPEAL_TO_DECIDE, now=now)
    return dispute.update_from_dict(changes)


async def _appealable_dispute(task: Task, now: datetime) -> Dispute:
    require_status(task, S.DISPUTED)
    dispute = await Dispute.get(task_id=task.id)
    if dispute.appealed_at is not None:
        raise AlreadySubmitted
    if dispute.decided_at is None:
        require_status(task)  # there is nothing to appeal against
    until = await schedule.appeal_until(dispute, task)
    if now >= until:
        raise DeadlinePassed(until=until)
    return dispute


async def _station_of_appeal(task: Task) -> Station:
    """Return the county's head station; for a decision of a head station itself, the city desk."""
    station = await stations.get(task.station_id)
    is_head_station = station.level == StationLevel.HEAD_STATION
    return await stations.city_desk() if is_head_station else await stations.head_station_of(station)
