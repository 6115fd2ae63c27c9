"""Series of activities, for example every Tuesday: each with its venue, all or none."""

from datetime import date, datetime, timedelta

import pytest

from server.domain import policies
from server.domain.activities import series
from server.domain.activities.copies import Omission
from server.domain.activities.posts import NewPost
from server.domain.activities.series import Recurrence
from server.domain.working_time import SHANGHAI
from server.errors import (
    ActivityInSeries,
    InvalidActivityPlan,
    NotAllowed,
    NotFound,
    SeriesEmpty,
    SeriesTooLong,
    StationNotOperating,
    VenueTaken,
    VenueTooSmall,
)
from server.models import Activity, ActivitySeries, AuditEntry, RuleKind, Station, Venue, VenueUse
from tests.concurrency import succeeding
from tests.conftest import NOW
from tests.factories import drafts, points
from tests.factories.drafts import STARTS, draft

WEEK = timedelta(weeks=1)
FIRST = date(2026, 3, 17)
# The public holiday near these Tuesdays: 1 May 2026 is a Friday.
FRIDAY = datetime(2026, 4, 17, 10, tzinfo=SHANGHAI)


@pytest.fixture
async def venue(city):
    return await drafts.venue(city)


async def repeat(city, activity, by="林社工", now=NOW, every_weeks=1, **rhythm):
    return await series.create(activity.id, Recurrence(every_weeks, **rhythm), by=city.staff[by], now=now)


def days(made):
    return [one.starts_at.astimezone(SHANGHAI).date() for one in made.activities]


async def test_series_repeats_every_other_tuesday(city, venue):
    first = await draft(city, venue_id=venue.id, posts=[NewPost("签到", 2)], for_area_ids=[city.areas["团结村"].id])

    made = await repeat(city, first, every_weeks=2, times=3)

    assert days(made) == [FIRST + n * 2 * WEEK for n in (1, 2, 3)]
    for number, one in enumerate(made.activities, start=1):
        seen = await drafts.view(one)
        activity, use = seen.activity, await VenueUse.get(id=one.venue_use_id)
        assert (activity.status, activity.series_id, activity.place) == ("draft", made.series.id, first.place)
        assert activity.booking_opens_at == first.booking_opens_at + number * 2 * WEEK
        assert (use.venue_id, use.starts_at, use.ends_at) == (venue.id, activity.starts_at, activity.ends_at)
        assert [(post.title, post.places) for post in seen.posts] == [("签到", 2)]
        assert [area.name for area in seen.for_areas] == ["团结村"]
    assert len({one.check_in_secret for one in made.activities}) == 3


async def test_activity_becomes_the_first_of_its_series(city):
    first = await draft(city)

    made = await repeat(city, first, times=1)

    assert (await Activity.get(id=first.id)).series_id == made.series.id
    kept = await ActivitySeries.get(id=made.series.id)
    assert (kept.every_weeks, kept.station_id, kept.created_by_id) == (
        1,
        first.station_id,
        city.staff["林社工"].person_id,
    )
    assert (await AuditEntry.get(action="activity_series.made")).facts == {"activities": 1, "first": first.id}
    assert made.left_out == []


async def test_last_day_is_included(city):
    made = await repeat(city, await draft(city), until_day=FIRST + 3 * WEEK)

    assert days(made) == [FIRST + n * WEEK for n in (1, 2, 3)]


async def test_days_are_in_shanghai(city):
    early = datetime(2026, 3, 18, 7, tzinfo=SHANGHAI)  # in UTC it is the 17th

    made = await repeat(city, await draft(city, starts_at=early), until_day=date(2026, 3, 25))

    assert days(made) == [date(2026, 3, 25)]


async def test_days_off_are_skipped_and_named(city):
    first = await draft(city, starts_at=FRIDAY)

    made = await repeat(city, first, times=2, working_days_only=True)

    assert days(made) == [date(2026, 4, 24), date(2026, 5, 8)]
    assert made.skipped == [date(2026, 5, 1)]


async def test_day_off_entered_by_an_officer_is_skipped(city):
    await policies.set_calendar_day(FIRST + WEEK, working=False, by=city.staff["卫处长"], now=NOW)

    made = await repeat(city, await draft(city), until_day=FIRST + 2 * WEEK, working_days_only=True)

    assert (days(made), made.skipped) == ([FIRST + 2 * WEEK], [FIRST + WEEK])


async def test_days_off_are_included_by_default(city):
    made = await repeat(city, await draft(city, starts_at=FRIDAY), times=2)

    assert (days(made)[1], made.skipped) == (date(2026, 5, 1), [])


async def test_taken_venue_is_refused_with_its_days_and_nothing_is_created(city, venue):
    first = await draft(city, venue_id=venue.id)
    for number in (2, 4):
        await drafts.use(city, venue, STARTS + number * WEEK)

    with pytest.raises(VenueTaken) as refused:
        await repeat(city, first, times=4)

    assert refused.value.details == {"days": ["2026-03-31", "2026-04-14"]}
    assert (await Activity.get(id=first.id)).series_id is None
    assert [await model.all().count() for model in (Activity, ActivitySeries, VenueUse)] == [1, 0, 3]


async def test_series_in_a_venue_that_became_too_small_is_refused(city, venue):
    first = await draft(city, venue_id=venue.id)
    await Venue.filter(id=venue.id).update(capacity=10)

    with pytest.raises(VenueTooSmall):
        await repeat(city, first, times=2)


async def test_activity_of_a_series_cannot_begin_another(city):
    first = await draft(city)
    made = await repeat(city, first, times=1)

    for one in (first, *made.activities):
        with pytest.raises(ActivityInSeries):
            await repeat(city, one, times=1)


@pytest.mark.parametrize(
    "rhythm",
    [{"until_day": FIRST + timedelta(days=6)}, {"until_day": FIRST}, {"until_day": date(2025, 1, 1)}],
    ids=["before the next", "the same day", "long ago"],
)
async def test_series_without_days_is_refused(city, rhythm):
    first = await draft(city)

    with pytest.raises(SeriesEmpty):
        await repeat(city, first, **rhythm)

    assert not await ActivitySeries.exists()


async def test_series_with_too_few_working_days_is_refused(city):
    """Stations rarely work on Saturdays: two years have too few working ones."""
    saturday = await draft(city, starts_at=datetime(2026, 3, 21, 10, tzinfo=SHANGHAI))

    with pytest.raises(SeriesTooLong) as refused:
        await repeat(city, saturday, times=52, working_days_only=True)

    assert refused.value.details == {"limit": 52, "latest": date(2028, 3, 21)}


@pytest.mark.parametrize(
    ("rhythm", "fits"),
    [
        ({"times": 52}, True),
        ({"until_day": FIRST + 52 * WEEK}, True),
        ({"until_day": FIRST + 53 * WEEK}, False),
        ({"every_weeks": 52, "times": 2}, True),
        ({"every_weeks": 52, "times": 3}, False),
    ],
)
async def test_series_has_at_most_52_activities_within_two_years(city, rhythm, fits):
    first = await draft(city)

    if fits:
        assert len((await repeat(city, first, **rhythm)).activities) in {2, 52}
    else:
        with pytest.raises(SeriesTooLong):
            await repeat(city, first, **rhythm)
        assert await Activity.all().count() == 1


async def test_series_in_the_past_is_refused(city):
    first = await draft(city)

    with pytest.raises(InvalidActivityPlan):
        await repeat(city, first, now=STARTS + 2 * WEEK, times=5)


async def test_closed_station_and_strangers_cannot_create_a_series(city):
    first = await draft(city)

    for by, refusal in (("周社工", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await repeat(city, first, by, times=1)
    await Station.filter(id=first.station_id).update(status="suspended")
    with pytest.raises(StationNotOperating):
        await repeat(city, first, times=1)


async def test_series_names_the_parts_its_drafts_lack(city):
    first = await draft(city)
    retired = await points.rule(city, RuleKind.ACTIVITY, active=False)
    await Activity.filter(id=first.id).update(rule_id=retired.id)

    assert (await repeat(city, first, times=1)).left_out == [Omission.RULE]


async def test_concurrent_series_of_one_activity_have_one_winner(city, venue):
    first = await draft(city, venue_id=venue.id)

    made = await succeeding(*(repeat(city, first, by, times=4) for by in ("陈社工", "林社工", "赵站长")))

    assert len(made) == 1
    assert await Activity.filter(series_id=made[0].series.id).count() == 5
    assert await VenueUse.filter(venue_id=venue.id).count() == 5


async def test_concurrent_series_in_one_venue_have_one_winner(city, venue):
    one, two = await draft(city, venue_id=venue.id), await draft(city, venue_id=venue.id, starts_at=STARTS + WEEK)

    made = await succeeding(repeat(city, one, every_weeks=2, times=3), repeat(city, two, every_weeks=1, times=3))

    assert len(made) == 1
    uses = await VenueUse.filter(venue_id=venue.id).values_list("starts_at", flat=True)
    assert len(uses) == len(set(uses)) == 2 + 3
