"""Locks on a service record: need, task and volunteer are locked before it, and the query decides on access."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import households, stations
from server.domain.needs import access as needs
from server.domain.staff import Staff
from server.domain.tasks import access as tasks
from server.domain.volunteers import access as volunteers
from server.errors import EarlierReviewer, HeadRequired, NotAllowed, NotFound, OwnServiceRecord
from server.models import Attendee, Dispute, RecordSource, ServiceRecord


def subject_key(record_id: int) -> str:
    """Return the key of a record for its photos and for the audit trail."""
    return f"service_record:{record_id}"


async def lock_record(record_id: int) -> ServiceRecord:
    """Return the record, locked after its volunteer, for callers whose access was checked before.

    `record.task` is its task, locked with its need before both, or None. An activity's attendee is loaded and needs no
    lock: they have left.
    """
    db.require_transaction()
    found = await ServiceRecord.filter(id=record_id).only("id", "task_id", "volunteer_id").get()
    task = await tasks.lock_task(found.task_id) if found.task_id is not None else None
    # Also for a volunteer who was banned or has left since: they did serve.
    await volunteers.lock_own(found.volunteer_id)
    record = await ServiceRecord.filter(id=record_id).select_for_update().get()
    if record.source == RecordSource.ACTIVITY:
        await record.fetch_related("attendee__activity")
    record.task = task
    return record


def attendee_of(record: ServiceRecord) -> Attendee | None:
    """Return the attendee of a record from an activity, as loaded with it; None for other records."""
    if record.source != RecordSource.ACTIVITY:
        return None
    attendee: Attendee | None = record.attendee  # type: ignore[attr-defined]
    return attendee


async def lock_record_of_task(task_id: int) -> ServiceRecord:
    """Return the record, locked, of a task that is already locked."""
    db.require_transaction()
    return await ServiceRecord.filter(task_id=task_id).select_for_update().get()


async def lock_for_station(record_id: int, by: Staff, *, now: datetime) -> ServiceRecord:
    """Return a record, locked, of a station that the caller works for.

    Raises `NotAllowed` for the station's officers, `NotFound` for everyone else, and `OwnServiceRecord` for the
    volunteer, the person they helped, and people who share or just shared a household with either.
    """
    if not await ServiceRecord.filter(id=record_id, station_id__in=sorted(by.station_ids)).exists():
        known = await ServiceRecord.filter(by.of_stations(), id=record_id).exists()
        raise NotAllowed if known else NotFound
    return await _lock_independently(record_id, by, now)


async def _lock_independently(record_id: int, by: Staff, now: datetime) -> ServiceRecord:
    record = await lock_record(record_id)
    if await is_near(record, by.person_id, now=now):
        raise OwnServiceRecord
    return record


async def is_near(record: ServiceRecord, person_id: int, *, now: datetime) -> bool:
    """Return whether the person is the volunteer, was helped, or shares or just shared a household with either.

    `record.task` and its need must be loaded.
    """
    helped = needs.own_residents(record.task.need) if record.task and record.task.need else set()
    return await households.near(person_id, record.volunteer_id, *helped, now=now)


async def decided_after_appeal(by: Staff) -> Q:
    """Match records whose dispute was appealed to a station that the caller heads, or for city officers to the city
    desk.
    """
    return Q(task__dispute__station_id__in=await stations.headed_by(by), task__dispute__appealed_at__isnull=False)


async def deciding_station(record: ServiceRecord) -> int:
    """Return the station with the last word on a record: its own, or after an appeal the station that decided it."""
    return await station_of_appeal(record) or record.station_id


async def station_of_appeal(record: ServiceRecord) -> int | None:
    """Return the station that decided about the record after an appeal, or None if there was no appeal."""
    if record.task_id is None:
        return None
    appealed = await Dispute.get_or_none(task_id=record.task_id, appealed_at__isnull=False)
    return appealed.station_id if appealed is not None else None


async def lock_for_head(record_id: int, by: Staff, *, now: datetime) -> ServiceRecord:
    """Return a record, locked, to the head of the station with the last word on it.

    Raises `HeadRequired` for other workers of the record's station, `NotAllowed` for its head after an appeal, and the
    refusals of `lock_for_station`.
    """
    if await ServiceRecord.filter(await decided_after_appeal(by), id=record_id).exists():
        return await _lock_independently(record_id, by, now)
    record = await lock_for_station(record_id, by, now=now)
    require_head(record, by)
    # Checked under the lock: an appeal may have come until now.
    if await deciding_station(record) != record.station_id:
        raise NotAllowed
    return record


def require_head(record: ServiceRecord, by: Staff) -> None:
    if record.station_id not in by.head_of:
        raise HeadRequired


def require_other_reviewer(record: ServiceRecord, by: Staff) -> None:
    """Refuse with `EarlierReviewer` the `earlier_reviewers` of the record."""
    if by.person_id in earlier_reviewers(record):
        raise EarlierReviewer


def earlier_reviewers(record: ServiceRecord) -> set[int | None]:
    """Return the people who may not approve the record: who confirmed it for the beneficiary, and who reviewed it.

    A station's own task has no beneficiary who could object, so the workers who published or confirmed it may not
    either; and for a record from an activity, those who published it or checked the volunteer in or out by hand.
    """
    seen_by = {record.confirmed_by_id, record.reviewed_by_id}
    if record.task is not None and record.task.need_id is None:
        seen_by |= {record.task.published_by_id, record.task.confirmed_by_id}
    if attendee := attendee_of(record):
        seen_by |= {attendee.activity.published_by_id, attendee.checked_in_by_id, attendee.checked_out_by_id}
    return seen_by
