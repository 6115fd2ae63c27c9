"""Endpoints for residents' needs."""

from miniprogram_contract.base import OptionalReason, Page, PageQuery, Reason
from miniprogram_contract.needs import NeedDetail, NeedSummary, NewMessage, NewNeed, NewReminder
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.needs import appeals, closing, messages, reminders, resident_queries, submit
from server.domain.needs.submit import NeedSubmission
from server.errors import (
    AlreadySubmitted,
    CategoryNotAvailable,
    CommunityRequired,
    DeadlinePassed,
    HomeRequired,
    InvalidNeedState,
    ManyPleas,
    NotAllowed,
    NotFound,
    PhotoNotAvailable,
    ReminderTooSoon,
)
from server.handlers import subjects
from server.handlers.http import Caller, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.needs import serializers
from server.handlers.needs.plea_body import read_plea
from server.models import Urgency

# A household in trouble submits a few needs an hour; a program submits more.
SUBMITTING = RateLimit(most=20, seconds=3600)
WRITING = RateLimit(most=60, seconds=3600)


@endpoint(
    "POST",
    "/needs",
    body=NewNeed,
    reply=NeedDetail,
    subject=subjects.NEED,
    status=201,
    refuses=(HomeRequired, CommunityRequired, NotFound, CategoryNotAvailable, PhotoNotAvailable),
    limit=SUBMITTING,
    reads_plea=read_plea,
)
async def submit_need(body: NewNeed, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """Submit a need. The responsible station is notified; the answer says which station it is and why.

    An emergency, or one with words of crisis, is filed whatever else is missing or wrong, and no limit counts for it.
    After five in ten minutes the next one joins one that is open.
    """
    need = await submit.submit_by_resident(submission_of(body), by=caller.person_id, now=now)
    view = await resident_queries.get_submitted_detail(need, with_photos=bool(body.photo_ids), now=now)
    return serializers.need_detail(view, dependencies, now, caller.person_id)


def submission_of(body: NewNeed) -> NeedSubmission:
    fields = body.model_dump(include=set(NewNeed.model_fields))
    return NeedSubmission(**fields | {"urgency": Urgency(body.urgency)})


@endpoint("GET", "/needs", query=PageQuery, reply=Page[NeedSummary])
async def list_needs(query: PageQuery, caller: Caller) -> Page[NeedSummary]:
    """List the caller's needs, newest first."""
    found = await resident_queries.list_needs(caller.person_id, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda need: (need.submitted_at, need.id))
    return Page[NeedSummary](items=[serializers.need_summary(need) for need in found], next=following)


@endpoint("GET", "/needs/<need_id:int>", reply=NeedDetail)
async def get_need(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    """Get a need of the caller with its timeline in plain language."""
    return await _need_detail(need_id, caller, dependencies, now)


async def _need_detail(need_id: int, caller: Caller, dependencies: Dependencies, now: Moment) -> NeedDetail:
    view = await resident_queries.get_detail(need_id, caller.person_id, now=now)
    return serializers.need_detail(view, dependencies, now, caller.person_id)


@endpoint(
    "POST",
    "/needs/<need_id:int>/withdrawal",
    body=OptionalReason,
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(NotAllowed, InvalidNeedState, ManyPleas),
    hears=("reason",),
)
async def withdraw_need(
    need_id: int, body: OptionalReason, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Withdraw a need until it is resolved, but not once a volunteer has begun to help."""
    await closing.withdraw(need_id, reason=body.reason, by=caller.person_id, now=now)
    return await _need_detail(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/needs/<need_id:int>/reminders",
    body=NewReminder,
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(InvalidNeedState, ReminderTooSoon),
    hears=("message",),
    raises_need=True,
)
async def remind_station(
    need_id: int, body: NewReminder, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Remind the worker (催办), with or without a message; there is a minimum time between two reminders.

    A message with words of crisis makes the need an emergency, and no minimum time counts for it.
    """
    await reminders.remind_worker(need_id, message=body.message, by=caller.person_id, now=now)
    return await _need_detail(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/needs/<need_id:int>/messages",
    body=NewMessage,
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(InvalidNeedState, PhotoNotAvailable),
    limit=WRITING,
    hears=("text",),
    raises_need=True,
)
async def write_message(
    need_id: int, body: NewMessage, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Write to the worker, with or without photos, until the need is closed. Words of crisis make it an emergency."""
    await messages.write(need_id, text=body.text, photo_ids=body.photo_ids, by=caller.person_id, now=now)
    return await _need_detail(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/needs/<need_id:int>/appeal",
    body=Reason,
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(InvalidNeedState, AlreadySubmitted, DeadlinePassed),
    hears=("reason",),
)
async def appeal_need(
    need_id: int, body: Reason, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Appeal, once, against a declined need; the parent station decides."""
    await appeals.submit(need_id, reason=body.reason, by=caller.person_id, now=now)
    return await _need_detail(need_id, caller, dependencies, now)


@endpoint(
    "POST",
    "/needs/<need_id:int>/reopening",
    body=Reason,
    reply=NeedDetail,
    subject=subjects.NEED,
    refuses=(InvalidNeedState, AlreadySubmitted, DeadlinePassed),
    hears=("reason",),
)
async def reopen_need(
    need_id: int, body: Reason, caller: Caller, dependencies: Dependencies, now: Moment
) -> NeedDetail:
    """Reopen a resolved need, once; it goes to the station's head."""
    await closing.reopen(need_id, reason=body.reason, by=caller.person_id, now=now)
    return await _need_detail(need_id, caller, dependencies, now)
