"""Earning rules 积分规则: what a station gives points for, kept by its head, readable by everybody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, policies
from server.domain.points.caps import Terms, terms_of
from server.domain.staff import Staff
from server.errors import HeadRequired, HourRuleActive, InvalidPointsCaps, NotFound, RuleExists
from server.models import EarningRule, RuleKind, Station

HOUR_TITLE = "志愿服务时长"
MOST_OFFERED = 200
CHANGEABLE = ("points", "daily_cap", "monthly_cap", "public_notice", "active")


@dataclass(frozen=True)
class NewRule:
    """A rule to be; points and caps a person."""

    kind: RuleKind
    title: str
    points: int
    daily_cap: int
    monthly_cap: int
    public_notice: bool = False


@db.transaction
async def write(station_id: int, wanted: NewRule, *, by: Staff, now: datetime) -> EarningRule:
    """Write a rule for a station one heads, which counts at once; its title is its name for good."""
    if station_id not in by.head_of:
        raise HeadRequired
    await _lock_rules_of(station_id)
    if await EarningRule.filter(station_id=station_id, kind=wanted.kind, title=wanted.title).exists():
        raise RuleExists
    facts = {**wanted.__dict__, "active": True}
    await _must_hold(facts, wanted.kind, station_id)
    rule = await EarningRule.create(**facts, station_id=station_id, written_by_id=by.person_id, written_at=now)
    await audit.note(
        "earning_rule.written", f"earning_rule:{rule.id}", by=by.person_id, now=now, station=station_id, **facts
    )
    return rule


async def _lock_rules_of(station_id: int) -> None:
    """Rules of one station are written one after the other: each then knows the others."""
    await Station.select_for_update().get(id=station_id)


async def _must_hold(facts: dict[str, Any], kind: RuleKind, station_id: int, *, rule_id: int = 0) -> None:
    if not facts["points"] <= facts["daily_cap"] <= facts["monthly_cap"]:
        raise InvalidPointsCaps
    if kind == RuleKind.HOUR and facts["active"]:
        others = EarningRule.filter(station_id=station_id, kind=kind, active=True).exclude(id=rule_id)
        if await others.exists():
            raise HourRuleActive


@db.transaction
async def change(rule_id: int, *, changes: dict[str, Any], by: Staff, now: datetime) -> EarningRule:
    """Write the given ones of points, caps, public_notice and active: they count from the next approval on."""
    seen = await EarningRule.filter(by.of_stations(), id=rule_id).first()
    if seen is None:
        raise NotFound
    if seen.station_id not in by.head_of:
        raise HeadRequired
    await _lock_rules_of(seen.station_id)
    rule = await EarningRule.get(id=rule_id)
    before = {name: getattr(rule, name) for name in CHANGEABLE}
    after = before | changes
    await _must_hold(after, rule.kind, rule.station_id, rule_id=rule_id)
    if after != before:
        await EarningRule.filter(id=rule_id).update(**after)
        await audit.note(
            "earning_rule.changed", f"earning_rule:{rule_id}", by=by.person_id, now=now, before=before, after=after
        )
    return rule.update_from_dict(after)


async def kept(by: Staff, *, station_id: int | None, after: int, limit: int) -> list[EarningRule]:
    """Rules of the caller's stations and counties, active or not, by their ids."""
    found = EarningRule.filter(by.of_stations(), id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return await found.order_by("id").limit(limit)


async def offered(station_id: int) -> list[Terms]:
    """What one gets points for at the station: hours of service first, even without a rule of its own."""
    if not await Station.exists(id=station_id):
        raise NotFound(kind="station", ids=[station_id])
    others = EarningRule.filter(station_id=station_id, active=True).exclude(kind=RuleKind.HOUR)
    hour = await of_hour(station_id)
    listed = [terms_of(rule) for rule in await others.order_by("kind", "title").limit(MOST_OFFERED)]
    return [hour, *listed] if hour.points else listed


async def of_hour(station_id: int) -> Terms:
    """What the station gives for an hour of service: its own active rule, else the policies' numbers."""
    rule = await EarningRule.filter(station_id=station_id, kind=RuleKind.HOUR, active=True).first()
    if rule is not None:
        return terms_of(rule)
    found = await policies.numbers(
        "points_per_hour", "daily_hour_points_limit", "monthly_hour_points_limit", station_id=station_id
    )
    return Terms(
        None,
        RuleKind.HOUR,
        HOUR_TITLE,
        found["points_per_hour"],
        found["daily_hour_points_limit"],
        found["monthly_hour_points_limit"],
    )
