"""Objections 异议 to entries of a public notice."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.decisions import Decision
from miniprogram_contract.points import EarningStatus
from miniprogram_contract.public_notices import (
    NewObjection,
    ObjectionDecisionResult,
    ObjectionDetail,
    ObjectionRow,
    StaffObjectionFilter,
)
from server.adapters.clock import Moment
from server.domain.points import objections
from server.errors import AlreadyDecided, AlreadyObjected, InvolvedInPoints, ObjectionsClosed, OwnPoints
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.points import serializers
from server.models import Objection

# A person who objects to everything wants to stop the list, not to correct it.
OBJECTING = RateLimit(most=10, seconds=3600)


@endpoint(
    "POST",
    "/public-notices/entries/<earning_id:int>/objection",
    body=NewObjection,
    hears=("reason",),
    reply=ObjectionDetail,
    subject=subjects.OWN,
    status=201,
    refuses=(OwnPoints, AlreadyObjected, ObjectionsClosed),
    limit=OBJECTING,
)
async def create_objection(earning_id: int, body: NewObjection, caller: Caller, now: Moment) -> ObjectionDetail:
    """Object to another person's listed points; nothing is given until staff have decided."""
    made = await objections.submit(earning_id, reason=body.reason, by=caller.person_id, now=now)
    await made.fetch_related("earning", "earning__rule")
    return serializers.objection_detail(made)


@endpoint("GET", "/points/objections", query=PageQuery, reply=Page[ObjectionDetail])
async def list_own_objections(query: PageQuery, caller: Caller) -> Page[ObjectionDetail]:
    """List the caller's objections with their decisions, newest first."""
    found = await objections.list_for_person(caller.person_id, before=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[ObjectionDetail](items=[serializers.objection_detail(one) for one in found], next=following)


def _place(one: Objection) -> cursor.Place:
    return one.made_at, one.id


@endpoint("GET", "/station/objections", query=StaffObjectionFilter, reply=Page[ObjectionRow], roles=Roles.STAFF)
async def list_station_objections(query: StaffObjectionFilter, caller: Caller) -> Page[ObjectionRow]:
    """List objections at the caller's stations and counties, oldest first; none to the caller's own points."""
    after = cursor.after(query.after)
    found = await objections.list_for_staff(caller.scope, decided=query.decided, after=after, limit=query.limit)
    following = cursor.following(found, query.limit, _place)
    return Page[ObjectionRow](items=[serializers.objection_row(one) for one in found], next=following)


@endpoint(
    "POST",
    "/station/objections/<objection_id:int>/decision",
    body=Decision,
    reply=ObjectionDecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(InvolvedInPoints, AlreadyDecided),
)
async def decide_objection(objection_id: int, body: Decision, caller: Caller, now: Moment) -> ObjectionDecisionResult:
    """Decide an objection: granted, the points are not given; refused, they are listed again, or given at once."""
    made = await objections.decide(objection_id, upheld=body.granted, decision=body.reason, by=caller.scope, now=now)
    return ObjectionDecisionResult(
        id=made.id, granted=bool(made.upheld), entry_status=EarningStatus(made.earning.status)
    )
