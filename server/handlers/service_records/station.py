"""Service records for station staff, who review, approve, refuse and reverse them."""

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
from server.domain.service_records import allowed_actions, approval, queries, reversal, reviews
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
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.service_records import serializers
from server.models import RecordStatus

PATH = "/station/service-records/<record_id:int>"


@endpoint(
    "GET", "/station/service-records", query=StaffServiceRecordFilter, reply=Page[ServiceRecordRow], roles=Roles.STAFF
)
async def list_station_service_records(query: StaffServiceRecordFilter, caller: Caller) -> Page[ServiceRecordRow]:
    """List records of the caller's stations and counties: undecided ones oldest first, decided ones newest first."""
    status = RecordStatus(query.status) if query.status else None
    after = cursor.after(query.after)
    found = await queries.list_for_staff(caller.scope, status=status, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.claimed_at, one.id))
    return Page[ServiceRecordRow](items=[serializers.record_row(one) for one in found], next=following)


@endpoint("GET", PATH, reply=StaffServiceRecordDetail, roles=Roles.STAFF)
async def get_station_service_record(
    record_id: int, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffServiceRecordDetail:
    """Return a record, with the people who confirmed, reviewed and approved it."""
    record = await queries.get_for_staff(record_id, by=caller.scope)
    photos = (await queries.list_photos([record]))[subject_key(record.id)]
    may = await allowed_actions.of_staff(record, caller.scope, now=now)
    return serializers.staff_record_detail(record, photos, dependencies, now, reader=caller.scope, may=may)


@endpoint(
    "POST",
    PATH + "/review",
    body=ServiceRecordReview,
    reply=ServiceRecordDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnServiceRecord, InvalidRecordState, ReviewNotNeeded, HeadRequired),
)
async def review_service_record(
    record_id: int, body: ServiceRecordReview, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Review back-entered time as the first of two workers."""
    reviewed = await reviews.review(record_id, exception_reason=body.exception_reason, by=caller.scope, now=now)
    return serializers.decision_result(reviewed)


@endpoint(
    "POST",
    PATH + "/approval",
    body=ServiceRecordApproval,
    reply=ServiceRecordDecisionResult,
    subject=subjects.OUTCOME,
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
    """Approve service time, once: minutes and points are given, its task ends and is paid for."""
    approved = await approval.approve(record_id, Approval(**body.model_dump()), by=caller.scope, now=now)
    return serializers.decision_result(approved)


@endpoint(
    "POST",
    PATH + "/refusal",
    body=Reason,
    reply=ServiceRecordDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnServiceRecord, InvalidRecordState, InvalidTaskState),
)
async def decline_service_record(
    record_id: int, body: Reason, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Refuse a record with a reason that the volunteer reads; minutes on hold for its task are released."""
    return serializers.decision_result(await reviews.decline(record_id, reason=body.reason, by=caller.scope, now=now))


@endpoint(
    "POST",
    PATH + "/reversal",
    body=Reason,
    reply=ServiceRecordDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnServiceRecord, InvalidRecordState, HeadRequired, NotEnoughMinutes, NotEnoughPoints),
)
async def reverse_service_record(
    record_id: int, body: Reason, caller: Caller, now: Moment
) -> ServiceRecordDecisionResult:
    """Reverse an approval, once, as the head of the station: minutes, points and payment go back.

    After an appeal, only the head of the station that decided it may reverse it.
    """
    return serializers.decision_result(await reversal.reverse(record_id, reason=body.reason, by=caller.scope, now=now))
