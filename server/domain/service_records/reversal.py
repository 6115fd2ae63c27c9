"""Reversal of an approval: minutes and points go back, and so does what was paid."""

from datetime import datetime

from tortoise.expressions import F

from server.database import db
from server.domain import audit
from server.domain.points import earning
from server.domain.service_records import access, issue_minutes
from server.domain.service_records.notifications import (
    NEED_SERVICE_REVERSED,
    SERVICE_REVERSED,
    notify_resident,
    notify_volunteer,
)
from server.domain.service_records.transitions import S, move
from server.domain.staff import Staff
from server.domain.tasks import timeline
from server.domain.tasks.timeline import TimelineEntry
from server.models import ServiceRecord, Volunteer

# The minutes and points of these causes that their owner does not have any more, or has on hold.
SPENT = """
    SELECT 1 FROM transfer t JOIN account a ON a.id = t.target_id
    WHERE t.cause IN ({causes}) AND a.balance - a.held < t.amount LIMIT 1
"""
REVERSED_TEXT = "站点撤销了这次志愿服务的认定，如支付过分钟数，已退回。"


@db.transaction
async def reverse(record_id: int, *, reason: str, by: Staff, now: datetime) -> ServiceRecord:
    """Reverse an approval, once, as the head of the station, or after an appeal of the station that decided it.

    The volunteer reads the reason. Raises `HeadRequired`, `NotAllowed`, `OwnServiceRecord`, `InvalidRecordState`, and
    `NotEnoughMinutes` or `NotEnoughPoints`, with nothing changed, if the volunteer has spent what the record earned.
    """
    record = await access.lock_for_head(record_id, by, now=now)
    await move(record, S.REVERSED, decision=reason)
    served = Volunteer.filter(person_id=record.volunteer_id)
    await served.update(served_minutes=F("served_minutes") - record.minutes)
    await audit.note(
        "service_record.reversed", access.subject_key(record.id), by=by.person_id, now=now, minutes=record.minutes
    )
    await notify_volunteer(record, SERVICE_REVERSED, now=now)
    if record.task is not None:
        entry = TimelineEntry(
            "service_reversed",
            by.person_id,
            text=REVERSED_TEXT,
            note=reason,
            acting_for=await access.deciding_station(record),
        )
        await timeline.add(record.task, entry, now=now)
        await notify_resident(record, NEED_SERVICE_REVERSED, now=now)
    # Lock order: the earning comes before the accounts.
    await earning.take_back_for_record(record, by=by.person_id, now=now)
    await issue_minutes.take_back(record, by=by.person_id, now=now)
    return record


async def is_spent(record: ServiceRecord) -> bool:
    """Return whether the volunteer has spent minutes or points that the record earned: then nothing goes back."""
    causes = [issue_minutes.cause_of(record), *await earning.causes_granted_for(record)]
    _, found = await db.execute(SPENT.format(causes=db.placeholders(causes)), causes)
    return bool(found)
