"""What the station says of a record besides approving it: a first look at back-entered time, or no."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.service_records import access
from server.domain.service_records.approval import end_task, let_down
from server.domain.service_records.notifications import NEED_SERVICE_DECLINED, notify_resident
from server.domain.service_records.transitions import S, move, must_lead
from server.domain.staff import Staff
from server.domain.tasks import payment
from server.domain.tasks.timeline import TimelineEntry
from server.errors import ReviewNotNeeded
from server.models import ServiceRecord, TaskStatus


@db.transaction
async def review(record_id: int, *, exception_reason: str, by: Staff, now: datetime) -> ServiceRecord:
    """初审: the first of two who look at back-entered time; the head may say why it can be spent after all.

    Raises OwnServiceRecord, ReviewNotNeeded, HeadRequired, InvalidRecordState.
    """
    record = await access.by_station(record_id, by, now=now)
    if record.verified:
        raise ReviewNotNeeded
    if exception_reason:
        access.must_be_head(record, by)
    told = {"reviewed_by_id": by.person_id, "reviewed_at": now, "exception_reason": exception_reason}
    await move(record, S.REVIEWED, **told)
    facts = {"exception": bool(exception_reason)}
    await audit.note("service_record.reviewed", access.subject_key(record.id), by=by.person_id, now=now, **facts)
    return record


@db.transaction
async def decline(record_id: int, *, reason: str, by: Staff, now: datetime) -> ServiceRecord:
    """Refuse a record, with a reason who served reads; its task ends unpaid and what was held is released.

    Raises OwnServiceRecord, InvalidRecordState, and InvalidTaskState while its task is disputed.
    """
    record = await access.by_station(record_id, by, now=now)
    must_lead(record, S.DECLINED)
    entry = TimelineEntry(
        "service_declined",
        by.person_id,
        text="站点没有认定这次志愿服务，如有预留的分钟数，已退回。",
        note=reason,
    )
    await end_task(record, TaskStatus.CANCELLED, entry, now=now)
    await notify_resident(record, NEED_SERVICE_DECLINED, now=now)
    await let_down(record, reason=reason, by=by.person_id, now=now)
    if record.task is not None:
        await payment.settle(record.task, 0, by=by.person_id, now=now)
    return record
