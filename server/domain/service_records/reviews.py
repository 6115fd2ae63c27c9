"""Steps of a record besides its approval: the beneficiary's confirmation, the first review, or a refusal."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.service_records import access
from server.domain.service_records.approval import decline_locked, end_task
from server.domain.service_records.notifications import NEED_SERVICE_DECLINED, notify_resident
from server.domain.service_records.transitions import S, move, require_transition
from server.domain.staff import Staff
from server.domain.tasks import payment
from server.domain.tasks.timeline import TimelineEntry
from server.errors import OwnServiceRecord, ReviewNotNeeded
from server.models import ServiceRecord, Task, TaskStatus


@db.transaction
async def confirm_for_task(task: Task, *, by: int, now: datetime) -> ServiceRecord:
    """Confirm the record of a locked task, once, for the beneficiary, or for staff who called them.

    Raises `InvalidRecordState` the second time, and `OwnServiceRecord` for the volunteer.
    """
    record = await access.lock_record_of_task(task.id)
    if by == record.volunteer_id:
        raise OwnServiceRecord
    await move(record, S.CONFIRMED, confirmed_by_id=by, confirmed_at=now)
    return record


@db.transaction
async def review(record_id: int, *, exception_reason: str, by: Staff, now: datetime) -> ServiceRecord:
    """Review back-entered time first (初审), before another worker approves it; the head may make it spendable.

    Raises `OwnServiceRecord`, `ReviewNotNeeded`, `HeadRequired` and `InvalidRecordState`.
    """
    record = await access.lock_for_station(record_id, by, now=now)
    if record.verified:
        raise ReviewNotNeeded
    if exception_reason:
        access.require_head(record, by)
    changes = {"reviewed_by_id": by.person_id, "reviewed_at": now, "exception_reason": exception_reason}
    await move(record, S.REVIEWED, **changes)
    facts = {"exception": bool(exception_reason)}
    await audit.note("service_record.reviewed", access.subject_key(record.id), by=by.person_id, now=now, **facts)
    return record


@db.transaction
async def decline(record_id: int, *, reason: str, by: Staff, now: datetime) -> ServiceRecord:
    """Refuse a record with a reason that the volunteer reads; its task ends unpaid, and minutes on hold are released.

    Raises `OwnServiceRecord`, `InvalidRecordState`, and `InvalidTaskState` while its task is disputed.
    """
    record = await access.lock_for_station(record_id, by, now=now)
    require_transition(record, S.DECLINED)
    entry = TimelineEntry(
        "service_declined",
        by.person_id,
        text="站点没有认定这次志愿服务，如有预留的分钟数，已退回。",
        note=reason,
    )
    await end_task(record, TaskStatus.CANCELLED, entry, now=now)
    await notify_resident(record, NEED_SERVICE_DECLINED, now=now)
    await decline_locked(record, reason=reason, by=by.person_id, now=now)
    if record.task is not None:
        await payment.settle(record.task, 0, by=by.person_id, now=now)
    return record
