"""Joining a person entered at the counter to the same human's account on a phone."""

from datetime import datetime

from miniprogram_contract.base import Page
from miniprogram_contract.joinings import (
    STATUS_WORDS,
    FoundPeople,
    FoundPerson,
    JoiningAction,
    JoiningDetail,
    JoiningFilter,
    JoiningReason,
    JoiningStatus,
    NewJoining,
    OwnJoining,
    OwnJoinings,
    PersonCode,
    PersonLookUp,
)
from server import models
from server.adapters.clock import Moment
from server.domain.areas import short_name
from server.domain.joinings import codes, joining, look_ups, queries
from server.domain.masking import mask_name, mask_phone
from server.domain.pagination import Window
from server.domain.staff import Staff
from server.errors import (
    AccountHolderRequired,
    AlreadyJoined,
    AskerLeft,
    DeadlinePassed,
    HeadRequired,
    HouseholdsDiffer,
    InvalidPersonCode,
    NotFound,
    NotUndoable,
    NotWaiting,
    OwnJoiningRequest,
    TooManyLookUps,
)
from server.errors import OwnJoining as OwnJoiningRefusal
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit

# A code is one of eight hundred million, and good for ten minutes: at this pace nobody guesses one.
TYPING = RateLimit(most=10, seconds=600)
PATH = "/station/joinings/<joining_id:int>"
DECISION = (NotFound, HeadRequired, OwnJoiningRefusal)


@endpoint(
    "POST",
    "/me/code",
    reply=PersonCode,
    status=201,
    idempotent=False,  # an answer under a key is stored, but only the hash of a code may be
)
async def create_person_code(caller: Caller, now: Moment) -> PersonCode:
    """Create a code to show at a counter: the worker who types it finds this account. The earlier one ends."""
    code, until = await codes.make(of=caller.person_id, now=now)
    return PersonCode(code=code, expires_at=until)


@endpoint(
    "POST",
    "/station/people/look-ups",
    body=PersonLookUp,
    reply=FoundPeople,
    roles=Roles.STAFF,
    refuses=(TooManyLookUps, InvalidPersonCode),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def look_up_people(body: PersonLookUp, caller: Caller, now: Moment) -> FoundPeople:
    """Find people by a whole phone number, a slip code, or the code on their phone; nobody is found by browsing.

    It is logged, limited, and the people found see it. For a day the caller may enter needs, bookings and orders for
    them.
    """
    found = await look_ups.find(**body.model_dump(), by=caller.scope, now=now)
    return FoundPeople(items=[_found(one) for one in found.people], left=found.left)


def _found(one: models.Person) -> FoundPerson:
    return FoundPerson(
        person_id=one.id,
        name=mask_name(one.name or ""),
        phone=mask_phone(one.phone or ""),
        home_name=short_name(one.home.name) if one.home else None,
        birth_year=one.birth_year,
        has_phone=one.openid is not None,
    )


@endpoint("GET", "/me/joinings", reply=OwnJoinings)
async def list_own_joinings(caller: Caller) -> OwnJoinings:
    """List what was entered at counters and joined to the caller's account."""
    return OwnJoinings(items=[_own(one) for one in await queries.list_of_account(caller.person_id)])


@endpoint(
    "POST",
    "/people/<person_id:int>/joinings",
    body=NewJoining,
    reply=JoiningDetail,
    subject=subjects.JOINING,
    status=201,
    roles=Roles.STAFF,
    limit=TYPING,
    refuses=(NotFound, InvalidPersonCode, AlreadyJoined, HouseholdsDiffer, OwnJoiningRefusal, AccountHolderRequired),
)
async def join_person(person_id: int, body: NewJoining, caller: Caller, now: Moment) -> JoiningDetail:
    """Join a person entered at the counter to the account whose phone shows the code.

    If points, minutes or confidential needs are on file it is `asked`: another head or an officer confirms it.
    """
    return _detail(await joining.ask(person_id, body.code, by=caller.scope, now=now), caller.scope, now)


@endpoint("GET", "/station/joinings", query=JoiningFilter, reply=Page[JoiningDetail], roles=Roles.STAFF)
async def list_joinings(query: JoiningFilter, caller: Caller, now: Moment) -> Page[JoiningDetail]:
    """List the joinings of the caller's stations and counties, the latest first."""
    status = models.JoiningStatus(query.status) if query.status else None
    found = await queries.list_visible(caller.scope, status, Window(cursor.after(query.after), query.limit))
    following = cursor.following(found, query.limit, lambda one: (one.asked_at, one.id))
    return Page[JoiningDetail](items=[_detail(one, caller.scope, now) for one in found], next=following)


@endpoint(
    "POST",
    PATH + "/confirmation",
    reply=JoiningDetail,
    subject=subjects.JOINING,
    roles=Roles.STAFF,
    refuses=(
        *DECISION,
        OwnJoiningRequest,
        NotWaiting,
        AskerLeft,
        DeadlinePassed,
        HouseholdsDiffer,
        AccountHolderRequired,
    ),
)
async def confirm_joining(joining_id: int, caller: Caller, now: Moment) -> JoiningDetail:
    """Confirm a joining, as a head of the station or an officer, but not the one who asked for it."""
    return _detail(await joining.confirm(joining_id, by=caller.scope, now=now), caller.scope, now)


@endpoint(
    "POST",
    PATH + "/refusal",
    body=JoiningReason,
    reply=JoiningDetail,
    subject=subjects.JOINING,
    roles=Roles.STAFF,
    refuses=(*DECISION, OwnJoiningRequest, NotWaiting, DeadlinePassed),
)
async def refuse_joining(joining_id: int, body: JoiningReason, caller: Caller, now: Moment) -> JoiningDetail:
    """Refuse a joining, with a reason."""
    return _detail(await joining.refuse(joining_id, reason=body.reason, by=caller.scope, now=now), caller.scope, now)


@endpoint(
    "POST",
    PATH + "/undoing",
    body=JoiningReason,
    reply=JoiningDetail,
    subject=subjects.JOINING,
    roles=Roles.STAFF,
    refuses=(*DECISION, NotUndoable, DeadlinePassed),
)
async def undo_joining(joining_id: int, body: JoiningReason, caller: Caller, now: Moment) -> JoiningDetail:
    """Undo a joining within 30 days: what was moved goes back, and what was spent meanwhile is the account's debt."""
    return _detail(await joining.undo(joining_id, reason=body.reason, by=caller.scope, now=now), caller.scope, now)


def _detail(one: models.Joining, by: Staff, now: datetime) -> JoiningDetail:
    status = JoiningStatus(one.status)
    return JoiningDetail(
        id=one.id,
        status=status,
        status_words=STATUS_WORDS[status],
        person_id=one.person_id,
        person=mask_name(one.person.name or ""),
        account_id=one.account_id,
        account=mask_name(one.account.name or ""),
        station_id=one.station_id,
        station_name=one.station.name,
        asked_by=one.asked_by.name or "工作人员",
        asked_at=one.asked_at,
        decide_until=one.asked_at + queries.DECIDED_WITHIN if status is JoiningStatus.ASKED else None,
        decided_by=(one.decided_by.name or "工作人员") if one.decided_by else None,
        joined_at=one.joined_at,
        undo_until=queries.undoable_until(one),
        reason=one.reason,
        points=one.points,
        minutes=one.minutes,
        allowed_actions=[JoiningAction(action) for action in queries.allowed_actions(one, by, now)],
    )


def _own(one: models.Joining) -> OwnJoining:
    status = JoiningStatus(one.status)
    return OwnJoining(
        status=status,
        status_words=STATUS_WORDS[status],
        station_id=one.station_id,
        station_name=one.station.name,
        asked_at=one.asked_at,
        joined_at=one.joined_at,
        undo_until=queries.undoable_until(one),
        points=one.points,
        minutes=one.minutes,
    )
