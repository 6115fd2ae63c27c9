"""Endpoints for policies and the calendar of working days."""

from collections.abc import Mapping
from datetime import date, datetime

from miniprogram_contract.policies import (
    CalendarDay,
    CalendarYear,
    NewCalendarDay,
    NewCalendarYear,
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
from server.errors import BadInput, CityWidePolicy, NotFound, PolicyOutOfRange
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


@endpoint("GET", "/calendar-years/<year:20[0-9]{2}>", reply=CalendarYear, roles=Roles.STAFF)
async def get_calendar(year: str, now: Moment) -> CalendarYear:
    """Show the days of a year that were entered by hand."""
    return await _calendar(await policies.get_calendar(int(year)), now)


@endpoint(
    "PUT",
    "/calendar-years/<year:20[0-9]{2}>",
    body=NewCalendarYear,
    reply=CalendarYear,
    roles=Roles.CITY_OFFICER,
)
async def set_calendar(year: str, body: NewCalendarYear, caller: Caller, now: Moment) -> CalendarYear:
    """Enter the calendar of a whole year: these days take the place of those entered before."""
    outside = [place for place, one in enumerate(body.days) if one.day.year != int(year)]
    if outside:
        raise BadInput(
            fields=[{"field": f"body.days.{place}.day", "problem": f"应为{year}年的日期"} for place in outside]
        )
    days = {one.day: one.working for one in body.days}
    return await _calendar(await policies.set_calendar(int(year), days, by=caller.scope, now=now), now)


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
    return await _calendar(entered, now)


async def _calendar(entered: Mapping[date, bool], now: datetime) -> CalendarYear:
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
