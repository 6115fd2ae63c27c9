"""Ratings of activities: figures appear once, when no rating can change any more, and never change."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.activities import cancel_and_finish, rating_period
from server.domain.satisfaction import activity_figures, activity_rating, figures, month_fixing
from server.errors import DeadlinePassed, NotFound
from server.models import (
    Activity,
    ActivityRating,
    ActivitySatisfaction,
    ActivityStatus,
    CallBack,
    Job,
    Notice,
    Policy,
    Role,
)
from server.models.satisfaction import RatingTag
from tests import factories
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.attendance import add_attendee, finished_activity


@pytest.fixture
async def over(city):
    return await finished_activity(city, seats=20)


async def rated(activity, *stars, tags=(), now=NOW):
    """A person attends and rates for each number of stars; 0: no rating."""
    for number in stars:
        by = (await add_attendee(activity)).person_id
        if number:
            words = f"{number}星的话"
            await activity_rating.rate(activity.id, stars=number, tags=tags, comment=words, by=by, now=now)


async def fixed(activity, *, after=timedelta()):
    """Fix the figures of its ratings. Return when that was."""
    now = await rating_period.known_from(activity) + after
    await activity_figures.fix(activity.id, now=now)
    return now


async def ratings(activity, by):
    return (await activity_figures.get_for_activity(activity.id, by=by)).ratings


async def comments_of(activity, by, **page):
    return (await activity_figures.list_comments(activity.id, **{"after": 0, "limit": 50} | page, by=by))[1]


async def test_average_appears_from_five_ratings_on(city, over):
    few = await finished_activity(city)
    await rated(few, 5, 5, 4, 3, 0, 0)
    await rated(over, 5, 5, 4, 3, 0, 0)
    await rated(over, 5, tags=[RatingTag.KIND])
    by = city.staff["陈社工"]
    for one in (few, over):
        await fixed(one)

    hidden, found = await ratings(few, by), await ratings(over, by)

    assert (hidden.ratings, hidden.response_percent, hidden.min_ratings, hidden.averages) == (4, 67, 5, None)
    assert (found.eligible_raters, found.ratings, found.response_percent) == (7, 5, 71)
    assert (found.averages.average, found.averages.distribution) == (4.4, [0, 0, 1, 1, 3])
    assert found.averages.tags == [(RatingTag.KIND, 1)]


async def test_figures_of_ratings_are_hidden_until_no_rating_can_change(city, over):
    await rated(over, 5, 5, 5, 5, 2, 1)
    by = city.staff["陈社工"]
    known_from = await rating_period.known_from(over)
    assert known_from == over.ends_at + timedelta(days=15, hours=24, minutes=1)

    await activity_figures.fix(over.id, now=known_from - timedelta(seconds=1))
    assert await ratings(over, by) is await activity_figures.get_public(over.id) is None
    assert await comments_of(over, by) == []
    assert (await Job.get(kind="fix_activity_ratings", subject=str(over.id))).due_at == known_from

    await activity_figures.fix(over.id, now=known_from)
    assert (await ratings(over, by)).ratings == 6


async def test_fixed_figures_of_an_activity_never_change(city, over):
    await rated(over, 5, 5, 5, 5, 2)
    by, late = city.staff["陈社工"], (await add_attendee(over)).person_id
    now = await fixed(over)
    before = await ratings(over, by)

    await Policy.create(name="rating_days", scope="city", value=90, source="test")
    await Policy.create(name="min_ratings_for_average", scope="city", value=50, source="test")
    with pytest.raises(DeadlinePassed):
        await activity_rating.rate(over.id, stars=1, tags=[], comment="", by=late, now=now)
    await activity_figures.fix(over.id, now=now + timedelta(days=80))

    assert await ratings(over, by) == before
    assert await ActivitySatisfaction.all().count() == 1


async def test_finished_activity_plans_its_figures(city):
    running = await activities.activity(city, starts_at=NOW - timedelta(hours=3))

    await cancel_and_finish.finish(running.id, by=city.staff["陈社工"], now=NOW)

    due = (await Job.get(kind="fix_activity_ratings", subject=str(running.id))).due_at
    assert due == await rating_period.known_from(await Activity.get(id=running.id))


async def test_cancelled_activity_has_no_figures_of_ratings(city, over):
    await Activity.filter(id=over.id).update(status=ActivityStatus.CANCELLED)

    await fixed(over)

    assert await ActivitySatisfaction.all().count() == 0


async def test_low_rating_is_notified_with_the_figures_and_not_before(city, over):
    await rated(over, 5, 5, 5, 5, 2)
    assert await low_notices() == []

    await fixed(over)

    [notice] = await low_notices()
    assert notice.person_id == city.staff["赵站长"].person_id
    assert (notice.subject_kind, notice.subject_id) == ("activity", over.id)
    assert notice.body == "“免费体检”的评价结果已出，其中有较低的评价，请了解原因并改进。"
    assert await CallBack.all().count() == 0


@pytest.mark.parametrize("stars", [(5, 5, 5, 2), (5, 5, 5, 5, 3)], ids=["too few", "none low"])
async def test_head_gets_no_notice_of_hidden_or_good_ratings(over, stars):
    await rated(over, *stars)

    await fixed(over)

    assert await low_notices() == []


async def test_low_rating_without_head_notifies_workers_or_stand_ins(city, over):
    await Role.filter(kind="station_head").update(current=None)
    another = await finished_activity(city)
    for one in (over, another):
        await rated(one, 5, 5, 5, 5, 1)
    await fixed(over)
    told = {one.person_id for one in await low_notices()}
    assert told == {city.staff[one].person_id for one in ("陈社工", "林社工")}
    await Role.filter(station_id=over.station_id).update(current=None)

    await fixed(another)

    assert city.staff["冯科长"].person_id in {one.person_id for one in await low_notices()}


async def low_notices():
    return await Notice.filter(template="activity_rated_low")


async def test_people_who_cannot_rate_do_not_lower_response_rate(city, over):
    organiser = await factories.Person.get(id=over.published_by_id)
    await add_attendee(over, organiser)
    await add_attendee(over, person_id=None, name="小孙")
    await rated(over, 5)
    await fixed(over)
    by = city.staff["陈社工"]

    found = await ratings(over, by)

    assert (
        (await activity_figures.get_for_activity(over.id, by=by)).attendance.counts.attended,
        found.eligible_raters,
        found.response_percent,
    ) == (3, 1, 100)


async def test_comments_come_in_no_order_of_time_after_enough_ratings(city, over):
    by = city.staff["陈社工"]
    for number in (1, 2, 3, 4, 5):
        await rated(over, number, now=NOW + timedelta(minutes=number))
    await ActivityRating.filter(stars=5).update(comment="")
    await fixed(over)

    first = await comments_of(over, by, limit=3)
    second = await comments_of(over, by, after=first[-1].id, limit=3)

    by_random_id = await ActivityRating.exclude(comment="").order_by("id").values_list("comment", flat=True)
    assert [one.comment for one in first + second] == by_random_id
    assert len(by_random_id) == 4


async def test_station_has_monthly_figures_of_its_activities(city, over):
    another = await finished_activity(city)
    await rated(over, 5, 5, 5, 5, 5)
    await rated(another, 1, 1, 1, 1, 1)
    for one in (over, another):
        await fixed(one)

    found = await monthly(city)

    assert (found.finished, found.asked, found.ratings, found.averages.average) == (2, 10, 10, 3.0)


async def test_monthly_figures_are_hidden_where_an_activity_of_fewer_ratings_would_follow_from_them(city, over):
    another = await finished_activity(city)
    await rated(over, 5, 5, 5, 5, 5)
    await rated(another, 1)
    for one in (over, another):
        await fixed(one)

    found = await monthly(city)

    assert (await ratings(over, city.staff["赵站长"])).averages.average == 5.0
    assert (found.ratings, found.averages) == (6, None)


async def monthly(city):
    """Return the station's figures of the activities whose figures were fixed in March."""
    await month_fixing.fix_ended(now=datetime(2026, 4, 2, tzinfo=UTC))
    station, by = city.stations["邻玉社工站"].id, city.staff["赵站长"]
    [found] = await figures.list_figures("2026-03", station_id=station, after=0, limit=1, by=by)
    return found.activities


async def test_public_figures_exist_for_public_activities_only(over):
    await rated(over, 5, 5, 5, 5, 3)
    await fixed(over)
    assert (await activity_figures.get_public(over.id)).averages.average == 4.6
    await Activity.filter(id=over.id).update(listed=0)

    with pytest.raises(NotFound):
        await activity_figures.get_public(over.id)


async def test_comments_are_readable_for_own_station_and_officers_only(city, over):
    for name in ("赵站长", "冯科长", "卫处长"):
        assert await comments_of(over, city.staff[name]) == []
    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await comments_of(over, city.staff[name])


async def test_station_can_require_more_ratings_of_an_activity(city, over):
    await rated(over, 5, 5, 5, 5, 5)
    scope = f"station:{over.station_id}"
    await Policy.create(name="min_ratings_for_average", scope=scope, value=6, source="test")
    await fixed(over)

    found = await ratings(over, city.staff["赵站长"])

    assert (found.min_ratings, found.averages) == (6, None)
