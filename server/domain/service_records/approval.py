"""Approval: staff say that it was served, minutes are issued, what was held for it is paid."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import F

from server.database import db
from server.domain import audit
from server.domain.points import earning
from server.domain.service_records import access, issue_minutes
from server.domain.service_records.notifications import (
    NEED_SERVICE_APPROVED,
    SERVICE_DECLINED,
    notify_approved,
    notify_resident,
    notify_volunteer,
)
from server.domain.service_records.transitions import S, move, must_lead
from server.domain.staff import Staff
from server.domain.tasks import payment, schedule
from server.domain.tasks import transitions as tasks
from server.domain.tasks.timeline import TimelineEntry
from server.errors import ConfirmationMissing, MinutesExceedServed, NotConfirmedYet, ReviewRequired
from server.models import ServiceRecord, TaskStatus, Volunteer


@dataclass(frozen=True)
class Approval:
    """How many of the minutes (None: all), why although nobody confirmed it, and why back-entered time is spendable."""

    minutes: int | None = None
    reason: str = ""
    exception_reason: str = ""


@db.transaction
async def approve(record_id: int, approval: Approval, *, by: Staff, now: datetime) -> ServiceRecord:
    """Approve a record of one's station, once: minutes are issued, its task ends and is paid for.

    Back-entered time counts as honour only, unless the head makes an exception. Raises OwnServiceRecord,
    EarlierReviewer, NotConfirmedYet, ConfirmationMissing, ReviewRequired, HeadRequired, MinutesExceedServed and
    InvalidRecordState.
    """
    record = await access.by_station(record_id, by, now=now)
    must_lead(record, S.APPROVED)
    minutes = record.minutes if approval.minutes is None else approval.minutes
    if minutes > record.minutes:
        raise MinutesExceedServed(served=record.minutes)
    await _must_be_seen_before(record, approval, now)
    access.must_be_another(record, by)
    reason = _exception(record, approval, by)
    entry = TimelineEntry("approved", by.person_id, text=f"志愿服务已核实，共{minutes}分钟。", note=approval.reason)
    await end_task(record, TaskStatus.APPROVED, entry, now=now)
    await notify_resident(record, NEED_SERVICE_APPROVED, now=now, minutes=minutes)
    facts = {"minutes": minutes, "recorded": record.minutes, "reason": approval.reason, "exception": bool(reason)}
    await audit.note("service_record.approved", access.subject_key(record.id), by=by.person_id, now=now, **facts)
    await _grant(record, minutes, by=by.person_id, now=now, exception_reason=reason)
    if record.task is not None:
        await payment.settle(record.task, minutes, by=by.person_id, now=now)
    return record


async def end_task(record: ServiceRecord, to: TaskStatus, entry: TimelineEntry, *, now: datetime) -> None:
    """The record's finished task ends with it, whom it helped is told; InvalidTaskState while it is disputed."""
    if record.task is not None:
        tasks.require_status(record.task, TaskStatus.FINISHED)
        await tasks.move(record.task, to, entry, now=now)


async def _must_be_seen_before(record: ServiceRecord, approval: Approval, now: datetime) -> None:
    """Back-entered time by a first reviewer; a task's by whom it helped, unless they stay silent too long."""
    if record.status != S.CLAIMED:
        return
    if not record.verified:
        raise ReviewRequired
    if record.task is None or record.task.need is None:
        return
    possible_from = await schedule.confirmation_overdue_from(record.task)
    if now < possible_from:
        raise NotConfirmedYet(possible_from=possible_from)
    if not approval.reason:
        raise ConfirmationMissing


def _exception(record: ServiceRecord, approval: Approval, by: Staff) -> str:
    """Why back-entered time may be spent: the head's word, as first reviewer or now."""
    if record.verified or not approval.exception_reason:
        return record.exception_reason
    access.must_be_head(record, by)
    return approval.exception_reason


async def _grant(record: ServiceRecord, minutes: int, *, by: int, now: datetime, exception_reason: str = "") -> None:
    """Approve a locked record for so many minutes, issue them, and give points. The ledger comes last."""
    told = {"minutes": minutes, "approved_by_id": by, "approved_at": now, "exception_reason": exception_reason}
    await move(record, S.APPROVED, **told)
    served = Volunteer.filter(person_id=record.volunteer_id)
    await served.update(served_minutes=F("served_minutes") + minutes)
    if record.verified or exception_reason:
        await issue_minutes.issue(record, by=by, now=now)
    await earning.for_record(record, by=by, now=now)
    await notify_approved(record, now=now)


@db.transaction
async def approve_decided(record: ServiceRecord, minutes: int, *, by: int, now: datetime) -> ServiceRecord:
    """The record of a settled dispute, approved for so many minutes; its locked task is moved and paid elsewhere."""
    held = await access.any_record(record.id)
    await _grant(held, minutes, by=by, now=now)
    return held


@db.transaction
async def decline_decided(record: ServiceRecord, *, reason: str, by: int, now: datetime) -> ServiceRecord:
    """The record of a settled dispute, declined; its locked task is moved and released elsewhere."""
    held = await access.any_record(record.id)
    await let_down(held, reason=reason, by=by, now=now)
    return held


async def let_down(record: ServiceRecord, *, reason: str, by: int, now: datetime) -> None:
    """Decline a locked record; who served reads why."""
    await move(record, S.DECLINED, decision=reason)
    await audit.note("service_record.declined", access.subject_key(record.id), by=by, now=now, minutes=record.minutes)
    await notify_volunteer(record, SERVICE_DECLINED, now=now)
