"""Earning rules, and the expiry of points."""

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
from server.handlers import subjects
from server.handlers.http import Caller, Roles, endpoint
from server.models import EarningRule, RuleKind


@endpoint(
    "GET", "/points/rules", query=EarningRuleFilter, reply=EarningRuleList, roles=Roles.ANYONE, refuses=(NotFound,)
)
async def list_earning_rules(query: EarningRuleFilter) -> EarningRuleList:
    """List the rules by which a station gives points."""
    return EarningRuleList(items=[_rule_summary(one) for one in await earning_rules.list_offered(query.station)])


def _rule_summary(terms: Terms) -> EarningRuleSummary:
    return EarningRuleSummary(**terms.__dict__ | {"kind": EarningKind(terms.kind)})


@endpoint("GET", "/points/expiring", reply=ExpiringPoints)
async def get_expiring_points(caller: Caller, now: Moment) -> ExpiringPoints:
    """Return how many of the caller's points expire next, and on which day."""
    lapse = await expiry.get_next_expiry(caller.person_id, now=now)
    return (
        ExpiringPoints(points=lapse.points, expires_on=lapse.on) if lapse else ExpiringPoints(points=0, expires_on=None)
    )


@endpoint(
    "GET", "/station/earning-rules", query=StaffEarningRuleFilter, reply=Page[StaffEarningRuleDetail], roles=Roles.STAFF
)
async def list_station_earning_rules(query: StaffEarningRuleFilter, caller: Caller) -> Page[StaffEarningRuleDetail]:
    """List the rules of the caller's stations and counties, active or not."""
    found = await earning_rules.list_for_staff(
        caller.scope, station_id=query.station, after=query.after or 0, limit=query.limit
    )
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[StaffEarningRuleDetail](items=[_rule_detail(one) for one in found], next=following)


@endpoint(
    "POST",
    "/station/earning-rules",
    body=NewEarningRule,
    reply=StaffEarningRuleDetail,
    subject=subjects.EARNING_RULE,
    status=201,
    roles=Roles.STAFF,
    refuses=(HeadRequired, RuleExists, InvalidPointsCaps, HourRuleActive),
)
async def create_earning_rule(body: NewEarningRule, caller: Caller, now: Moment) -> StaffEarningRuleDetail:
    """Create a rule for a station that the caller heads; it counts at once."""
    fields = body.model_dump(exclude={"station_id"})
    new_rule = NewRule(**fields | {"kind": RuleKind(body.kind)})
    return _rule_detail(await earning_rules.create(body.station_id, new_rule, by=caller.scope, now=now))


@endpoint(
    "POST",
    "/station/earning-rules/<rule_id:int>/changes",
    body=EarningRuleChanges,
    reply=StaffEarningRuleDetail,
    subject=subjects.EARNING_RULE,
    roles=Roles.STAFF,
    refuses=(HeadRequired, InvalidPointsCaps, HourRuleActive),
)
async def change_earning_rule(
    rule_id: int, body: EarningRuleChanges, caller: Caller, now: Moment
) -> StaffEarningRuleDetail:
    """Change points, caps, public notice or activity of a rule, as the head of its station."""
    changes = body.model_dump(exclude_unset=True)
    return _rule_detail(await earning_rules.change(rule_id, changes=changes, by=caller.scope, now=now))


def _rule_detail(rule: EarningRule) -> StaffEarningRuleDetail:
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
