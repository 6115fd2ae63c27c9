"""Approval of service records: minutes and points are given, and minutes on hold for the task are paid."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import F

from server.database import db
from server.domain import audit, ledger
from server.domain.ledger import Locked
from server.domain.ledger.account_keys import Key
from server.domain.points import earning
from server.domain.service_records import access, issue_minutes
from server.domain.service_records.notifications import (
    NEED_SERVICE_APPROVED,
    SERVICE_DECLINED,
    notify_approved,
    notify_resident,
    notify_volunteer,
)
from server.domain.service_records.transitions import S, move, require_transition
from server.domain.staff import Staff
from server.domain.tasks import payment, schedule
from server.domain.tasks import transitions as tasks
from server.domain.tasks.timeline import TimelineEntry
from server.errors import (
    ConfirmationMissing,
    InvalidTaskState,
    MinutesExceedServed,
    NotConfirmedYet,
    ReviewRequired,
)
from server.models import ServiceRecord, TaskStatus, Volunteer


@dataclass(frozen=True)
class Approval:
    """An approval: the minutes that count (None: all), the reason without confirmation, the reason to make it
    spendable.
    """

    minutes: int | None = None
    reason: str = ""
    exception_reason: str = ""


@db.transaction
async def approve(record_id: int, approval: Approval, *, by: Staff, now: datetime) -> ServiceRecord:
    """Approve a record of the caller's station, once: minutes and points are given, its task ends and is paid for.

    Back-entered time counts as honour only, unless the head makes an exception. Raises `OwnServiceRecord`,
    `EarlierReviewer`, `NotConfirmedYet`, `ConfirmationMissing`, `ReviewRequired`, `HeadRequired`,
    `MinutesExceedServed`, `InvalidRecordState`, and `InvalidTaskState` while the task is disputed.
    """
    record = await access.lock_for_station(record_id, by, now=now)
    require_transition(record, S.APPROVED)
    minutes = record.minutes if approval.minutes is None else approval.minutes
    if minutes > record.minutes:
        raise MinutesExceedServed(served=record.minutes)
    await _require_confirmation(record, approval, now)
    access.require_other_reviewer(record, by)
    reason = _exception_reason(record, approval, by)
    entry = TimelineEntry("approved", by.person_id, text=f"志愿服务已核实，共{minutes}分钟。", note=approval.reason)
    await end_task(record, TaskStatus.APPROVED, entry, now=now)
    await notify_resident(record, NEED_SERVICE_APPROVED, now=now, minutes=minutes)
    facts = {"minutes": minutes, "recorded": record.minutes, "reason": approval.reason, "exception": bool(reason)}
    await audit.note("service_record.approved", access.subject_key(record.id), by=by.person_id, now=now, **facts)
    await _mark_approved(record, minutes, by=by.person_id, now=now, exception_reason=reason)
    # One lock on all accounts that the approval moves, in the order of their keys: two approvals never deadlock,
    # and limits and caps are counted under it. Everything after it only uses these accounts.
    accounts = await ledger.lock_accounts(await _accounts_of(record))
    await _credit(record, accounts, by=by.person_id, now=now)
    if record.task is not None:
        await payment.settle(record.task, minutes, by=by.person_id, now=now, locked=accounts)
    return record


async def end_task(record: ServiceRecord, to: TaskStatus, entry: TimelineEntry, *, now: datetime) -> None:
    """End the record's finished task with it. Raises `InvalidTaskState` while the task is disputed."""
    if record.task is not None:
        if not task_may_end(record):
            raise InvalidTaskState(status=record.task.status)
        await tasks.move(record.task, to, entry, now=now)


def task_may_end(record: ServiceRecord) -> bool:
    """Return whether a decision may end the record's task: it has none, or a finished one that nobody disputes."""
    return record.task is None or record.task.status == TaskStatus.FINISHED


async def _require_confirmation(record: ServiceRecord, approval: Approval, now: datetime) -> None:
    """Require a first review of back-entered time, and the confirmation of a beneficiary who is not silent too long."""
    if waits_for_review(record):
        raise ReviewRequired
    possible_from = await unconfirmed_possible_from(record)
    if possible_from is None:
        return
    if now < possible_from:
        raise NotConfirmedYet(possible_from=possible_from)
    if not approval.reason:
        raise ConfirmationMissing


def waits_for_review(record: ServiceRecord) -> bool:
    """Return whether back-entered time was not reviewed yet."""
    return record.status == S.CLAIMED and not record.verified


async def unconfirmed_possible_from(record: ServiceRecord) -> datetime | None:
    """Return from when the record may be approved although its beneficiary is silent; None if nobody is to confirm."""
    if record.status != S.CLAIMED or record.task is None or record.task.need is None:
        return None
    return await schedule.confirmation_overdue_from(record.task)


def _exception_reason(record: ServiceRecord, approval: Approval, by: Staff) -> str:
    """Return why back-entered time can be spent: the head's reason, given at the first review or now."""
    if record.verified or not approval.exception_reason:
        return record.exception_reason
    access.require_head(record, by)
    return approval.exception_reason


async def _mark_approved(
    record: ServiceRecord, minutes: int, *, by: int, now: datetime, exception_reason: str = ""
) -> None:
    """Move a locked record to approved, and add its minutes to those that the volunteer has served."""
    changes = {"minutes": minutes, "approved_by_id": by, "approved_at": now, "exception_reason": exception_reason}
    await move(record, S.APPROVED, **changes)
    volunteer = Volunteer.filter(person_id=record.volunteer_id)
    await volunteer.update(served_minutes=F("served_minutes") + minutes)


def _is_spendable(record: ServiceRecord) -> bool:
    """Return whether the approved record is worth minutes, and not honour only."""
    return record.verified or bool(record.exception_reason)


async def _accounts_of(record: ServiceRecord) -> list[Key]:
    """Return the keys of all accounts that the approval of the record moves; none for honour only."""
    if not _is_spendable(record):
        return []
    paid = await payment.accounts_of(record.task) if record.task is not None else []
    return [*issue_minutes.accounts_of(record), *earning.accounts_of(record), *paid]


async def _credit(record: ServiceRecord, accounts: Locked, *, by: int, now: datetime) -> None:
    """Issue minutes and give points for an approved record, and notify the volunteer; `accounts` are locked."""
    if _is_spendable(record):
        await issue_minutes.issue(record, accounts, by=by, now=now)
    await earning.earn_for_record(record, accounts, by=by, now=now)
    await notify_approved(record, now=now)


@db.transaction
async def approve_decided(record: ServiceRecord, minutes: int, *, by: int, now: datetime) -> ServiceRecord:
    """Approve the record of a settled dispute; the caller moves the locked task and pays for it."""
    locked = await access.lock_record(record.id)
    await _mark_approved(locked, minutes, by=by, now=now)
    accounts = await ledger.lock_accounts(await _accounts_of(locked))
    await _credit(locked, accounts, by=by, now=now)
    return locked


@db.transaction
async def decline_decided(record: ServiceRecord, *, reason: str, by: int, now: datetime) -> ServiceRecord:
    """Decline the record of a settled dispute; the caller moves the locked task and releases its minutes."""
    locked = await access.lock_record(record.id)
    await decline_locked(locked, reason=reason, by=by, now=now)
    return locked


async def decline_locked(record: ServiceRecord, *, reason: str, by: int, now: datetime) -> None:
    """Decline a locked record with a reason that the volunteer reads."""
    await move(record, S.DECLINED, decision=reason)
    await audit.note("service_record.declined", access.subject_key(record.id), by=by, now=now, minutes=record.minutes)
    await notify_volunteer(record, SERVICE_DECLINED, now=now)
