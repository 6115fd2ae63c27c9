"""Earning rules 积分规则: points that a station gives, kept by its head, public."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, policies, stations
from server.domain.points.caps import Terms, terms_of
from server.domain.staff import Staff
from server.errors import HeadRequired, HourRuleActive, InvalidPointsCaps, NotFound, RuleExists
from server.models import EarningRule, RuleKind

HOUR_TITLE = "志愿服务时长"
MAX_OFFERED = 200
CHANGEABLE_FIELDS = ("points", "daily_cap", "monthly_cap", "public_notice", "active")


@dataclass(frozen=True)
class NewRule:
    """A new rule; points and caps are per person."""

    kind: RuleKind
    title: str
    points: int
    daily_cap: int
    monthly_cap: int
    public_notice: bool = False


@db.transaction
async def create(station_id: int, new_rule: NewRule, *, by: Staff, now: datetime) -> EarningRule:
    """Create a rule for a station that the caller heads; it counts at once, and its title is fixed.

    Raises `HeadRequired`, `RuleExists`, `InvalidPointsCaps` and `HourRuleActive`.
    """
    if station_id not in by.head_of:
        raise HeadRequired
    await stations.lock_row(station_id)  # of rules written at once, each sees the others
    if await EarningRule.filter(station_id=station_id, kind=new_rule.kind, title=new_rule.title).exists():
        raise RuleExists
    facts = {**new_rule.__dict__, "active": True}
    await _require_consistent(facts, new_rule.kind, station_id)
    rule = await EarningRule.create(**facts, station_id=station_id, written_by_id=by.person_id, written_at=now)
    await audit.note(
        "earning_rule.written", f"earning_rule:{rule.id}", by=by.person_id, now=now, station=station_id, **facts
    )
    return rule


async def _require_consistent(facts: dict[str, Any], kind: RuleKind, station_id: int, *, rule_id: int = 0) -> None:
    if not facts["points"] <= facts["daily_cap"] <= facts["monthly_cap"]:
        raise InvalidPointsCaps
    if kind == RuleKind.HOUR and facts["active"]:
        others = EarningRule.filter(station_id=station_id, kind=kind, active=True).exclude(id=rule_id)
        if await others.exists():
            raise HourRuleActive


@db.transaction
async def change(rule_id: int, *, changes: dict[str, Any], by: Staff, now: datetime) -> EarningRule:
    """Change points, caps, public_notice or active, effective from the next approval.

    Raises `NotFound`, `HeadRequired`, `InvalidPointsCaps` and `HourRuleActive`.
    """
    seen = await EarningRule.filter(by.of_stations(), id=rule_id).first()
    if seen is None:
        raise NotFound
    if seen.station_id not in by.head_of:
        raise HeadRequired
    await stations.lock_row(seen.station_id)
    rule = await EarningRule.get(id=rule_id)
    before = {name: getattr(rule, name) for name in CHANGEABLE_FIELDS}
    after = before | changes
    await _require_consistent(after, rule.kind, rule.station_id, rule_id=rule_id)
    if after != before:
        await EarningRule.filter(id=rule_id).update(**after)
        await audit.note(
            "earning_rule.changed", f"earning_rule:{rule_id}", by=by.person_id, now=now, before=before, after=after
        )
    return rule.update_from_dict(after)


async def list_for_staff(by: Staff, *, station_id: int | None, after: int, limit: int) -> list[EarningRule]:
    """Return rules of the caller's stations and counties, active or not, by id."""
    found = EarningRule.filter(by.of_stations(), id__gt=after)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    return await found.order_by("id").limit(limit)


async def list_offered(station_id: int) -> list[Terms]:
    """Return the terms of all points at the station, hours of service first, even without a rule of its own."""
    await stations.get(station_id)
    others = EarningRule.filter(station_id=station_id, active=True).exclude(kind=RuleKind.HOUR)
    hour = await get_hour_terms(station_id)
    listed = [terms_of(rule) for rule in await others.order_by("kind", "title").limit(MAX_OFFERED)]
    return [hour, *listed] if hour.points else listed


async def get_hour_terms(station_id: int) -> Terms:
    """Return the station's terms for an hour of service: its own active rule, else the policies' numbers."""
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
