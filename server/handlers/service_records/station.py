"""Service records as the station's staff look at, approve, decline and reverse them."""

from miniprogram_contract.base import Page, Reason
from miniprogram_contract.service_records import (
    ServiceRecordApproval,
    ServiceRecordDecisionResult,
    ServiceRecordReview,
    ServiceRecordRow,
    StaffServiceRecordDetail,
    StaffServiceRecordFilter,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.service_records import approval as service_records_approval
from server.domain.service_records import queries, reversal, reviews
from server.domain.service_records.access import subject_key
from server.domain.service_records.approval import Approval
from server.errors import (
    ConfirmationMissing,
    EarlierReviewer,
    HeadRequired,
    InvalidRecordState,
    InvalidTaskState,
    MinutesExceedServed,
    NotConfirmedYet,
    NotEnoughMinutes,
    NotEnoughPoints,
    OwnServiceRecord,
    ReviewNotNeeded,
    ReviewRequired,
)
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.service_records import serializers
from server.models import RecordStatus

PATH = "/station/service-records/<record_id:int>"


@endpoint(
    "GET", "/station/service-records", query=StaffServiceRecordFilter, reply=Page[ServiceRecordRow], roles=Roles.STAFF
)
async def list_station_service_records(query: StaffServiceRecordFilter, caller: Caller) -> Page[ServiceRecordRow]:
    """Records of one's stations, or of one's county: those that wait oldest first, decided ones newest first."""
    status = RecordStatus(query.status) if query.status else None
    after = cursor.after(query.after)
    found = await queries.of_stations(caller.scope, status=status, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.claimed_at, one.id))
    return Page[ServiceRecordRow](items=[serializers.row(one) for one in found], next=following)


@endpoint("GET", PATH, reply=StaffServiceRecordDetail, roles=Roles.STAFF)
async def get_station_service_record(
    record_id: int, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffServiceRecordDetail:
    """One record, with who confirmed, reviewed and approved it."""
    record = await queries.one(record_id, by=caller.scope)
    photos = (await queries.photos_of([record]))[subject_key(record.id)]
    return serializers.station_record(record, photos, dependencies, now, caller.scope)


@endpoint(
    "POST",
    PATH + "/review",
    body=ServiceRecordReview,
    reply=ServiceRecordDecisionResult,
    roles=Roles.STAFF,
    refuses=(OwnServiceRecord, InvalidRecordState, ReviewNotNeeded, HeadRequired),
)
async def review_service_record(
    record_id: int, body: ServiceRecordReview, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Look at back-entered time as the first of two."""
    reviewed = await reviews.review(record_id, exception_reason=body.exception_reason, by=caller.scope, now=now)
    return serializers.decided(reviewed)


@endpoint(
    "POST",
    PATH + "/approval",
    body=ServiceRecordApproval,
    reply=ServiceRecordDecisionResult,
    roles=Roles.STAFF,
    refuses=(
        OwnServiceRecord,
        EarlierReviewer,
        InvalidRecordState,
        InvalidTaskState,
        ReviewRequired,
        NotConfirmedYet,
        ConfirmationMissing,
        MinutesExceedServed,
        HeadRequired,
    ),
)
async def approve_service_record(
    record_id: int, body: ServiceRecordApproval, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Approve time served, once: its minutes and points are given, its task ends and is paid for."""
    approval = Approval(**body.model_dump())
    return serializers.decided(await service_records_approval.approve(record_id, approval, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/refusal",
    body=Reason,
    reply=ServiceRecordDecisionResult,
    roles=Roles.STAFF,
    refuses=(OwnServiceRecord, InvalidRecordState, InvalidTaskState),
)
async def decline_service_record(
    record_id: int, body: Reason, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Refuse a record, with a reason who served reads; what was held for its task is released."""
    return serializers.decided(await reviews.decline(record_id, reason=body.reason, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/reversal",
    body=Reason,
    reply=ServiceRecordDecisionResult,
    roles=Roles.STAFF,
    refuses=(OwnServiceRecord, InvalidRecordState, HeadRequired, NotEnoughMinutes, NotEnoughPoints),
)
async def reverse_service_record(
    record_id: int, body: Reason, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Turn an approval back, once: minutes, points and what was paid return. For the station's head.

    What the station above decided after an appeal only its head turns back.
    """
    return serializers.decided(await reversal.reverse(record_id, reason=body.reason, by=caller.scope, now=now))
