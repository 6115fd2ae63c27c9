"""Extensions and appeals: asked for, listed, decided."""

from miniprogram_contract.decisions import (
    AppealDecision,
    Appeals,
    AppealShape,
    Asked,
    Decided,
    Decision,
    Extensions,
    ExtensionShape,
)
from miniprogram_contract.station_needs import ExtensionRequest
from server.domain.needs import appeals, extensions
from server.errors import (
    AlreadyAsked,
    AlreadyDecided,
    ExtensionTooLong,
    NotAssignee,
    NotNow,
    OwnNeed,
    OwnRequest,
    TooLate,
)
from server.handlers.http import Caller, Who, endpoint
from server.handlers.needs.shapes import station_brief
from server.models import Appeal, Extension
from server.outside.clock import Moment


@endpoint(
    "POST",
    "/station/needs/<need_id:int>/extension",
    body=ExtensionRequest,
    reply=Asked,
    status=201,
    who=Who.STAFF,
    refuses=(NotNow, OwnNeed, NotAssignee, AlreadyAsked, TooLate, ExtensionTooLong),
)
async def ask_extension(need_id: int, body: ExtensionRequest, caller: Caller, now: Moment) -> Asked:
    """Ask for more time, once, before the deadline."""
    asked = await extensions.ask(need_id, until=body.until, reason=body.reason, by=caller.scope, now=now)
    return Asked(id=asked.id)


@endpoint("GET", "/extensions", reply=Extensions, who=Who.STAFF)
async def list_extensions(caller: Caller) -> Extensions:
    """Requests for more time that wait for one's decision."""
    return Extensions(items=[_extension(one) for one in await extensions.waiting(caller.scope)])


def _extension(one: Extension) -> ExtensionShape:
    return ExtensionShape(
        id=one.id,
        need_id=one.need_id,
        station=station_brief(one.need.station),
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
    reply=Decided,
    who=Who.STAFF,
    refuses=(OwnRequest, AlreadyDecided, NotNow),
)
async def decide_extension(extension_id: int, body: Decision, caller: Caller, now: Moment) -> Decided:
    """Grant or refuse more time; nobody decides on their own request."""
    decided = await extensions.decide(extension_id, grant=body.grant, by=caller.scope, now=now)
    return Decided(id=decided.id, granted=bool(decided.granted))


@endpoint("GET", "/appeals", reply=Appeals, who=Who.STAFF)
async def list_appeals(caller: Caller) -> Appeals:
    """Appeals that wait for one's decision."""
    return Appeals(items=[_appeal(one) for one in await appeals.waiting(caller.scope)])


def _appeal(one: Appeal) -> AppealShape:
    return AppealShape(
        id=one.id,
        need_id=one.need_id,
        declined_by=station_brief(one.need.station),
        reason=one.reason,
        made_at=one.made_at,
        status=one.need.status,
        granted=one.granted,
    )


@endpoint(
    "POST",
    "/appeals/<appeal_id:int>/decision",
    body=AppealDecision,
    reply=Decided,
    who=Who.STAFF,
    refuses=(OwnRequest, AlreadyDecided, NotNow),
)
async def decide_appeal(appeal_id: int, body: AppealDecision, caller: Caller, now: Moment) -> Decided:
    """Decide an appeal with a reason; granted, the parent station takes the need."""
    decided = await appeals.decide(appeal_id, grant=body.grant, decision=body.decision, by=caller.scope, now=now)
    return Decided(id=decided.id, granted=bool(decided.granted))
