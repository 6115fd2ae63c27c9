"""Taking hold of a service record: need, task and volunteer are locked before it, and the scope is in the query."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import households
from server.domain.needs import access as needs
from server.domain.staff import Staff
from server.domain.tasks import access as tasks
from server.domain.volunteers import access as volunteers
from server.errors import EarlierReviewer, HeadRequired, NotAllowed, NotFound, OwnServiceRecord
from server.models import Attendee, Dispute, RecordSource, ServiceRecord, StationLevel


def subject_key(record_id: int) -> str:
    """What photos and the audit trail know a record by."""
    return f"service_record:{record_id}"


async def any_record(record_id: int) -> ServiceRecord:
    """The record, locked after its volunteer, for steps that were scoped by something else.

    `record.task` is its task, locked with its need before both, or None. Who served at an activity is loaded, and need
    not be locked: they have left.
    """
    db.require_transaction()
    found = await ServiceRecord.filter(id=record_id).only("id", "task_id", "volunteer_id").get()
    task = await tasks.lock_task(found.task_id) if found.task_id is not None else None
    # Banned or gone, they served all the same.
    await volunteers.own(found.volunteer_id)
    record = await ServiceRecord.filter(id=record_id).select_for_update().get()
    if record.source == RecordSource.ACTIVITY:
        await record.fetch_related("attendee__activity")
    record.task = task
    return record


def attendee_of(record: ServiceRecord) -> Attendee | None:
    """Whose time at an activity the record is, as loaded with it; None for all others."""
    if record.source != RecordSource.ACTIVITY:
        return None
    attendee: Attendee | None = record.attendee  # type: ignore[attr-defined]
    return attendee


async def of_task(task_id: int) -> ServiceRecord:
    """The record of a task that is locked already."""
    db.require_transaction()
    return await ServiceRecord.filter(task_id=task_id).select_for_update().get()


async def by_station(record_id: int, by: Staff, *, now: datetime) -> ServiceRecord:
    """As `any_record`, of a station the caller works for; NotAllowed for its officers, NotFound for others.

    OwnServiceRecord for who served, whom it helped, and who lives or just lived with either.
    """
    if not await ServiceRecord.filter(id=record_id, station_id__in=sorted(by.station_ids)).exists():
        known = await ServiceRecord.filter(by.of_stations(), id=record_id).exists()
        raise NotAllowed if known else NotFound
    return await _with_no_part(record_id, by, now)


async def _with_no_part(record_id: int, by: Staff, now: datetime) -> ServiceRecord:
    record = await any_record(record_id)
    helped = needs.residents_of(record.task.need) if record.task and record.task.need else set()
    for one in sorted({record.volunteer_id} | helped):
        if await households.near(one, by.person_id, now=now):
            raise OwnServiceRecord
    return record


def decided_above(by: Staff) -> Q:
    """Records whose dispute was appealed to a station the caller heads; to the city desk, for the city's officers."""
    heads = Q(task__dispute__station_id__in=sorted(by.head_of) or [0])
    theirs = heads | Q(task__dispute__station__level=StationLevel.CITY_DESK) if by.is_city else heads
    return theirs & Q(task__dispute__appealed_at__isnull=False)


async def deciding_station(record: ServiceRecord) -> int:
    """The station with the last word on the record: its own, after an appeal in its dispute the one above."""
    appealed = await Dispute.get_or_none(task_id=record.task_id, appealed_at__isnull=False)
    return appealed.station_id if appealed is not None else record.station_id


async def by_head(record_id: int, by: Staff, *, now: datetime) -> ServiceRecord:
    """As `by_station`, for the head of the station with the last word; HeadRequired for others of the record's station.

    NotAllowed for the head of the record's station, once the one above has decided.
    """
    if await ServiceRecord.filter(decided_above(by), id=record_id).exists():
        return await _with_no_part(record_id, by, now)
    record = await by_station(record_id, by, now=now)
    must_be_head(record, by)
    # Asked under the lock: it may have been appealed until now.
    if await deciding_station(record) != record.station_id:
        raise NotAllowed
    return record


def must_be_head(record: ServiceRecord, by: Staff) -> None:
    if record.station_id not in by.head_of:
        raise HeadRequired


def must_be_another(record: ServiceRecord, by: Staff) -> None:
    """Refuse with EarlierReviewer who confirmed it for the beneficiary, or reviewed it.

    A station's own wish has no beneficiary who would object: there who published or confirmed it is refused as well;
    and so is who published the activity of a record, or checked the volunteer in or out by hand.
    """
    seen_by = {record.confirmed_by_id, record.reviewed_by_id}
    if record.task is not None and record.task.need_id is None:
        seen_by |= {record.task.published_by_id, record.task.confirmed_by_id}
    if attendee := attendee_of(record):
        seen_by |= {attendee.activity.published_by_id, attendee.checked_in_by_id, attendee.checked_out_by_id}
    if by.person_id in seen_by:
        raise EarlierReviewer
