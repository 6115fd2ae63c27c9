"""Earning rules: kept by the station's head, public, at most one active rule for an hour."""

import pytest

from server.domain import ledger
from server.domain.points import earning_rules
from server.domain.points.earning_rules import NewRule
from server.errors import HeadRequired, HourRuleActive, InvalidPointsCaps, NotFound, RuleExists
from server.models import AuditEntry, EarningRule, Policy, RuleKind
from tests.conftest import NOW
from tests.factories import points as make_points

SWEEPING = NewRule(RuleKind.DEED, "打扫楼道", points=5, daily_cap=10, monthly_cap=50)
HOUR = NewRule(RuleKind.HOUR, "服务一小时", points=8, daily_cap=40, monthly_cap=400)


async def write(city, wanted, by="赵站长", station="邻玉社工站"):
    return await earning_rules.create(city.stations[station].id, wanted, by=city.staff[by], now=NOW)


async def change(city, rule, by="赵站长", **changes):
    return await earning_rules.change(rule.id, changes=changes, by=city.staff[by], now=NOW)


async def test_head_creates_a_rule(city):
    rule = await write(city, SWEEPING)

    assert (rule.active, rule.points, rule.written_by_id) == (True, 5, city.staff["赵站长"].person_id)
    assert await AuditEntry.filter(action="earning_rule.written", subject=f"earning_rule:{rule.id}").count() == 1


async def test_rule_by_anyone_but_the_head_is_refused(city):
    rule = await write(city, SWEEPING)

    for name in ("陈社工", "吴站长", "冯科长", "卫处长"):
        with pytest.raises(HeadRequired):
            await write(city, HOUR, by=name)
    for name in ("陈社工", "冯科长", "卫处长"):
        with pytest.raises(HeadRequired):
            await change(city, rule, by=name, points=6)
    for name in ("吴站长", "褚科长"):
        with pytest.raises(NotFound):
            await change(city, rule, by=name, points=6)


async def test_title_is_used_once_a_kind(city):
    await write(city, SWEEPING)

    with pytest.raises(RuleExists):
        await write(city, SWEEPING)
    await write(city, NewRule(RuleKind.ACTIVITY, SWEEPING.title, 5, 10, 50))
    assert await EarningRule.all().count() == 2


async def test_second_active_rule_for_an_hour_is_refused(city):
    first = await write(city, HOUR)
    another = NewRule(RuleKind.HOUR, "夜间一小时", 9, 40, 400)
    with pytest.raises(HourRuleActive):
        await write(city, another)

    await change(city, first, active=False)
    await write(city, another)

    with pytest.raises(HourRuleActive):
        await change(city, first, active=True)


async def test_caps_out_of_order_are_refused(city):
    for points, daily, monthly in ((11, 10, 50), (5, 60, 50)):
        with pytest.raises(InvalidPointsCaps):
            await write(city, NewRule(RuleKind.DEED, "颠倒", points, daily, monthly))
    rule = await write(city, SWEEPING)

    with pytest.raises(InvalidPointsCaps):
        await change(city, rule, daily_cap=4)


async def test_change_is_audited_with_the_values_before(city):
    rule = await write(city, SWEEPING)

    changed = await change(city, rule, points=6, public_notice=True)

    assert (changed.points, changed.public_notice, changed.daily_cap) == (6, True, 10)
    facts = (await AuditEntry.get(action="earning_rule.changed")).facts
    assert (facts["before"]["points"], facts["after"]["points"]) == (5, 6)


async def test_change_of_nothing_is_not_audited(city):
    rule = await write(city, SWEEPING)

    await change(city, rule, points=5)

    assert await AuditEntry.filter(action="earning_rule.changed").count() == 0


async def test_rules_of_a_station_are_public(city):
    sweeping = await write(city, SWEEPING)
    await change(city, await write(city, NewRule(RuleKind.DEED, "旧规则", 1, 1, 1)), active=False)

    hour, deed = await earning_rules.list_offered(city.stations["邻玉社工站"].id)

    assert (hour.rule_id, hour.points, hour.daily_cap, hour.monthly_cap) == (None, 10, 60, 600)
    assert (deed.rule_id, deed.title) == (sweeping.id, "打扫楼道")
    with pytest.raises(NotFound):
        await earning_rules.list_offered(999_999)


async def test_own_hour_rule_replaces_the_default_one(city):
    await write(city, HOUR)

    [hour] = await earning_rules.list_offered(city.stations["邻玉社工站"].id)

    assert (hour.title, hour.points) == ("服务一小时", 8)


async def test_hours_without_points_are_not_listed(city):
    await Policy.create(
        name="points_per_hour", scope=f"station:{city.stations['邻玉社工站'].id}", value=0, source="试点"
    )

    assert await earning_rules.list_offered(city.stations["邻玉社工站"].id) == []
    assert len(await earning_rules.list_offered(city.stations["蓝田社工站"].id)) == 1


async def test_staff_list_all_rules_of_their_stations(city):
    titles = ("甲", "乙", "丙")
    for title in titles:
        await write(city, NewRule(RuleKind.DEED, title, 1, 1, 1))

    first = await earning_rules.list_for_staff(city.staff["陈社工"], station_id=None, after=0, limit=2)
    rest = await earning_rules.list_for_staff(
        city.staff["冯科长"], station_id=first[0].station_id, after=first[-1].id, limit=2
    )

    assert {rule.title for rule in first + rest} == set(titles)
    assert await earning_rules.list_for_staff(city.staff["周社工"], station_id=None, after=0, limit=9) == []


async def test_rule_with_earnings_cannot_be_deleted(city):
    """A deleted or edited parent must not change a balance."""
    rule = await make_points.rule(city)
    await make_points.approved(city, rule)

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await EarningRule.filter(id=rule.id).delete()
    await change(city, rule, points=1)

    assert await make_points.has(city.grandma.id) == 5
    assert (await ledger.audit()).holds
