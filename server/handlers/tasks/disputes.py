"""Disputes: statements of both sides, the decision, the appeal."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.tasks import (
    DisputeAppeal,
    DisputeDecision,
    DisputeDecisionResult,
    DisputeDetail,
    DisputeRow,
    DisputeStatement,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.service_records import queries
from server.domain.tasks import allowed_actions, dispute_decisions, dispute_queries, disputes
from server.domain.tasks.disputes import Statement
from server.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    DeadlinePassed,
    EarlierReviewer,
    HeadRequired,
    InvalidTaskState,
    MinutesExceedServed,
    NoBeneficiary,
    OwnDecision,
    OwnTask,
    PhotoNotAvailable,
    ServiceConfirmed,
    StatementGiven,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.tasks.serializers import dispute_detail, dispute_row

PATH = "/tasks/<task_id:int>/dispute"


@endpoint(
    "POST",
    PATH,
    body=DisputeStatement,
    hears=("text",),
    reply=DisputeDetail,
    subject=subjects.DISPUTE,
    status=201,
    refuses=(InvalidTaskState, NoBeneficiary, ServiceConfirmed, PhotoNotAvailable),
)
async def create_dispute(task_id: int, body: DisputeStatement, caller: Caller, now: Moment) -> DisputeDetail:
    """Dispute a finished service, from either side; the station's head decides."""
    words = Statement(body.text, body.photo_ids)
    await disputes.raise_dispute(task_id, words, by=caller.person_id, now=now)
    return await _get_detail(task_id, caller)


async def _get_detail(task_id: int, caller: Caller) -> DisputeDetail:
    party = await dispute_queries.get_for_party(task_id, caller.person_id)
    return dispute_detail(party.dispute, party.appeal_until, party.side)


@endpoint("GET", PATH, reply=DisputeDetail)
async def get_dispute(task_id: int, caller: Caller) -> DisputeDetail:
    """Return the dispute about a task of the caller's, from either side."""
    return await _get_detail(task_id, caller)


@endpoint(
    "POST",
    PATH + "/statement",
    body=DisputeStatement,
    hears=("text",),
    reply=DisputeDetail,
    subject=subjects.DISPUTE,
    refuses=(InvalidTaskState, AlreadyDecided, StatementGiven, PhotoNotAvailable),
)
async def answer_dispute(task_id: int, body: DisputeStatement, caller: Caller, now: Moment) -> DisputeDetail:
    """Add the caller's statement, once, before the decision."""
    await disputes.answer(task_id, Statement(body.text, body.photo_ids), by=caller.person_id, now=now)
    return await _get_detail(task_id, caller)


@endpoint(
    "POST",
    PATH + "/appeal",
    body=DisputeAppeal,
    hears=("reason",),
    reply=DisputeDetail,
    subject=subjects.DISPUTE,
    refuses=(InvalidTaskState, AlreadySubmitted, DeadlinePassed),
)
async def appeal_dispute(task_id: int, body: DisputeAppeal, caller: Caller, now: Moment) -> DisputeDetail:
    """Appeal against the decision, once and in time; the head station then decides for good."""
    await disputes.appeal(task_id, reason=body.reason, by=caller.person_id, now=now)
    return await _get_detail(task_id, caller)


@endpoint("GET", "/disputes", query=PageQuery, reply=Page[DisputeRow], roles=Roles.STAFF)
async def list_disputes(query: PageQuery, caller: Caller, dependencies: Dependencies, now: Moment) -> Page[DisputeRow]:
    """List the disputes that wait for the caller's decision, oldest first."""
    found = await dispute_queries.list_undecided(caller.scope, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.dispute.raised_at, one.dispute.id))
    may = await allowed_actions.on_disputes(found, caller.scope, now=now)
    rows = [dispute_row(one, dependencies, now, caller.person_id, may[one.dispute.task_id]) for one in found]
    return Page[DisputeRow](items=rows, next=following)


@endpoint(
    "POST",
    "/station/tasks/<task_id:int>/dispute-decision",
    body=DisputeDecision,
    reply=DisputeDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(
        InvalidTaskState,
        AlreadyDecided,
        HeadRequired,
        OwnTask,
        OwnDecision,
        EarlierReviewer,
        MinutesExceedServed,
    ),
)
async def decide_dispute(task_id: int, body: DisputeDecision, caller: Caller, now: Moment) -> DisputeDecisionResult:
    """Decide how many minutes were served; the decision after an appeal is final.

    Refused to staff close to either side.
    """
    decided = await dispute_decisions.decide(
        task_id, minutes=body.minutes, decision=body.reason, by=caller.scope, now=now
    )
    assert decided.minutes is not None, "decided just now"
    return DisputeDecisionResult(
        task_id=task_id,
        service_record_id=await queries.get_id_for_task(task_id),
        granted=body.granted,
        minutes=decided.minutes,
        final=decided.appealed_at is not None,
    )
