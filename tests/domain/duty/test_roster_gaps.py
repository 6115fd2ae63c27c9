"""Gaps of the roster are announced to heads and officers before they begin, once each."""

from datetime import timedelta

from server.domain.duty import queries, roster_gaps
from server.domain.stations import today
from server.models import DutyGap, DutyShift, Notice
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories import duty

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def whole_county(city, begins=NOW - HOUR, *, days=3):
    """Cover the county of the tests for some days."""
    for number in range(days):
        await duty.shift(city.areas["江阳区"], city.staff["冯科长"], begins + number * DAY, hours=24)


async def notices(city, name):
    return await Notice.filter(template="duty_gap", person_id=city.staff[name].person_id).values_list("body", flat=True)


async def look(now=NOW):
    return await roster_gaps.watch(now=now)


async def test_gap_is_announced_to_head_and_officer_when_it_is_two_days_away(city):
    await whole_county(city)
    gap_begins = NOW - HOUR + 3 * DAY
    await look(gap_begins - 49 * HOUR)
    assert await notices(city, "赵站长") == []

    await look(gap_begins - 48 * HOUR + HOUR)

    [body] = await notices(city, "赵站长")
    assert "邻玉社工站3月13日9:00起" in body
    assert len(await notices(city, "冯科长")) == 1


async def test_gap_is_announced_once(city):
    await whole_county(city, days=2)
    for hours in range(72):
        await look(NOW + hours * HOUR)

    assert len(await notices(city, "赵站长")) == 1
    # One notice names the gaps of all stations that begin at that time.
    assert len(await notices(city, "冯科长")) == 1


async def test_gap_that_was_closed_and_opens_again_is_announced_again(city):
    await whole_county(city, days=2)
    await look(NOW)
    filled = await duty.shift(city.areas["江阳区"], city.staff["孙站长"], NOW - HOUR + 2 * DAY, hours=24)
    await look(NOW + HOUR)
    await DutyShift.filter(id=filled.id).update(status="ended")

    await look(NOW + 2 * HOUR)

    assert len(await notices(city, "赵站长")) == 2


async def test_shift_of_the_station_closes_its_own_gap_alone(city):
    await whole_county(city, days=2)
    await duty.shift(city.stations["邻玉社工站"], city.staff["陈社工"], NOW + DAY, hours=48)

    await look(NOW)

    assert await notices(city, "赵站长") == []
    assert len(await notices(city, "吴站长")) == 1


async def test_two_runners_that_look_at_once_announce_a_gap_once(city):
    await whole_county(city, days=1)

    await at_once(*(look() for _ in range(3)))

    assert len(await notices(city, "赵站长")) == 1
    assert await DutyGap.filter(station_id=city.stations["邻玉社工站"].id).count() == 1


async def test_roster_shows_each_day_with_its_shifts_and_gaps(city):
    station = city.stations["邻玉社工站"]
    midnight = queries.midnight(today(NOW))
    await duty.shift(station, city.staff["陈社工"], midnight + 20 * HOUR, hours=12)
    await duty.shift(city.areas["江阳区"], city.staff["冯科长"], midnight + 32 * HOUR, hours=16)
    await duty.shift(station, city.staff["林社工"], midnight + 48 * HOUR, hours=24, status="offered", phone="")

    roster = await queries.get_roster(
        city.staff["林社工"], station_id=station.id, county_id=None, first=today(NOW), days=3
    )

    assert [[one.person for one in day.shifts] for day in roster] == [["陈社工"], ["陈社工", "冯科长"], ["林社工"]]
    assert [[(gap.starts_at, gap.ends_at) for gap in day.gaps] for day in roster] == [
        [(midnight, midnight + 20 * HOUR)],
        [],
        [(midnight + 48 * HOUR, midnight + 72 * HOUR)],
    ]
