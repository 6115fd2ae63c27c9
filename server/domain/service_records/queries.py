"""Service records as volunteers read their own, and as staff and officers read their stations'."""

from collections.abc import Sequence

from tortoise.queryset import QuerySet

from server.domain import photos, reference
from server.domain.pagination import Place, later, older
from server.domain.service_records.access import decided_after_appeal, subject_key
from server.domain.service_records.transitions import UNDECIDED
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Photo, RecordStatus, ServiceRecord

_DECIDED_BY = ("confirmed_by", "reviewed_by", "approved_by")
_ATTENDANCE = ("activity", "checked_in_by", "checked_out_by")


async def list_for_volunteer(person_id: int, *, before: Place | None, limit: int) -> list[ServiceRecord]:
    """Return the person's records with their stations, newest first."""
    return await _page(ServiceRecord.filter(volunteer_id=person_id), "-", before, limit)


async def _page(found: QuerySet[ServiceRecord], sign: str, place: Place | None, limit: int) -> list[ServiceRecord]:
    behind = older if sign else later
    ordered = found.filter(behind("claimed_at", place)).order_by(f"{sign}claimed_at", f"{sign}id").limit(limit)
    records = await ordered.select_related("volunteer", "task").prefetch_related("attendee__activity")
    return await reference.attach(records, "station")


async def get_for_volunteer(record_id: int, person_id: int) -> ServiceRecord:
    """Return a record of the person. Raises `NotFound` for anyone else's."""
    return await _get(ServiceRecord.filter(id=record_id, volunteer_id=person_id))


async def _get(found: QuerySet[ServiceRecord]) -> ServiceRecord:
    record = await _find(found)
    if record is None:
        raise NotFound
    return record


async def _find(found: QuerySet[ServiceRecord]) -> ServiceRecord | None:
    with_all = found.select_related("volunteer", "task__need", *_DECIDED_BY)
    records = await with_all.prefetch_related(*(f"attendee__{name}" for name in _ATTENDANCE))
    return (await reference.attach(records, "station"))[0] if records else None


async def list_for_staff(
    by: Staff, *, status: RecordStatus | None, after: Place | None, limit: int
) -> list[ServiceRecord]:
    """Return records of the caller's stations and counties: undecided ones oldest first, decided ones newest first.

    Without a status, all undecided ones.
    """
    statuses = [status] if status else sorted(UNDECIDED)
    sign = "" if UNDECIDED.issuperset(statuses) else "-"
    return await _page(ServiceRecord.filter(by.of_stations(), status__in=statuses), sign, after, limit)


async def get_for_staff(record_id: int, *, by: Staff) -> ServiceRecord:
    """Return a record of the caller's stations or counties, or one that theirs decided after an appeal.

    Raises `NotFound` for any other record.
    """
    mine = await _find(ServiceRecord.filter(by.of_stations(), id=record_id))
    return mine or await _get(ServiceRecord.filter(await decided_after_appeal(by), id=record_id))


async def get_id_for_task(task_id: int) -> int:
    """Return the id of the record that a finished task became."""
    record_id: int = (await ServiceRecord.get(task_id=task_id)).id
    return record_id


async def list_photos(records: Sequence[ServiceRecord]) -> dict[str, list[Photo]]:
    """Return the photos of each record, by its `subject_key`."""
    return await photos.of_subjects([subject_key(record.id) for record in records])
