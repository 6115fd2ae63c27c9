"""Service records for the volunteer, who back-enters time and reads what became of it."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.service_records import NewServiceRecord, ServiceRecordDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.service_records import claims, queries
from server.domain.service_records.access import subject_key
from server.domain.service_records.claims import Claim
from server.errors import (
    BackEntryClosed,
    InvalidServiceTime,
    NotServedAtStation,
    PhotoNotAvailable,
    ServiceDayLimit,
    ServiceMonthLimit,
    ServiceNotOver,
    ServiceOverlaps,
    StationNotOperating,
    VolunteerRequired,
)
from server.handlers import subjects
from server.handlers.http import Caller, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.service_records import serializers
from server.models import ServiceRecord

# More than anyone back-enters in an hour.
CLAIMING = RateLimit(most=30, seconds=3600)
NOT_CLAIMABLE = (
    StationNotOperating,
    VolunteerRequired,
    NotServedAtStation,
    InvalidServiceTime,
    ServiceNotOver,
    BackEntryClosed,
    ServiceOverlaps,
    ServiceDayLimit,
    ServiceMonthLimit,
    PhotoNotAvailable,
)


@endpoint(
    "POST",
    "/service-records",
    body=NewServiceRecord,
    hears=("text",),
    reply=ServiceRecordDetail,
    subject=subjects.OWN,
    status=201,
    refuses=NOT_CLAIMABLE,
    limit=CLAIMING,
)
async def create_service_record(
    body: NewServiceRecord, caller: Caller, dependencies: Dependencies, now: Moment
) -> ServiceRecordDetail:
    """Back-enter service time; two workers of the station review it."""
    made = await claims.claim(Claim(**body.model_dump()), by=caller.person_id, now=now)
    return await _get_detail(made.id, caller, dependencies, now)


async def _get_detail(record_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> ServiceRecordDetail:
    return (await _details([await queries.get_for_volunteer(record_id, caller.person_id)], dependencies, now))[0]


async def _details(found: list[ServiceRecord], dependencies: Dependencies, now: Moment) -> list[ServiceRecordDetail]:
    photos = await queries.list_photos(found)
    return [serializers.record_detail(one, photos[subject_key(one.id)], dependencies, now) for one in found]


@endpoint("GET", "/service-records", query=PageQuery, reply=Page[ServiceRecordDetail])
async def list_service_records(
    query: PageQuery, caller: Caller, dependencies: Dependencies, now: Moment
) -> Page[ServiceRecordDetail]:
    """List the caller's records, newest first."""
    found = await queries.list_for_volunteer(caller.person_id, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.claimed_at, one.id))
    return Page[ServiceRecordDetail](items=await _details(found, dependencies, now), next=following)


@endpoint("GET", "/service-records/<record_id:int>", reply=ServiceRecordDetail)
async def get_service_record(
    record_id: int, caller: Caller, dependencies: Dependencies, now: Moment
) -> ServiceRecordDetail:
    """Return a record of the caller."""
    return await _get_detail(record_id, caller, dependencies, now)
