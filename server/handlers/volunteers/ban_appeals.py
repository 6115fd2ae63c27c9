"""Appeals against bans: list and decision."""

from miniprogram_contract.decisions import Decision, DecisionResult
from miniprogram_contract.volunteers import BanAppealList
from server.adapters.clock import Moment
from server.domain.volunteers import ban_appeals
from server.errors import AlreadyDecided, OwnDecision
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.volunteers import serializers


@endpoint("GET", "/ban-appeals", reply=BanAppealList, roles=Roles.STAFF)
async def list_ban_appeals(caller: Caller, now: Moment) -> BanAppealList:
    """List the appeals against bans that wait at the caller's stations and counties."""
    return BanAppealList(
        items=[serializers.ban_appeal_row(one) for one in await ban_appeals.list_undecided(caller.scope, now=now)]
    )


@endpoint(
    "POST",
    "/ban-appeals/<ban_id:int>/decision",
    body=Decision,
    reply=DecisionResult,
    subject=subjects.OUTCOME,
    roles=Roles.STAFF,
    refuses=(OwnDecision, AlreadyDecided),
)
async def decide_ban_appeal(ban_id: int, body: Decision, caller: Caller, now: Moment) -> DecisionResult:
    """Decide an appeal with a reason; if granted, the volunteer serves again."""
    await ban_appeals.decide(ban_id, grant=body.granted, decision=body.reason, by=caller.scope, now=now)
    return DecisionResult(id=ban_id, granted=body.granted)
