"""Figures of activities, for an activity and for a station over a span of days."""

from datetime import date, timedelta

import pytest

from server.domain import reference
from server.domain.satisfaction import activity_figures, activity_rating
from server.domain.satisfaction.figures import span_of_days
from server.errors import NotFound
from server.models import (
    Activity,
    ActivityRating,
    ActivityStatus,
    Attendee,
    BookingStatus,
    Policy,
    RecordSource,
    RecordStatus,
)
from server.models.satisfaction import RatingTag
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, points
from tests.factories.activities import row
from tests.factories.attendance import YESTERDAY, add_absentee, add_attendee, finished_activity, resident

YEAR = span_of_days(None, None, NOW)


@pytest.fixture
async def over(city):
    return await finished_activity(city, seats=20)


async def of(activity, by):
    return await activity_figures.get_for_activity(activity.id, by=by)


async def of_town(city, span=YEAR, by="赵站长"):
    station = city.stations["邻玉社工站"].id
    [(_, found)] = await activity_figures.list_for_stations(
        span, station_id=station, after=0, limit=50, by=city.staff[by]
    )
    return found


async def rated(activity, *stars, tags=(), now=NOW):
    """A person attends and rates for each number of stars; 0: no rating."""
    for number in stars:
        by = (await add_attendee(activity)).person_id
        if number:
            words = f"{number}星的话"
            await activity_rating.rate(activity.id, stars=number, tags=tags, comment=words, by=by, now=now)


async def test_booked_people_are_counted_by_outcome(city, over):
    party = await add_attendee(over, size=3)
    await Attendee.create(activity=over, booking_id=party.booking_id, name="小孙", checked_in_at=over.starts_at)
    await Attendee.create(activity=over, booking_id=party.booking_id, name="没来的")
    await add_absentee(over, size=2)
    await row(over, await resident(), BookingStatus.BOOKED)

    counts = (await of(over, city.staff["陈社工"])).counts

    assert (counts.seats, counts.booked, counts.attended, counts.no_shows) == (20, 6, 2, 2)


async def test_fill_and_no_show_rates_are_percent_or_none(city, over):
    empty = await of(over, city.staff["陈社工"])
    assert (empty.fill_percent, empty.no_show_percent, empty.response_percent) == (0, None, None)
    await add_attendee(over)
    await add_absentee(over, size=2)

    found = await of(over, city.staff["陈社工"])

    assert (found.fill_percent, found.no_show_percent) == (15, 67)


async def test_people_ever_on_waiting_list_count_as_waited(city, over):
    at_once = {"booked_at": YESTERDAY, "seated_at": YESTERDAY}
    await add_attendee(over, seated_at=YESTERDAY)
    await row(over, await resident(), BookingStatus.BOOKED, **at_once)
    await row(over, await resident(), BookingStatus.BOOKED, **(at_once | {"seated_at": NOW}))
    for status in ("refused", "lapsed", "not_reached", "cancelled"):
        await row(over, await resident(), BookingStatus(status), size=2)

    assert (await of(over, city.staff["陈社工"])).counts.waitlisted == 1 + 4 * 2


async def test_late_cancellations_are_counted_separately(city, over):
    for late in (True, False):
        await row(over, await resident(), BookingStatus.CANCELLED, late=late, size=3, seated_at=NOW)
    await add_absentee(over)
    # Leaving the waiting list late takes no seat from others.
    await row(over, await resident(), BookingStatus.CANCELLED, late=True)

    counts = (await of(over, city.staff["陈社工"])).counts

    assert (counts.late_cancellations, counts.no_shows) == (3, 1)


async def record(city, volunteer, minutes, **more):
    return await points.record(volunteer, city.stations["邻玉社工站"], minutes, source=RecordSource.ACTIVITY, **more)


async def test_volunteers_and_minutes_are_counted_separately(city, over):
    post = await activities.post(over, places=4)
    for minutes, more in (
        (120, {}),
        (90, {"status": RecordStatus.CLAIMED}),
        (60, {"status": RecordStatus.DECLINED, "counts": None}),
    ):
        volunteer = await resident("志愿者")
        served = await record(city, volunteer, minutes, **more)
        await add_attendee(over, volunteer, post=post, service_record_id=served.id)
    await row(over, await resident("没来的志愿者"), BookingStatus.NO_SHOW, post=post)

    counts = (await of(over, city.staff["陈社工"])).counts

    assert (counts.volunteers, counts.volunteer_minutes) == (3, 210)
    assert (counts.booked, counts.attended, counts.no_shows, counts.eligible_raters) == (0, 0, 0, 0)


async def test_average_appears_from_five_ratings_on(city, over):
    await rated(over, 5, 5, 4, 3, 0, 0)
    few = await of(over, city.staff["陈社工"])
    assert (few.counts.ratings, few.response_percent, few.min_ratings, few.averages) == (4, 67, 5, None)

    await rated(over, 5, tags=[RatingTag.KIND])

    found = await of(over, city.staff["陈社工"])
    assert (found.counts.eligible_raters, found.counts.ratings, found.response_percent) == (7, 5, 71)
    assert (found.averages.average, found.averages.distribution) == (4.4, [0, 0, 1, 1, 3])
    assert found.averages.tags == [(RatingTag.KIND, 1)]


async def test_people_who_cannot_rate_do_not_lower_response_rate(city, over):
    organiser = await factories.Person.get(id=over.published_by_id)
    await add_attendee(over, organiser)
    await add_attendee(over, person_id=None, name="小孙")
    await rated(over, 5)

    found = await of(over, city.staff["陈社工"])

    assert (found.counts.attended, found.counts.eligible_raters, found.response_percent) == (3, 1, 100)


async def test_comments_come_newest_first_after_enough_ratings(city, over):
    by = city.staff["陈社工"]
    for number in (1, 2, 3, 4):
        await rated(over, number, now=NOW + timedelta(minutes=number))
    assert await activity_figures.list_comments(over.id, after=0, limit=50, by=by) == []
    await rated(over, 5)
    await ActivityRating.filter(stars=5).update(comment="")

    first = await activity_figures.list_comments(over.id, after=0, limit=3, by=by)
    second = await activity_figures.list_comments(over.id, after=first[-1].id, limit=3, by=by)

    assert [one.comment for one in first + second] == ["4星的话", "3星的话", "2星的话", "1星的话"]


async def test_figures_are_readable_for_own_station_and_officers_only(city, over):
    for name in ("赵站长", "冯科长", "卫处长"):
        assert (await of(over, city.staff[name])).counts.seats == 20
        assert await activity_figures.list_comments(over.id, after=0, limit=9, by=city.staff[name]) == []
    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await of(over, city.staff[name])
        with pytest.raises(NotFound):
            await activity_figures.list_comments(over.id, after=0, limit=9, by=city.staff[name])


async def test_public_figures_exist_for_public_activities_only(over):
    await rated(over, 5, 5, 5, 5, 3)
    assert (await activity_figures.get_public(over.id)).averages.average == 4.6
    await Activity.filter(id=over.id).update(listed=0)

    with pytest.raises(NotFound):
        await activity_figures.get_public(over.id)


async def test_station_figures_add_up_its_activities(city, over):
    another = await finished_activity(city, seats=10)
    for activity in (over, another):
        await add_attendee(activity)
        await add_absentee(activity)
        await rated(activity, 5, 5, 4)
    volunteer = await resident("志愿者")
    served = await record(city, volunteer, 120)
    await add_attendee(over, volunteer, post=await activities.post(over), service_record_id=served.id)

    town = await of_town(city)

    counts = town.counts
    assert (counts.held, counts.cancelled, counts.seats, counts.booked, counts.attended) == (2, 0, 30, 10, 8)
    assert (counts.no_shows, counts.volunteers, counts.volunteer_minutes) == (2, 1, 120)
    assert (town.fill_percent, town.no_show_percent, town.response_percent) == (33, 20, 75)
    assert town.averages.average == 4.7


async def test_cancelled_and_future_activities_do_not_count_seats(city, over):
    cancelled = await finished_activity(city, status=ActivityStatus.CANCELLED, listed=0)
    await row(cancelled, await resident(), BookingStatus.CANCELLED, late=True, seated_at=NOW)
    await finished_activity(city, status=ActivityStatus.CANCELLED, listed=0, published_at=None)
    await activities.activity(city, starts_at=NOW - timedelta(hours=1))

    counts = (await of_town(city)).counts

    assert (counts.held, counts.cancelled, counts.seats, counts.late_cancellations) == (1, 1, 20, 0)


async def test_activity_counts_on_its_shanghai_day(city):
    midnight = NOW.replace(hour=16, minute=0) - timedelta(days=2)
    await finished_activity(city, starts_at=midnight)
    await finished_activity(city, starts_at=midnight - timedelta(seconds=1))
    ninth, day = date(2026, 3, 9), timedelta(days=1)

    held = [(await of_town(city, span_of_days(one, one, NOW))).counts.held for one in (ninth - day, ninth, ninth + day)]

    assert held == [1, 1, 0]


async def test_station_without_activities_has_empty_figures(city):
    town = await of_town(city)

    assert (town.counts, town.averages) == (activity_figures.ActivityCounts(), None)
    assert (town.fill_percent, town.no_show_percent, town.response_percent) == (None, None, None)


async def test_pages_of_stations_have_no_gap_and_end(city, over):
    found, after = [], 0
    while page := await activity_figures.list_for_stations(
        YEAR, station_id=None, after=after, limit=3, by=city.staff["卫处长"]
    ):
        found += [(station.name, one.counts.held) for station, one in page]
        after = page[-1][0].id

    assert [name for name, _ in found] == list(factories.STATIONS)
    assert sum(held for _, held in found) == 1


async def test_figures_list_own_stations_and_counties(city):
    async def names(by):
        found = await activity_figures.list_for_stations(YEAR, station_id=None, after=0, limit=50, by=city.staff[by])
        return [station.name for station, _ in found]

    assert await names("陈社工") == ["邻玉社工站"]
    assert await names("褚科长") == ["龙马潭总站"]
    with pytest.raises(NotFound):
        await of_town(city, by="周社工")


async def test_station_county_and_city_can_require_more_ratings(city, over):
    await rated(over, 5, 5, 5)
    county = city.areas["江阳区"].id
    for scope, least in (("city", 2), (f"area:{county}", 4), (f"station:{over.station_id}", 3)):
        await Policy.create(name="min_ratings_for_average", scope=scope, value=least, source="test")

    found = await activity_figures.list_for_stations(YEAR, station_id=None, after=0, limit=50, by=city.staff["卫处长"])

    min_ratings = {station.name: one.min_ratings for station, one in found}
    assert (min_ratings["邻玉社工站"], min_ratings["蓝田社工站"], min_ratings["龙马潭总站"]) == (3, 4, 2)
    assert (await of_town(city)).averages.average == 5.0


async def test_figures_take_same_number_of_statements_for_all_stations(city, over, monkeypatch):
    sent = []
    execute = activity_figures.db.execute

    async def counted(statement, values=()):
        sent.append(statement)
        return await execute(statement, values)

    await reference.snapshot()
    monkeypatch.setattr(activity_figures.db, "execute", counted)
    await activity_figures.list_for_stations(YEAR, station_id=None, after=0, limit=50, by=city.staff["卫处长"])

    assert len(sent) == 4
