"""What one gets points for, and when points lapse."""

from miniprogram_contract.base import Page
from miniprogram_contract.points import (
    EarningKind,
    EarningRuleChanges,
    EarningRuleFilter,
    EarningRuleList,
    EarningRuleSummary,
    ExpiringPoints,
    NewEarningRule,
    StaffEarningRuleDetail,
    StaffEarningRuleFilter,
)
from server.adapters.clock import Moment
from server.domain.points import earning_rules, expiry
from server.domain.points.caps import Terms
from server.domain.points.earning_rules import NewRule
from server.errors import HeadRequired, HourRuleActive, InvalidPointsCaps, NotFound, RuleExists
from server.handlers.http import Caller, Roles, endpoint
from server.models import EarningRule, RuleKind


@endpoint(
    "GET", "/points/rules", query=EarningRuleFilter, reply=EarningRuleList, roles=Roles.ANYONE, refuses=(NotFound,)
)
async def list_earning_rules(query: EarningRuleFilter) -> EarningRuleList:
    """What one gets points for at a station."""
    return EarningRuleList(items=[_offered(one) for one in await earning_rules.offered(query.station)])


def _offered(terms: Terms) -> EarningRuleSummary:
    return EarningRuleSummary(**terms.__dict__ | {"kind": EarningKind(terms.kind)})


@endpoint("GET", "/points/expiring", reply=ExpiringPoints)
async def get_expiring_points(caller: Caller, now: Moment) -> ExpiringPoints:
    """How many of one's points lapse next, and on which day."""
    lapse = await expiry.next_lapse(caller.person_id, now=now)
    return ExpiringPoints(points=lapse.points, on=lapse.on) if lapse else ExpiringPoints(points=0, on=None)


@endpoint(
    "GET", "/station/earning-rules", query=StaffEarningRuleFilter, reply=Page[StaffEarningRuleDetail], roles=Roles.STAFF
)
async def list_station_earning_rules(query: StaffEarningRuleFilter, caller: Caller) -> Page[StaffEarningRuleDetail]:
    """The rules of the stations one works for, or of one's county, active or not."""
    found = await earning_rules.kept(caller.scope, station_id=query.station, after=query.after or 0, limit=query.limit)
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[StaffEarningRuleDetail](items=[_rule(one) for one in found], next=following)


@endpoint(
    "POST",
    "/station/earning-rules",
    body=NewEarningRule,
    reply=StaffEarningRuleDetail,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, RuleExists, InvalidPointsCaps, HourRuleActive),
)
async def create_earning_rule(body: NewEarningRule, caller: Caller, now: Moment) -> StaffEarningRuleDetail:
    """Write a rule for a station one heads; it counts at once."""
    told = body.model_dump(exclude={"station_id"})
    wanted = NewRule(**told | {"kind": RuleKind(body.kind)})
    return _rule(await earning_rules.write(body.station_id, wanted, by=caller.scope, now=now))


@endpoint(
    "POST",
    "/station/earning-rules/<rule_id:int>/changes",
    body=EarningRuleChanges,
    reply=StaffEarningRuleDetail,
    roles=Roles.STAFF,
    refuses=(HeadRequired, InvalidPointsCaps, HourRuleActive),
)
async def change_earning_rule(
    rule_id: int, body: EarningRuleChanges, caller: Caller, now: Moment
) -> StaffEarningRuleDetail:
    """Change points, caps and public notice of a rule, or end and renew it; its head alone may."""
    changes = body.model_dump(exclude_unset=True)
    return _rule(await earning_rules.change(rule_id, changes=changes, by=caller.scope, now=now))


def _rule(rule: EarningRule) -> StaffEarningRuleDetail:
    return StaffEarningRuleDetail(
        id=rule.id,
        station_id=rule.station_id,
        kind=EarningKind(rule.kind),
        title=rule.title,
        points=rule.points,
        daily_cap=rule.daily_cap,
        monthly_cap=rule.monthly_cap,
        public_notice=rule.public_notice,
        active=rule.active,
        written_at=rule.written_at,
    )
