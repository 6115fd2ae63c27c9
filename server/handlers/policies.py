"""Endpoints for policies and the calendar of working days."""

from datetime import date

from miniprogram_contract.policies import (
    CalendarDay,
    CalendarYear,
    NewCalendarDay,
    NewPolicyValue,
    PolicyDetail,
    PolicyFilter,
    PolicyList,
    PolicyName,
    PolicyUnit,
)
from server.adapters.clock import Moment
from server.domain import policies
from server.domain.policies import POLICIES, PolicyInForce, Scope
from server.errors import CityWidePolicy, NotFound, PolicyOutOfRange
from server.handlers.http import Caller, Roles, endpoint


@endpoint("GET", "/policies", query=PolicyFilter, reply=PolicyList, roles=Roles.STAFF)
async def list_policies(query: PolicyFilter) -> PolicyList:
    """List every policy with the number that applies at a station, in a county or in the city, and its source."""
    found = await policies.in_force(list(POLICIES), Scope(query.station, query.county))
    return PolicyList(items=[_policy_detail(policy) for policy in found])


@endpoint(
    "PUT",
    "/policies/<name:[a-z0-9_]{1,40}>",
    body=NewPolicyValue,
    reply=PolicyDetail,
    roles=Roles.OFFICER,
    refuses=(PolicyOutOfRange, CityWidePolicy),
)
async def set_policy(name: str, body: NewPolicyValue, caller: Caller, now: Moment) -> PolicyDetail:
    """Set the number of a policy for the city, the caller's county or a station of it."""
    scope = Scope(body.station, body.county)
    return _policy_detail(
        await policies.set_value(name, body.value, scope=scope, source=body.source, by=caller.scope, now=now)
    )


@endpoint(
    "PUT",
    "/calendar/<day:20[0-9]{2}-[0-9]{2}-[0-9]{2}>",
    body=NewCalendarDay,
    reply=CalendarYear,
    roles=Roles.CITY_OFFICER,
)
async def set_calendar_day(day: str, body: NewCalendarDay, caller: Caller, now: Moment) -> CalendarYear:
    """Set whether stations work on a day: 调休, a local holiday, or a year the server does not know yet."""
    entered = await policies.set_calendar_day(_day(day), working=body.working, by=caller.scope, now=now)
    days = [CalendarDay(day=known, working=works) for known, works in sorted(entered.items())]
    return CalendarYear(days=days, missing_years=await policies.missing_years(now))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:  # such as 30 February
        raise NotFound from None


def _policy_detail(policy: PolicyInForce) -> PolicyDetail:
    return PolicyDetail(
        name=PolicyName(policy.name),
        description=policy.rule.meaning,
        value=policy.value,
        unit=PolicyUnit(policy.rule.unit),
        source=policy.source,
        scope=policy.scope,
        default=policy.rule.default,
        min=policy.rule.least,
        max=policy.rule.most,
        city_wide=policy.rule.city_wide,
    )
