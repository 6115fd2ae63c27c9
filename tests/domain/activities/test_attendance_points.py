"""Points for attendance: once for each attendee, by the active rule, not by an own hand."""

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
from tests.factories import activities
from tests.factories import points as make_points
from tests.factories.attendance import add_absentee, add_attendee, finished_activity, resident
from tests.factories.points import has


@pytest.fixture
async def rule(city):
    """Create a rule of five points for attending activities of 邻玉社工站."""
    return await make_points.rule(city, RuleKind.ACTIVITY, title="参加活动")


@pytest.fixture
async def over(city, rule):
    return await finished_activity(city, rule=rule)


async def rewarded(activity):
    after = 0
    while after is not None:
        after = await attendance_points.reward(activity.id, after=after, now=NOW)


async def test_attendee_gets_points_and_a_notice(city, over):
    attendee = await add_attendee(over, city.grandma)

    await rewarded(over)

    assert await has(city.grandma.id) == 5
    earning = await Earning.get()
    assert (earning.cause, earning.kind, earning.day) == (f"attendee:{attendee.id}", "activity", over.starts_at.date())
    assert (await Transfer.get()).kind == "points_activity"
    assert await Notice.filter(person_id=city.grandma.id, template="points_granted").count() == 1


async def test_absent_people_and_people_without_account_get_no_points(city, over):
    await add_absentee(over, city.grandma)
    late = await add_attendee(over, await resident("退出者"), status=BookingStatus.CANCELLED)
    await add_attendee(over, person_id=None, name="小孙子")

    await rewarded(over)

    assert await has(late.person_id) == 0
    assert await Earning.all().count() == 0


async def test_volunteer_at_a_post_gets_no_attendance_points(city, over):
    post = await activities.post(over)
    await add_attendee(over, city.grandma, post=post)

    await rewarded(over)

    assert await Earning.all().count() == 0


async def test_repeated_job_gives_points_once(city, over):
    await add_attendee(over, city.grandma)

    await rewarded(over)
    await rewarded(over)

    assert await has(city.grandma.id) == 5
    assert await Notice.filter(template="points_granted").count() == 1


async def test_many_attendees_are_rewarded_in_batches(city, over, monkeypatch):
    monkeypatch.setattr(attendance_points, "BATCH_SIZE", 2)
    people = [(await add_attendee(over)).person_id for _ in range(5)]
    first = await attendance_points.reward(over.id, after=0, now=NOW)
    assert [await has(one) for one in people].count(5) == 2

    second = await attendance_points.reward(over.id, after=first, now=NOW)

    assert await attendance_points.reward(over.id, after=second, now=NOW) is None
    assert [await has(one) for one in people] == [5] * 5


async def test_caps_limit_points_of_two_activities_on_one_day(city, rule):
    await EarningRule.filter(id=rule.id).update(daily_cap=7)
    for _ in range(3):
        over = await finished_activity(city, rule=rule)
        await add_attendee(over, city.grandma)
        await rewarded(over)

    assert await has(city.grandma.id) == 7
    assert await Earning.all().count() == 2


async def test_points_under_public_notice_wait(city, rule, over):
    await EarningRule.filter(id=rule.id).update(public_notice=True)
    await add_attendee(over, city.grandma)

    await rewarded(over)

    assert (await Earning.get()).status == EarningStatus.WAITING
    assert await has(city.grandma.id) == 0
    assert await Notice.filter(person_id=city.grandma.id, template="points_waiting").count() == 1


@pytest.mark.parametrize("ended", [{"active": False}, {"kind": RuleKind.DEED}])
async def test_rule_that_changed_its_kind_gives_no_points(city, rule, over, ended):
    await EarningRule.filter(id=rule.id).update(**ended)
    await add_attendee(over, city.grandma)

    await rewarded(over)

    assert await Earning.all().count() == 0


async def test_rule_of_another_station_gives_no_points(city):
    elsewhere = await make_points.rule(city, RuleKind.ACTIVITY, station=city.stations["蓝田社工站"])
    over = await finished_activity(city, rule=elsewhere)
    await add_attendee(over, city.grandma)

    await rewarded(over)

    assert await Earning.all().count() == 0


@pytest.mark.parametrize("status", [ActivityStatus.PUBLISHED, ActivityStatus.CANCELLED])
async def test_unfinished_or_cancelled_activity_gives_no_points(city, over, status):
    await add_attendee(over, city.grandma)
    await Activity.filter(id=over.id).update(status=status)

    await rewarded(over)

    assert await Earning.all().count() == 0


async def person_of(city, name):
    return await Person.get(id=city.staff[name].person_id)


@pytest.mark.parametrize(
    ("who", "let_in", "points"),
    [
        ("林社工", ("陈社工", CheckInWay.LIST), 0),  # the publisher
        ("陈社工", ("陈社工", CheckInWay.LIST), 0),
        ("陈社工", ("陈社工", CheckInWay.OWN_PHONE), 0),  # the code is shown where they work
        ("陈社工", ("陈社工", CheckInWay.SCAN), 0),
        ("陈社工", ("林社工", CheckInWay.LIST), 5),
        ("周社工", ("周社工", CheckInWay.OWN_PHONE), 5),  # of another station: a guest like others
    ],
)
async def test_four_eyes_staff_get_no_points_by_their_own_hand(city, over, who, let_in, points):
    attendee, (by, way) = await person_of(city, who), let_in
    await add_attendee(over, attendee, check_in_way=way, checked_in_by_id=city.staff[by].person_id)

    await rewarded(over)

    assert await has(attendee.id) == points


@pytest.mark.parametrize("way", [CheckInWay.LIST, CheckInWay.OWN_PHONE])
async def test_attendee_checked_in_by_their_household_gets_no_points(city, over, way):
    await make_points.household(await person_of(city, "陈社工"), city.grandma)
    await add_attendee(over, city.grandma, check_in_way=way, checked_in_by_id=city.staff["陈社工"].person_id)

    await rewarded(over)

    assert await has(city.grandma.id) == 0


async def test_attendee_checked_in_by_a_relative_with_the_code_gets_points(city, over):
    daughter = await resident("女儿")
    await make_points.household(daughter, city.grandma)
    await add_attendee(over, city.grandma, checked_in_by_id=daughter.id)

    await rewarded(over)

    assert await has(city.grandma.id) == 5


async def test_steward_who_checked_in_an_attendee_cannot_decide_an_objection(city, over):
    await add_attendee(
        over, city.grandma, check_in_way=CheckInWay.LIST, checked_in_by_id=city.staff["陈社工"].person_id
    )

    await rewarded(over)

    assert (await Earning.get()).claimed_by_id == city.staff["陈社工"].person_id


@db.transaction
async def plan(activity):
    await attendance_points.schedule(activity, NOW)


async def test_activity_without_a_rule_plans_no_job(city):
    await plan(await finished_activity(city))

    assert await Job.all().count() == 0


async def test_four_jobs_at_once_give_points_once(city, rule, over):
    people = [(await add_attendee(over)).person_id for _ in range(6)]
    another = await finished_activity(city, rule=rule, starts_at=over.starts_at + timedelta(hours=3))
    await add_attendee(another, await Person.get(id=people[0]))
    await EarningRule.filter(id=rule.id).update(daily_cap=8)

    await asyncio.gather(*(rewarded(one) for one in (over, another, over, another)))

    assert [await has(one) for one in people] == [8, 5, 5, 5, 5, 5]
    assert (await ledger.audit()).holds
