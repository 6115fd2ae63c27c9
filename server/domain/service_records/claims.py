"""Back-entry 补录: a volunteer claims time without check-in and check-out; honour only, unless the head makes an
exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import photos, stations, volunteers
from server.domain.service_records import limits
from server.domain.service_records.access import subject_key
from server.domain.service_records.notifications import SERVICE_CLAIMED, notify_station
from server.domain.service_records.time_spans import MAX_SPAN, Span
from server.errors import InvalidServiceTime, NotServedAtStation, StationNotOperating
from server.models import RecordSource, RecordStatus, ServiceRecord, Volunteer


@dataclass(frozen=True)
class Claim:
    """A claim of service time: the station, from when to when, and what was done."""

    station_id: int
    started_at: datetime
    ended_at: datetime
    text: str
    photo_ids: Sequence[int] = ()


@db.transaction
async def claim(claim: Claim, *, by: int, now: datetime) -> ServiceRecord:
    """Claim time for a station to count; two of its workers review it.

    Raises `StationNotOperating`, `VolunteerRequired`, `NotServedAtStation`, `InvalidServiceTime`, `ServiceNotOver`,
    `BackEntryClosed`, `ServiceOverlaps`, `ServiceDayLimit`, `ServiceMonthLimit` and `PhotoNotAvailable`.
    """
    if not await stations.lock_operating(claim.station_id):
        raise StationNotOperating
    # The lock comes before every limit: another claim of this volunteer waits for it.
    volunteer = await volunteers.lock_approved(by)
    await _require_known_station(claim.station_id, volunteer)
    span = Span(claim.started_at, claim.ended_at)
    await _require_countable(span, claim.station_id, by, now=now)
    record = await _create(claim, span, by=by, now=now)
    await photos.attach(claim.photo_ids, subject_key(record.id), owner_id=by)
    await notify_station(record, SERVICE_CLAIMED, now=now)
    return record


async def _require_known_station(station_id: int, volunteer: Volunteer) -> None:
    served = ServiceRecord.filter(station_id=station_id, volunteer_id=volunteer.person_id, verified=True)
    if volunteer.station_id != station_id and not await served.exists():
        raise NotServedAtStation


async def _require_countable(span: Span, station_id: int, volunteer_id: int, *, now: datetime) -> None:
    if span.minutes < 1 or span.ended_at - span.started_at > MAX_SPAN:
        raise InvalidServiceTime
    await limits.require_recent(span, station_id, now=now)
    await limits.require_no_overlap(volunteer_id, span)
    await limits.require_not_serving(volunteer_id, span)
    await limits.require_daily_limit(volunteer_id, span)
    await limits.require_monthly_limit(volunteer_id, span, station_id)


async def _create(claim: Claim, span: Span, *, by: int, now: datetime) -> ServiceRecord:
    return await ServiceRecord.create(
        status=RecordStatus.CLAIMED,
        source=RecordSource.CLAIM,
        volunteer_id=by,
        station_id=claim.station_id,
        text=claim.text,
        started_at=span.started_at,
        ended_at=span.ended_at,
        minutes=span.minutes,
        verified=False,
        claimed_at=now,
    )
