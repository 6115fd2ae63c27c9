"""Extensions and appeals: request, list and decide them."""

from miniprogram_contract.base import AccessReason
from miniprogram_contract.decisions import Decision, DecisionResult
from miniprogram_contract.need_decisions import (
    AppealList,
    AppealRow,
    AppealWords,
    ExtensionList,
    ExtensionReference,
    ExtensionRow,
    ExtensionWords,
    NewExtension,
)
from server.adapters.clock import Moment
from server.domain.needs import appeals, extensions
from server.errors import (
    READER_REQUIRED,
    AlreadyDecided,
    AlreadySubmitted,
    AssigneeRequired,
    DeadlinePassed,
    ExtensionTooLong,
    InvalidNeedState,
    OwnDecision,
    OwnNeed,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.serializers import station_reference
from server.models import Appeal, Extension


@endpoint(
    "POST",
    "/station/needs/<need_id:int>/extension",
    body=NewExtension,
    reply=ExtensionReference,
    subject=subjects.OUTCOME,
    status=201,
    roles=Roles.STAFF,
    refuses=(
        InvalidNeedState,
        OwnNeed,
        AssigneeRequired,
        *READER_REQUIRED,
        AlreadySubmitted,
        DeadlinePassed,
        ExtensionTooLong,
    ),
)
async def request_extension(need_id: int, body: NewExtension, caller: Caller, now: Moment) -> ExtensionReference:
    """Request an extension of the completion deadline, once, before it passes."""
    extension = await extensions.request(
        need_id, until=body.extended_until, reason=body.reason, by=caller.scope, now=now
    )
    return ExtensionReference(id=extension.id)


@endpoint("GET", "/extensions", reply=ExtensionList, roles=Roles.STAFF)
async def list_extensions(caller: Caller) -> ExtensionList:
    """List the undecided extension requests that the caller may decide, and the caller's own."""
    found = await extensions.list_pending(caller.scope)
    return ExtensionList(items=[_extension_row(extension, caller.person_id) for extension in found])


def _extension_row(extension: Extension, reader: int) -> ExtensionRow:
    return ExtensionRow(
        id=extension.id,
        need_id=extension.need_id,
        station=station_reference(extension.need.station),
        requested_by=extension.requested_by.name or "工作人员",
        requested_at=extension.requested_at,
        is_mine=extension.requested_by_id == reader,
        category_name=extension.need.category.name,
        text=None if extension.need.category.confidential else extension.need.text,
        confidential=extension.need.category.confidential,
        reason=None if extension.need.category.confidential else extension.reason,
        completion_due_at=extension.need.completion_due_at,
        extended_until=extension.until,
        granted=extension.granted,
    )


@endpoint(
    "POST",
    "/extensions/<extension_id:int>/reading",
    body=AccessReason,
    reply=ExtensionWords,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def read_extension(extension_id: int, body: AccessReason, caller: Caller, now: Moment) -> ExtensionWords:
    """Read the words of a request to decide; the reading is logged, and the resident sees it."""
    read = await extensions.read_words(extension_id, reason=body.reason, by=caller.scope, now=now)
    return ExtensionWords(id=read.id, need_id=read.need_id, reason=read.reason, text=read.need.text)


@endpoint(
    "POST",
    "/extensions/<extension_id:int>/decision",
    body=Decision,
    reply=DecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided, InvalidNeedState),
)
async def decide_extension(extension_id: int, body: Decision, caller: Caller, now: Moment) -> DecisionResult:
    """Grant or refuse an extension; workers do not decide on their own requests."""
    decided = await extensions.decide(extension_id, grant=body.granted, reason=body.reason, by=caller.scope, now=now)
    return DecisionResult(id=decided.id, granted=bool(decided.granted))


@endpoint("GET", "/appeals", reply=AppealList, roles=Roles.STAFF)
async def list_appeals(caller: Caller) -> AppealList:
    """List the appeals the caller may decide."""
    return AppealList(items=[_appeal_row(appeal) for appeal in await appeals.list_pending(caller.scope)])


def _appeal_row(appeal: Appeal) -> AppealRow:
    return AppealRow(
        id=appeal.id,
        need_id=appeal.need_id,
        declined_by=station_reference(appeal.need.station),
        category_name=appeal.need.category.name,
        text=None if appeal.need.category.confidential else appeal.need.text,
        confidential=appeal.need.category.confidential,
        reason=None if appeal.need.category.confidential else appeal.reason,
        appealed_at=appeal.made_at,
        status=appeal.need.status,
        granted=appeal.granted,
    )


@endpoint(
    "POST",
    "/appeals/<appeal_id:int>/reading",
    body=AccessReason,
    reply=AppealWords,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided),
    idempotent=False,  # a stored answer could be read again after the right to read it ended
)
async def read_appeal(appeal_id: int, body: AccessReason, caller: Caller, now: Moment) -> AppealWords:
    """Read the words of an appeal to decide; the reading is logged, and the resident sees it."""
    read = await appeals.read_words(appeal_id, reason=body.reason, by=caller.scope, now=now)
    appeal = read.appeal
    return AppealWords(id=appeal.id, need_id=appeal.need_id, reason=appeal.reason, text=read.text, decline=read.decline)


@endpoint(
    "POST",
    "/appeals/<appeal_id:int>/decision",
    body=Decision,
    reply=DecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided, InvalidNeedState),
)
async def decide_appeal(appeal_id: int, body: Decision, caller: Caller, now: Moment) -> DecisionResult:
    """Decide an appeal with a reason; if it is granted, the parent station takes the need."""
    decided = await appeals.decide(appeal_id, grant=body.granted, decision=body.reason, by=caller.scope, now=now)
    return DecisionResult(id=decided.id, granted=bool(decided.granted))
