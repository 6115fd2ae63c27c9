"""Points for approved hours of service: caps, and reversal with the record."""

from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.points import earning
from server.errors import NotEnoughPoints
from server.models import Earning, EarningRule, EarningStatus, Entry, Notice, Policy, RuleKind, Transfer
from tests import factories
from tests.conftest import NOW
from tests.factories import points
from tests.factories.points import has, served


async def take_back(city, record):
    await earning.take_back_for_record(record, by=city.staff["赵站长"].person_id, now=NOW)


async def test_hour_earns_the_points_of_the_policy(city):
    await served(city, 90)

    assert await has(city.grandma.id) == 15
    transfer = await Transfer.get()
    assert (transfer.kind, transfer.by_id) == ("points_service", city.staff["陈社工"].person_id)
    assert await Notice.filter(person_id=city.grandma.id, template="points_granted").count() == 1


async def test_minutes_below_a_point_earn_nothing(city):
    await served(city, 5)

    assert await Earning.all().count() == 0
    assert await Entry.all().count() == 0


async def test_honour_earns_no_points(city):
    await served(city, 120, verified=False)

    assert await Earning.all().count() == 0


async def test_policy_of_zero_points_gives_none(city):
    await Policy.create(name="points_per_hour", scope="city", value=0, source="试点期间")

    await served(city, 120)

    assert await Earning.all().count() == 0


async def test_record_earns_once(city):
    record = await served(city, 60)

    await points.earn(record, by=city.staff["陈社工"].person_id)

    assert await has(city.grandma.id) == 10
    assert await Earning.all().count() == 1


async def test_daily_cap_cuts_points(city):
    for hour in range(3):
        await served(city, 150, began=NOW - timedelta(days=1, hours=3 * hour))

    assert await Earning.all().order_by("-points").values_list("points", flat=True) == [25, 25, 10]
    assert await has(city.grandma.id) == 60


async def test_monthly_cap_cuts_points(city):
    await points.rule(city, RuleKind.HOUR, points=10, daily_cap=60, monthly_cap=100)

    for day in range(1, 4):
        await served(city, 300, began=NOW - timedelta(days=day))

    assert await has(city.grandma.id) == 100


async def test_day_and_month_of_a_cap_are_those_of_shanghai(city):
    await points.rule(city, RuleKind.HOUR, points=10, daily_cap=10, monthly_cap=10)
    midnight = NOW.replace(day=1, hour=16, minute=0) - timedelta(days=1)

    await served(city, 60, began=midnight - timedelta(minutes=1))
    await served(city, 60, began=midnight)

    assert [str(day) for day in await Earning.all().order_by("day").values_list("day", flat=True)] == [
        "2026-02-28",
        "2026-03-01",
    ]
    assert await has(city.grandma.id) == 20


async def test_active_rule_of_the_station_replaces_the_policy(city):
    rule = await points.rule(city, RuleKind.HOUR, points=4, daily_cap=8, monthly_cap=80)
    await served(city, 60)
    await EarningRule.filter(id=rule.id).update(active=False)
    await served(city, 60, began=NOW - timedelta(days=3))

    assert await has(city.grandma.id) == 4 + 10
    assert await Earning.filter(rule_id=rule.id).count() == 1


async def test_caps_count_each_person_separately(city):
    neighbour = await factories.person("刘婶", NOW)
    await served(city, 360)

    record = await points.record(neighbour, city.stations["邻玉社工站"], 360)
    await points.earn(record, by=city.staff["陈社工"].person_id)

    assert await has(neighbour.id) == await has(city.grandma.id) == 60


async def test_points_under_a_rule_with_public_notice_wait(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)

    await served(city, 60)

    assert (await Earning.get()).status == EarningStatus.WAITING
    assert await has(city.grandma.id) == 0
    assert await Notice.filter(person_id=city.grandma.id, template="points_waiting").count() == 1


async def test_points_are_taken_back_with_the_record_once(city):
    record = await served(city, 60)

    await take_back(city, record)
    await take_back(city, record)

    assert (await Earning.get()).status == EarningStatus.REVERSED
    assert await has(city.grandma.id) == 0
    assert await Transfer.filter(kind="reversal").count() == 1
    assert (await ledger.audit()).holds


async def test_points_taken_back_free_their_part_of_the_cap(city):
    first = await served(city, 360)
    await take_back(city, first)

    await served(city, 360, began=NOW - timedelta(days=1, hours=8))

    assert await has(city.grandma.id) == 60


async def test_taking_back_spent_points_is_refused_and_changes_nothing(city):
    record = await served(city, 60)
    await points.spend(city.grandma.id, city.stations["邻玉社工站"].id, 1, NOW)

    with pytest.raises(NotEnoughPoints):
        await take_back(city, record)

    assert (await Earning.get()).status == EarningStatus.GRANTED
    assert await has(city.grandma.id) == 9


async def test_waiting_points_of_a_reversed_record_are_never_given(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)
    record = await served(city, 60)

    await take_back(city, record)

    assert (await Earning.get()).status == EarningStatus.REVERSED
    assert await Entry.all().count() == 0


async def test_reversed_record_without_points_changes_nothing(city):
    record = await served(city, 5)

    await take_back(city, record)

    assert await Entry.all().count() == 0
