"""Points for attending: whoever came, once, by the rule as it stands, and nobody by their own hand."""

import asyncio
from datetime import timedelta

import pytest

from server.database import db
from server.domain import ledger
from server.domain.activities import attendance_points
from server.models import (
    Activity,
    ActivityStatus,
    BookingStatus,
    CheckInWay,
    Earning,
    EarningRule,
    EarningStatus,
    Job,
    Notice,
    Person,
    RuleKind,
    Transfer,
)
from tests.conftest import NOW
from tests.domain.activities.attending import came, finished, resident, stayed_away
from tests.factories import activities
from tests.factories import points as make_points
from tests.factories.points import has


@pytest.fixture
async def rule(city):
    """Five points for coming to an activity of 邻玉社工站."""
    return await make_points.rule(city, RuleKind.ACTIVITY, title="参加活动")


@pytest.fixture
async def over(city, rule):
    return await finished(city, rule=rule)


async def rewarded(activity):
    after = 0
    while after is not None:
        after = await attendance_points.reward(activity.id, after=after, now=NOW)


async def test_who_came_gets_the_points_and_reads_of_it(city, over):
    attendee = await came(over, city.grandma)

    await rewarded(over)

    assert await has(city.grandma.id) == 5
    earning = await Earning.get()
    assert (earning.cause, earning.kind, earning.day) == (f"attendee:{attendee.id}", "activity", over.starts_at.date())
    assert (await Transfer.get()).kind == "points_activity"
    assert await Notice.filter(person_id=city.grandma.id, template="points_granted").count() == 1


async def test_who_did_not_come_or_is_there_only_by_name_gets_none(city, over):
    await stayed_away(over, city.grandma)
    late = await came(over, await resident("退出者"), status=BookingStatus.CANCELLED)
    await came(over, person_id=None, name="小孙子")

    await rewarded(over)

    assert await has(late.person_id) == 0
    assert await Earning.all().count() == 0


async def test_a_volunteer_at_a_post_earns_by_the_hour_and_not_for_coming(city, over):
    post = await activities.post(over)
    await came(over, city.grandma, post=post)

    await rewarded(over)

    assert await Earning.all().count() == 0


async def test_done_twice_it_gives_once(city, over):
    await came(over, city.grandma)

    await rewarded(over)
    await rewarded(over)

    assert await has(city.grandma.id) == 5
    assert await Notice.filter(template="points_granted").count() == 1


async def test_a_long_list_is_gone_through_in_parts(city, over, monkeypatch):
    monkeypatch.setattr(attendance_points, "BATCH_SIZE", 2)
    people = [(await came(over)).person_id for _ in range(5)]
    first = await attendance_points.reward(over.id, after=0, now=NOW)
    assert [await has(one) for one in people].count(5) == 2

    second = await attendance_points.reward(over.id, after=first, now=NOW)

    assert await attendance_points.reward(over.id, after=second, now=NOW) is None
    assert [await has(one) for one in people] == [5] * 5


async def test_caps_cut_what_two_activities_on_one_day_would_give(city, rule):
    await EarningRule.filter(id=rule.id).update(daily_cap=7)
    for _ in range(3):
        over = await finished(city, rule=rule)
        await came(over, city.grandma)
        await rewarded(over)

    assert await has(city.grandma.id) == 7
    assert await Earning.all().count() == 2


async def test_under_a_rule_with_public_notice_the_points_wait(city, rule, over):
    await EarningRule.filter(id=rule.id).update(public_notice=True)
    await came(over, city.grandma)

    await rewarded(over)

    assert (await Earning.get()).status == EarningStatus.WAITING
    assert await has(city.grandma.id) == 0
    assert await Notice.filter(person_id=city.grandma.id, template="points_waiting").count() == 1


@pytest.mark.parametrize("ended", [{"active": False}, {"kind": RuleKind.DEED}])
async def test_a_rule_that_is_none_for_activities_any_more_gives_nothing(city, rule, over, ended):
    await EarningRule.filter(id=rule.id).update(**ended)
    await came(over, city.grandma)

    await rewarded(over)

    assert await Earning.all().count() == 0


async def test_the_rule_of_another_station_gives_nothing(city):
    elsewhere = await make_points.rule(city, RuleKind.ACTIVITY, station=city.stations["蓝田社工站"])
    over = await finished(city, rule=elsewhere)
    await came(over, city.grandma)

    await rewarded(over)

    assert await Earning.all().count() == 0


@pytest.mark.parametrize("status", [ActivityStatus.PUBLISHED, ActivityStatus.CANCELLED])
async def test_before_it_is_finished_and_when_it_is_cancelled_nothing_is_given(city, over, status):
    await came(over, city.grandma)
    await Activity.filter(id=over.id).update(status=status)

    await rewarded(over)

    assert await Earning.all().count() == 0


async def person_of(city, name):
    return await Person.get(id=city.staff[name].person_id)


@pytest.mark.parametrize(
    ("who", "let_in", "points"),
    [
        ("林社工", ("陈社工", CheckInWay.LIST), 0),  # who published it
        ("陈社工", ("陈社工", CheckInWay.LIST), 0),
        ("陈社工", ("陈社工", CheckInWay.OWN_PHONE), 0),  # the code hangs where they work
        ("陈社工", ("陈社工", CheckInWay.SCAN), 0),
        ("陈社工", ("林社工", CheckInWay.LIST), 5),
        ("周社工", ("周社工", CheckInWay.OWN_PHONE), 5),  # of another station: a guest like others
    ],
)
async def test_four_eyes_nobody_of_the_station_earns_by_their_own_hand(city, over, who, let_in, points):
    attendee, (by, way) = await person_of(city, who), let_in
    await came(over, attendee, check_in_way=way, checked_in_by_id=city.staff[by].person_id)

    await rewarded(over)

    assert await has(attendee.id) == points


@pytest.mark.parametrize("way", [CheckInWay.LIST, CheckInWay.OWN_PHONE])
async def test_whom_their_own_household_let_in_gets_nothing(city, over, way):
    await make_points.household(await person_of(city, "陈社工"), city.grandma)
    await came(over, city.grandma, check_in_way=way, checked_in_by_id=city.staff["陈社工"].person_id)

    await rewarded(over)

    assert await has(city.grandma.id) == 0


async def test_a_daughter_who_checks_in_her_mother_with_the_code_on_the_wall_is_enough(city, over):
    daughter = await resident("女儿")
    await make_points.household(daughter, city.grandma)
    await came(over, city.grandma, checked_in_by_id=daughter.id)

    await rewarded(over)

    assert await has(city.grandma.id) == 5


async def test_who_let_them_in_has_a_part_in_it_and_decides_no_objection_to_it(city, over):
    await came(over, city.grandma, check_in_way=CheckInWay.LIST, checked_in_by_id=city.staff["陈社工"].person_id)

    await rewarded(over)

    assert (await Earning.get()).claimed_by_id == city.staff["陈社工"].person_id


@db.transaction
async def plan(activity):
    await attendance_points.schedule(activity, NOW)


async def test_an_activity_without_a_rule_plans_nothing(city):
    await plan(await finished(city))

    assert await Job.all().count() == 0


async def test_four_workers_rewarding_at_once_give_each_person_once(city, rule, over):
    people = [(await came(over)).person_id for _ in range(6)]
    another = await finished(city, rule=rule, starts_at=over.starts_at + timedelta(hours=3))
    await came(another, await Person.get(id=people[0]))
    await EarningRule.filter(id=rule.id).update(daily_cap=8)

    await asyncio.gather(*(rewarded(one) for one in (over, another, over, another)))

    assert [await has(one) for one in people] == [8, 5, 5, 5, 5, 5]
    assert (await ledger.audit()).holds
