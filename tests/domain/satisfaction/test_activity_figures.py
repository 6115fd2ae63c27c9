"""Attendance of activities, of one and of a station's over a span of days."""

from datetime import date, timedelta

import pytest

from server.domain import reference
from server.domain.satisfaction import activity_figures
from server.domain.satisfaction.activity_figures import span_of_days
from server.errors import NotFound
from server.models import (
    ActivityStatus,
    Attendee,
    BookingStatus,
    RecordSource,
    RecordStatus,
)
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
    return (await activity_figures.get_for_activity(activity.id, by=by)).attendance


async def of_town(city, span=YEAR, by="赵站长"):
    station = city.stations["邻玉社工站"].id
    [(_, found)] = await activity_figures.list_for_stations(
        span, station_id=station, after=0, limit=50, by=city.staff[by]
    )
    return found


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
    assert (empty.fill_percent, empty.no_show_percent) == (0, None)
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


async def test_figures_are_readable_for_own_station_and_officers_only(city, over):
    for name in ("赵站长", "冯科长", "卫处长"):
        assert (await of(over, city.staff[name])).counts.seats == 20
    for name in ("周社工", "褚科长"):
        with pytest.raises(NotFound):
            await of(over, city.staff[name])


async def test_station_figures_add_up_its_activities(city, over):
    another = await finished_activity(city, seats=10)
    for activity in (over, another):
        await add_attendee(activity)
        await add_absentee(activity)
        for _ in range(3):
            await add_attendee(activity)
    volunteer = await resident("志愿者")
    served = await record(city, volunteer, 120)
    await add_attendee(over, volunteer, post=await activities.post(over), service_record_id=served.id)

    town = await of_town(city)

    counts = town.counts
    assert (counts.held, counts.cancelled, counts.seats, counts.booked, counts.attended) == (2, 0, 30, 10, 8)
    assert (counts.no_shows, counts.volunteers, counts.volunteer_minutes) == (2, 1, 120)
    assert (town.fill_percent, town.no_show_percent) == (33, 20)


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

    assert town.counts == activity_figures.ActivityCounts()
    assert (town.fill_percent, town.no_show_percent) == (None, None)


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


async def test_figures_take_same_number_of_statements_for_all_stations(city, over, monkeypatch):
    sent = []
    execute = activity_figures.db.execute

    async def counted(statement, values=()):
        sent.append(statement)
        return await execute(statement, values)

    await reference.snapshot()
    monkeypatch.setattr(activity_figures.db, "execute", counted)
    await activity_figures.list_for_stations(YEAR, station_id=None, after=0, limit=50, by=city.staff["卫处长"])

    assert len(sent) == 3
