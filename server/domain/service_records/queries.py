"""What is shown of service records: to who served, to staff of the station, to its officers."""

from collections.abc import Sequence

from tortoise.queryset import QuerySet

from server.domain import photos
from server.domain.pagination import Place, later, older
from server.domain.service_records.access import decided_above, subject_key
from server.domain.service_records.transitions import WAITING
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Photo, RecordStatus, ServiceRecord

BY = ("confirmed_by", "reviewed_by", "approved_by")
VOUCHED_BY = ("activity", "checked_in_by", "checked_out_by")


async def own(person_id: int, *, before: Place | None, limit: int) -> list[ServiceRecord]:
    """The person's records with their stations, newest first, below a place in the list."""
    return await _page(ServiceRecord.filter(volunteer_id=person_id), "-", before, limit)


async def _page(found: QuerySet[ServiceRecord], sign: str, place: Place | None, limit: int) -> list[ServiceRecord]:
    behind = older if sign else later
    ordered = found.filter(behind("claimed_at", place)).order_by(f"{sign}claimed_at", f"{sign}id").limit(limit)
    return await ordered.select_related("station", "volunteer", "task").prefetch_related("attendee__activity")


async def own_one(record_id: int, person_id: int) -> ServiceRecord:
    """One of the person's records; NotFound for anybody else's."""
    return await _one(ServiceRecord.filter(id=record_id, volunteer_id=person_id))


async def _one(found: QuerySet[ServiceRecord]) -> ServiceRecord:
    with_all = found.select_related("station", "volunteer", "task__need", *BY)
    record = await with_all.prefetch_related(*(f"attendee__{one}" for one in VOUCHED_BY)).first()
    if record is None:
        raise NotFound
    return record


async def of_stations(
    by: Staff, *, status: RecordStatus | None, after: Place | None, limit: int
) -> list[ServiceRecord]:
    """Records of the caller's stations and counties: those that wait oldest first, decided ones newest first.

    Without a status, all that wait for the station.
    """
    wanted = [status] if status else sorted(WAITING)
    sign = "" if WAITING.issuperset(wanted) else "-"
    return await _page(ServiceRecord.filter(by.of_stations(), status__in=wanted), sign, after, limit)


async def one(record_id: int, *, by: Staff) -> ServiceRecord:
    """A record of the caller's stations or counties, or decided by theirs after an appeal; NotFound otherwise."""
    mine = ServiceRecord.filter(by.of_stations(), id=record_id)
    return await _one(mine if await mine.exists() else ServiceRecord.filter(decided_above(by), id=record_id))


async def of_task(task_id: int) -> int:
    """The record that a finished task became, by its id."""
    record_id: int = (await ServiceRecord.get(task_id=task_id)).id
    return record_id


async def photos_of(records: Sequence[ServiceRecord]) -> dict[str, list[Photo]]:
    """The photos of each record, by its `thing`."""
    return await photos.of_subjects([subject_key(one.id) for one in records])
