"""Policies: scopes, bounds and sources, working hours, and the calendar."""

import asyncio
from datetime import UTC, date, datetime, time

import pytest

from server.domain import policies
from server.domain.policies import POLICIES, Scope
from server.errors import CityWidePolicy, NotAllowed, NotFound, PolicyOutOfRange
from server.models import AuditEntry, CalendarDay, Policy
from tests.conftest import NOW

NAME = "reminder_interval_hours"


async def put(value, scope, by, name=NAME):
    return await policies.set_value(name, value, scope=scope, source="局务会纪要", by=by, now=NOW)


@pytest.fixture
def places(city):
    """Return (city, county, station) as scopes, and the officers who may set them."""
    station = city.stations["邻玉社工站"]
    return Scope(), Scope(county_id=station.county_id), Scope(station_id=station.id)


def test_every_default_is_in_bounds_with_a_source():
    for rule in POLICIES.values():
        assert rule.least <= rule.default <= rule.most
        assert "不是泸州市的规定" in rule.source
        assert rule.meaning


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("appeal_days", 15),
        ("rating_days", 15),
        ("reopening_days", 15),
        ("referral_return_limit", 3),
        ("remind_at_percent", 80),
        ("min_ratings_for_average", 5),
        ("call_back_days", 3),
        ("rating_change_hours", 24),
    ],
)
async def test_unset_policy_has_default(city, name, default):
    assert await policies.number(name, station_id=city.stations["邻玉社工站"].id) == default


async def test_policy_without_station_has_city_number(database):
    assert await policies.number("calendar_alarm_month") == 11


async def test_nearest_scope_comes_first(city, places):
    of_city, of_county, of_station = places
    chief, station = city.staff["卫处长"], of_station.station_id

    await put(10, of_city, chief)
    assert await policies.number(NAME, station_id=station) == 10
    await put(20, of_county, chief)
    assert await policies.number(NAME, station_id=station) == 20
    await put(30, of_station, chief)
    assert await policies.number(NAME, station_id=station) == 30


async def test_other_scopes_are_unchanged(city, places):
    _, of_county, of_station = places
    await put(30, of_station, city.staff["冯科长"])
    await put(20, of_county, city.staff["冯科长"])

    assert await policies.number(NAME, station_id=city.stations["蓝田社工站"].id) == 20
    assert await policies.number(NAME, station_id=city.stations["龙马潭总站"].id) == 24
    assert await policies.number(NAME, station_id=city.stations["市级服务台"].id) == 24
    assert await policies.number(NAME, county_id=of_county.county_id) == 20
    assert await policies.number("rating_days", station_id=of_station.station_id) == 15


async def test_several_policies_are_read_at_once(city, places):
    await put(20, places[1], city.staff["冯科长"])

    found = await policies.numbers(NAME, "appeal_days", station_id=places[2].station_id)

    assert found == {NAME: 20, "appeal_days": 15}


async def test_removed_number_restores_wider_scope(city, places):
    _, of_county, of_station = places
    await put(20, of_county, city.staff["冯科长"])
    await put(30, of_station, city.staff["冯科长"])

    again = await put(None, of_station, city.staff["冯科长"])

    assert (again.value, again.scope) == (20, of_county.key)


async def test_set_number_is_audited_with_source(city, places):
    shown = await put(20, places[1], city.staff["冯科长"])

    assert (shown.source, shown.scope) == ("局务会纪要", places[1].key)
    entry = await AuditEntry.get(action="policy.put")
    assert entry.person_id == city.staff["冯科长"].person_id
    assert entry.facts == {"scope": places[1].key, "value": 20, "source": "局务会纪要"}


@pytest.mark.parametrize("value", [0, 241])
async def test_number_out_of_bounds_is_refused_with_bounds(city, places, value):
    with pytest.raises(PolicyOutOfRange) as refused:
        await put(value, places[0], city.staff["卫处长"])

    assert refused.value.details == {"minimum": 1, "maximum": 240}
    assert not await Policy.exists()


async def test_officer_sets_policies_of_their_county_only(city, places):
    of_city, of_county, of_station = places
    stranger = city.staff["褚科长"]

    with pytest.raises(NotAllowed):
        await put(20, of_city, stranger)
    for scope in (of_county, of_station, Scope(station_id=city.stations["市级服务台"].id)):
        with pytest.raises(NotFound):
            await put(20, scope, stranger)


async def test_unknown_county_is_refused(city):
    with pytest.raises(NotFound):
        await put(20, Scope(county_id=city.areas["邻玉街道"].id), city.staff["卫处长"])


async def test_unknown_policy_is_not_found(city, places):
    with pytest.raises(NotFound):
        await put(20, places[0], city.staff["卫处长"], name="lunch_break")


async def test_working_hours_cannot_be_set_for_a_county(city, places):
    with pytest.raises(CityWidePolicy):
        await put(600, places[1], city.staff["冯科长"], name="morning_opens")


async def test_changed_working_hours_stay_in_order(city, places):
    await put(480, places[0], city.staff["卫处长"], name="morning_opens")

    assert (await policies.get_working_hours()).spans == ((time(8), time(12)), (time(13, 30), time(17, 30)))
    with pytest.raises(PolicyOutOfRange):
        await put(13 * 60 + 30, places[0], city.staff["卫处长"], name="morning_closes")


async def test_two_numbers_set_at_once_leave_one(city, places):
    chief = city.staff["卫处长"]

    answers = await asyncio.gather(*(put(value, places[0], chief) for value in (5, 6, 7)), return_exceptions=True)

    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert await Policy.filter(name=NAME).count() == 1


async def test_entered_days_are_known(city):
    chief = city.staff["卫处长"]
    await policies.set_calendar_day(date(2026, 12, 31), working=False, by=chief, now=NOW)
    await policies.set_calendar_day(date(2027, 1, 1), working=True, by=chief, now=NOW)

    entered = await policies.set_calendar_day(date(2027, 1, 1), working=False, by=chief, now=NOW)

    assert entered == {date(2027, 1, 1): False}
    assert await policies.get_calendar_days() == {date(2026, 12, 31): False, date(2027, 1, 1): False}
    assert await AuditEntry.filter(action="calendar.entered").count() == 3


async def test_missing_calendar_is_named_from_chosen_month(city):
    october, far = datetime(2030, 10, 1, tzinfo=UTC), 2031
    assert far not in await policies.missing_years(october)

    await put(9, Scope(), city.staff["卫处长"], name="calendar_alarm_month")

    assert far in await policies.missing_years(october)


async def test_entered_year_is_not_missing(database):
    for month in range(1, 13):
        await CalendarDay.create(day=date(2031, month, 1), working=False)
        await CalendarDay.create(day=date(2031, month, 2), working=False)

    assert 2031 not in await policies.missing_years(datetime(2031, 3, 1, tzinfo=UTC))
