"""Needs on the resident's phone."""

from miniprogram_contract.base import OptionalReason, Page, PageQuery, Reason
from miniprogram_contract.needs import NeedDetail, NeedSummary, NewNeed
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.needs import appeals, closing, reminders, resident_queries, submit
from server.domain.needs.submit import NeedSubmission
from server.errors import (
    AlreadySubmitted,
    CategoryNotAvailable,
    CommunityRequired,
    DeadlinePassed,
    HomeRequired,
    InvalidNeedState,
    NotFound,
    PhotoNotAvailable,
    ReminderTooSoon,
)
from server.handlers.http import Caller, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.needs import serializers
from server.models import Urgency

# A household in trouble files a few needs an hour; a machine files more.
FILING = RateLimit(most=20, seconds=3600)


@endpoint(
    "POST",
    "/needs",
    body=NewNeed,
    reply=NeedDetail,
    status=201,
    refuses=(HomeRequired, CommunityRequired, NotFound, CategoryNotAvailable, PhotoNotAvailable),
    limit=FILING,
)
async def submit_need(body: NewNeed, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """Submit a need; it reaches the responsible station at once, and the answer says which and why."""
    need = await submit.submit_by_resident(submission_of(body), by=caller.person_id, now=now)
    filed = await resident_queries.get_submitted_detail(need, with_photos=bool(body.photo_ids))
    return serializers.need_detail(filed, dependencies, now, caller.person_id)


def submission_of(body: NewNeed) -> NeedSubmission:
    told = body.model_dump(include=set(NewNeed.model_fields))
    return NeedSubmission(**told | {"urgency": Urgency(body.urgency)})


@endpoint("GET", "/needs", query=PageQuery, reply=Page[NeedSummary])
async def list_needs(query: PageQuery, caller: Caller) -> Page[NeedSummary]:
    """One's own needs, newest first."""
    found = await resident_queries.list_needs(caller.person_id, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda need: (need.submitted_at, need.id))
    return Page[NeedSummary](items=[serializers.need_summary(need) for need in found], next=following)


@endpoint("GET", "/needs/<need_id:int>", reply=NeedDetail)
async def get_need(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """One of one's own needs with its timeline in plain language."""
    return serializers.need_detail(
        await resident_queries.get_detail(need_id, caller.person_id), dependencies, now, caller.person_id
    )


@endpoint("POST", "/needs/<need_id:int>/withdrawal", body=OptionalReason, reply=NeedDetail, refuses=(InvalidNeedState,))
async def withdraw_need(
    need_id: int, body: OptionalReason, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Withdraw a need before anybody began to serve."""
    await closing.withdraw(need_id, reason=body.reason, by=caller.person_id, now=now)
    return await get_need(need_id, caller, dependencies, now)


@endpoint("POST", "/needs/<need_id:int>/reminders", reply=NeedDetail, refuses=(InvalidNeedState, ReminderTooSoon))
async def remind_station(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """Urge the worker (催办), once in a while."""
    await reminders.remind_worker(need_id, by=caller.person_id, now=now)
    return await get_need(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/needs/<need_id:int>/appeal",
    body=Reason,
    reply=NeedDetail,
    refuses=(InvalidNeedState, AlreadySubmitted, DeadlinePassed),
)
async def appeal_need(
    need_id: int, body: Reason, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Object, once, to a need that was declined; the parent station decides."""
    await appeals.submit(need_id, reason=body.reason, by=caller.person_id, now=now)
    return await get_need(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/needs/<need_id:int>/reopening",
    body=Reason,
    reply=NeedDetail,
    refuses=(InvalidNeedState, AlreadySubmitted, DeadlinePassed),
)
async def reopen_need(
    need_id: int, body: Reason, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Ask, once, that a resolved need is dealt with again; it goes to the supervisor."""
    await closing.reopen(need_id, reason=body.reason, by=caller.person_id, now=now)
    return await get_need(need_id, caller, dependencies, now)
