"""补录: time that nobody checked in or out, claimed by who served; it counts as honour unless the head says more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import photos, stations, volunteers
from server.domain.service_records import limits
from server.domain.service_records.access import subject_key
from server.domain.service_records.notifications import SERVICE_CLAIMED, notify_station
from server.domain.service_records.time_spans import LONGEST, Span
from server.errors import InvalidServiceTime, NotServedAtStation, StationNotOperating
from server.models import RecordSource, RecordStatus, ServiceRecord, Volunteer


@dataclass(frozen=True)
class Claim:
    """What somebody did, from when until when, and for which station."""

    station_id: int
    started_at: datetime
    ended_at: datetime
    text: str
    photo_ids: Sequence[int] = ()


@db.transaction
async def claim(claim: Claim, *, by: int, now: datetime) -> ServiceRecord:
    """Ask a station to count time one gave; two of its staff look at it.

    Raises StationNotOperating, VolunteerRequired, NotServedAtStation, InvalidServiceTime, ServiceNotOver,
    BackEntryClosed, ServiceOverlaps, ServiceDayLimit, ServiceMonthLimit, PhotoNotAvailable.
    """
    if not await stations.lock_operating(claim.station_id):
        raise StationNotOperating
    # The lock comes before every limit: what somebody claims meanwhile waits for it.
    volunteer = await volunteers.hold_approved(by)
    await _must_know(claim.station_id, volunteer)
    span = Span(claim.started_at, claim.ended_at)
    await _must_count(span, claim.station_id, by, now=now)
    record = await _add(claim, span, by=by, now=now)
    await photos.attach(claim.photo_ids, subject_key(record.id), owner_id=by)
    await notify_station(record, SERVICE_CLAIMED, now=now)
    return record


async def _must_know(station_id: int, volunteer: Volunteer) -> None:
    served = ServiceRecord.filter(station_id=station_id, volunteer_id=volunteer.person_id, verified=True)
    if volunteer.station_id != station_id and not await served.exists():
        raise NotServedAtStation


async def _must_count(span: Span, station_id: int, volunteer_id: int, *, now: datetime) -> None:
    if span.minutes < 1 or span.ended_at - span.started_at > LONGEST:
        raise InvalidServiceTime
    await limits.must_be_recent(span, station_id, now=now)
    await limits.must_not_overlap(volunteer_id, span)
    await limits.must_not_be_serving(volunteer_id, span)
    await limits.must_fit_days(volunteer_id, span)
    await limits.must_fit_months(volunteer_id, span, station_id)


async def _add(claim: Claim, span: Span, *, by: int, now: datetime) -> ServiceRecord:
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
