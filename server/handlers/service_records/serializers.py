"""Service records as contract types."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from miniprogram_contract.service_records import (
    RECORD_WORDS,
    CheckMethod,
    CheckRecord,
    ServiceRecordAction,
    ServiceRecordDecisionResult,
    ServiceRecordDetail,
    ServiceRecordRow,
    StaffServiceRecordDetail,
)
from server.adapters import Dependencies
from server.domain.masking import mask_name
from server.domain.needs import access as needs
from server.domain.service_records.access import attendee_of
from server.domain.service_records.time_spans import Span
from server.domain.staff import Staff
from server.handlers.needs.serializers import station_reference
from server.handlers.photos.links import photo_links
from server.models import Attendee, Person, Photo, ServiceRecord

NAMELESS = "未留姓名"


def decision_result(record: ServiceRecord) -> ServiceRecordDecisionResult:
    return ServiceRecordDecisionResult(
        **_state(record), minutes=record.minutes, spendable_minutes=record.spendable_minutes
    )


def _state(record: ServiceRecord) -> dict[str, object]:
    return {"id": record.id, "status": record.status, "status_words": RECORD_WORDS[record.status]}


def _common_fields(record: ServiceRecord) -> dict[str, object]:
    return _state(record) | {
        "source": record.source,
        "activity_id": _activity_id(record),
        "verified": record.verified,
        "station": station_reference(record.station),
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "minutes": record.minutes,
        "uncounted_minutes": _attended_span(record).minutes - record.minutes,
        "claimed_at": record.claimed_at,
    }


def _activity_id(record: ServiceRecord) -> int | None:
    attendee = attendee_of(record)
    return attendee.activity_id if attendee else None


def _attended_span(record: ServiceRecord) -> Span:
    """Return the span from check-in to check-out; the record keeps only the time that counts."""
    if attendee := attendee_of(record):
        assert attendee.checked_in_at is not None
        assert attendee.checked_out_at is not None
        return Span(attendee.checked_in_at, attendee.checked_out_at)
    task = record.task
    if task is None:
        return Span(record.started_at, record.ended_at)
    assert task.started_at is not None
    assert task.finished_at is not None
    return Span(task.started_at, task.finished_at)


def record_detail(
    record: ServiceRecord, photos: Iterable[Photo], dependencies: Dependencies, now: datetime
) -> ServiceRecordDetail:
    return ServiceRecordDetail(
        **_common_fields(record),
        task_id=record.task_id,
        text=record.text,
        spendable_minutes=record.spendable_minutes,
        confirmed_at=record.confirmed_at,
        reviewed_at=record.reviewed_at,
        approved_at=record.approved_at,
        decision=record.decision,
        photos=photo_links(photos, dependencies, now, reader=record.volunteer_id),
    )


def record_row(record: ServiceRecord) -> ServiceRecordRow:
    return ServiceRecordRow(
        **_common_fields(record),
        **_planned_fields(record),
        person_id=record.volunteer_id,
        name=_masked(record.volunteer),
    )


def _planned_fields(record: ServiceRecord) -> dict[str, datetime | int | None]:
    """Return the planned times and minutes of the record's activity or task, to compare with what counts."""
    if attendee := attendee_of(record):
        starts_at, ends_at = attendee.activity.starts_at, attendee.activity.ends_at
        return _planned(starts_at, ends_at, (ends_at - starts_at) // timedelta(minutes=1))
    if (task := record.task) is not None:
        return _planned(task.starts_at, task.ends_at, task.expected_minutes)
    return _planned(None, None, None)


def _planned(
    starts_at: datetime | None, ends_at: datetime | None, minutes: int | None
) -> dict[str, datetime | int | None]:
    return {"planned_starts_at": starts_at, "planned_ends_at": ends_at, "planned_minutes": minutes}


def _masked(person: Person) -> str:
    return mask_name(person.name or "") or NAMELESS


def staff_record_detail(
    record: ServiceRecord,
    photos: Iterable[Photo],
    dependencies: Dependencies,
    now: datetime,
    *,
    reader: Staff,
    may: Iterable[str],
) -> StaffServiceRecordDetail:
    """Officers read what was decided; only workers of the station read texts and photos. `may`: the reader's steps."""
    works_there = record.station_id in reader.station_ids
    whole = record.volunteer.name or NAMELESS
    return StaffServiceRecordDetail(
        **_common_fields(record),
        **_planned_fields(record),
        **_decision_fields(record),
        **_attendance_fields(record, whole=works_there),
        person_id=record.volunteer_id,
        name=whole if works_there else _masked(record.volunteer),
        task_id=record.task_id,
        text=record.text if works_there else "",
        spendable_minutes=record.spendable_minutes,
        exception_reason=record.exception_reason if works_there else "",
        decision=record.decision if works_there else "",
        photos=photo_links(photos if works_there else [], dependencies, now, reader=reader.person_id),
        allowed_actions=[ServiceRecordAction(action) for action in may],
    )


def _attendance_fields(record: ServiceRecord, *, whole: bool) -> dict[str, object]:
    """Return who checked the volunteer in and out, for the worker who approves the record."""
    attendee = attendee_of(record)
    if attendee is None:
        return {"checked_in": None, "checked_out": None}
    checked_in = _check_record(
        attendee, attendee.checked_in_at, attendee.checked_in_by, attendee.check_in_way, whole=whole
    )
    checked_out = _check_record(
        attendee, attendee.checked_out_at, attendee.checked_out_by, CheckMethod.MANUAL, whole=whole
    )
    return {"checked_in": checked_in, "checked_out": checked_out}


def _check_record(
    attendee: Attendee, at: datetime | None, by: Person | None, way: str | None, *, whole: bool
) -> CheckRecord | None:
    if at is None or by is None or way is None:
        return None
    is_self = by.id == attendee.person_id
    name = by.name or NAMELESS if whole else _masked(by)
    # Volunteers check themselves out only by the code on their own phone.
    return CheckRecord(at=at, by=name, is_self=is_self, method=CheckMethod.OWN_PHONE if is_self else CheckMethod(way))


def _decision_fields(record: ServiceRecord) -> dict[str, object]:
    return {
        "confirmed_by": _confirmed_by(record),
        "confirmed_at": record.confirmed_at,
        "reviewed_by": _name_of(record.reviewed_by),
        "reviewed_at": record.reviewed_at,
        "approved_by": _name_of(record.approved_by),
        "approved_at": record.approved_at,
    }


def _confirmed_by(record: ServiceRecord) -> str | None:
    need = record.task.need if record.task is not None else None
    if need is not None and record.confirmed_by_id in needs.own_residents(need):
        return "服务对象"
    return _name_of(record.confirmed_by)


def _name_of(person: Person | None) -> str | None:
    return (person.name or "工作人员") if person is not None else None
