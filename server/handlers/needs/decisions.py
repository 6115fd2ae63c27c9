"""Extensions and appeals: asked for, listed, decided."""

from miniprogram_contract.decisions import Decision, DecisionResult
from miniprogram_contract.needs_staff import (
    AppealList,
    AppealRow,
    ExtensionList,
    ExtensionReference,
    ExtensionRow,
    NewExtension,
)
from server.adapters.clock import Moment
from server.domain.needs import appeals, extensions
from server.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    AssigneeRequired,
    DeadlinePassed,
    ExtensionTooLong,
    InvalidNeedState,
    OwnDecision,
    OwnNeed,
)
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.serializers import station_reference
from server.models import Appeal, Extension


@endpoint(
    "POST",
    "/station/needs/<need_id:int>/extension",
    body=NewExtension,
    reply=ExtensionReference,
    status=201,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, AssigneeRequired, AlreadySubmitted, DeadlinePassed, ExtensionTooLong),
)
async def request_extension(need_id: int, body: NewExtension, caller: Caller, now: Moment) -> ExtensionReference:
    """Ask for more time, once, before the deadline."""
    asked = await extensions.request(need_id, until=body.until, reason=body.reason, by=caller.scope, now=now)
    return ExtensionReference(id=asked.id)


@endpoint("GET", "/extensions", reply=ExtensionList, roles=Roles.STAFF)
async def list_extensions(caller: Caller) -> ExtensionList:
    """Requests for more time that wait for one's decision."""
    return ExtensionList(items=[_extension(one) for one in await extensions.list_pending(caller.scope)])


def _extension(one: Extension) -> ExtensionRow:
    return ExtensionRow(
        id=one.id,
        need_id=one.need_id,
        station=station_reference(one.need.station),
        asked_by=one.asked_by.name or "工作人员",
        asked_at=one.asked_at,
        reason=one.reason,
        completion_due_at=one.need.completion_due_at,
        until=one.until,
        granted=one.granted,
    )


@endpoint(
    "POST",
    "/extensions/<extension_id:int>/decision",
    body=Decision,
    reply=DecisionResult,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided, InvalidNeedState),
)
async def decide_extension(extension_id: int, body: Decision, caller: Caller, now: Moment) -> DecisionResult:
    """Grant or refuse more time; nobody decides on their own request."""
    decided = await extensions.decide(extension_id, grant=body.granted, reason=body.reason, by=caller.scope, now=now)
    return DecisionResult(id=decided.id, granted=bool(decided.granted))


@endpoint("GET", "/appeals", reply=AppealList, roles=Roles.STAFF)
async def list_appeals(caller: Caller) -> AppealList:
    """Appeals that wait for one's decision."""
    return AppealList(items=[_appeal(one) for one in await appeals.list_pending(caller.scope)])


def _appeal(one: Appeal) -> AppealRow:
    return AppealRow(
        id=one.id,
        need_id=one.need_id,
        declined_by=station_reference(one.need.station),
        reason=one.reason,
        made_at=one.made_at,
        status=one.need.status,
        granted=one.granted,
    )


@endpoint(
    "POST",
    "/appeals/<appeal_id:int>/decision",
    body=Decision,
    reply=DecisionResult,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided, InvalidNeedState),
)
async def decide_appeal(appeal_id: int, body: Decision, caller: Caller, now: Moment) -> DecisionResult:
    """Decide an appeal with a reason; granted, the parent station takes the need."""
    decided = await appeals.decide(appeal_id, grant=body.granted, decision=body.reason, by=caller.scope, now=now)
    return DecisionResult(id=decided.id, granted=bool(decided.granted))
