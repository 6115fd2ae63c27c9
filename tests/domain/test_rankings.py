"""Rankings of the volunteers who agreed to be named."""

from datetime import datetime, timedelta

import pytest

from server.domain import rankings
from server.domain.rankings import MAX_ROWS, Period
from server.domain.working_time import SHANGHAI
from server.errors import NotFound
from server.models import Person, RecordStatus, Volunteer, VolunteerStatus
from tests.factories import records, volunteers

HERE, THERE, FAR = "邻玉社工站", "蓝田社工站", "龙马潭总站"
# The first of March, just past midnight in Shanghai.
NOW = datetime(2026, 3, 1, 0, 30, tzinfo=SHANGHAI)
S = VolunteerStatus


async def served(city, name, minutes, *, at=HERE, ended=NOW, **more):
    """Create a volunteer who agreed, with one approved record."""
    told = {"show_in_rankings": True, "served_minutes": minutes, **more}
    volunteer = await volunteers.volunteer(name, city.stations[at], NOW, **told)
    person = await volunteer.person
    await again(city, person, minutes, ended=ended)
    return person


async def again(city, person, minutes, *, ended, status=RecordStatus.APPROVED):
    began = ended - timedelta(minutes=max(minutes, 1))
    facts = {"began": began, "minutes": minutes, "status": status, "ended_at": ended, "approved_at": NOW}
    return await records.record(city, person, **facts)


async def ranked(period=Period.ALL, *, at=None, county=None):
    lines = await rankings.list_ranking(period, station_id=at and at.id, county_id=county and county.id, now=NOW)
    return [(line.rank, line.person.name, line.served_minutes) for line in lines]


async def test_volunteer_who_did_not_agree_is_not_named(city):
    await served(city, "小李", 60)
    await served(city, "小张", 90, show_in_rankings=False)

    for period in Period:
        assert await ranked(period) == [(1, "小李", 60)]


@pytest.mark.parametrize("status", [one for one in S if one != S.APPROVED])
async def test_only_present_volunteers_are_ranked(city, status):
    person = await served(city, "小李", 60)
    await Volunteer.filter(person_id=person.id).update(status=status)

    for period in Period:
        assert await ranked(period) == []


async def test_disabled_volunteer_is_not_ranked(city):
    person = await served(city, "小李", 60)
    await Person.filter(id=person.id).update(disabled_at=NOW)

    for period in Period:
        assert await ranked(period) == []


@pytest.mark.parametrize("period", Period)
async def test_equal_time_shares_a_rank(city, period):
    for name, minutes in (("小李", 60), ("小张", 90), ("小陈", 60), ("小周", 30)):
        await served(city, name, minutes)

    lines = await ranked(period)

    assert [(rank, minutes) for rank, _, minutes in lines] == [(1, 90), (2, 60), (2, 60), (4, 30)]
    assert {name for rank, name, _ in lines if rank == 2} == {"小李", "小陈"}


@pytest.mark.parametrize("period", Period)
async def test_station_county_and_city_have_their_rankings(city, period):
    await served(city, "小李", 90, at=HERE)
    await served(city, "小张", 60, at=THERE)
    await served(city, "小陈", 30, at=FAR)

    assert [name for _, name, _ in await ranked(period)] == ["小李", "小张", "小陈"]
    assert [name for _, name, _ in await ranked(period, county=city.areas["江阳区"])] == ["小李", "小张"]
    assert await ranked(period, at=city.stations[FAR]) == [(1, "小陈", 30)]


async def test_month_and_year_begin_at_midnight_in_shanghai(city):
    midnight = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    new_year = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    person = await served(city, "小李", 1, ended=midnight + timedelta(seconds=1), served_minutes=1111)
    await again(city, person, 10, ended=midnight - timedelta(minutes=5))
    await again(city, person, 100, ended=new_year + timedelta(seconds=1))
    await again(city, person, 1000, ended=new_year - timedelta(minutes=101))

    assert await ranked(Period.MONTH) == [(1, "小李", 1)]
    assert await ranked(Period.YEAR) == [(1, "小李", 111)]
    assert await ranked(Period.ALL) == [(1, "小李", 1111)]


async def test_service_ending_at_midnight_belongs_to_the_day_before(city):
    person = await served(city, "小李", 10, ended=datetime(2026, 3, 1, tzinfo=SHANGHAI), served_minutes=110)
    await again(city, person, 100, ended=datetime(2026, 1, 1, tzinfo=SHANGHAI))

    assert await ranked(Period.MONTH) == []
    assert await ranked(Period.YEAR) == [(1, "小李", 10)]


async def test_missing_station_or_county_is_not_found(city):
    everything = {"station_id": None, "county_id": None, "now": NOW}
    for where in ({"station_id": 2**52}, {"county_id": 2**31 - 1}, {"county_id": city.areas["邻玉街道"].id}):
        with pytest.raises(NotFound):
            await rankings.list_ranking(Period.ALL, **{**everything, **where})


@pytest.mark.parametrize("status", [one for one in RecordStatus if one != RecordStatus.APPROVED])
async def test_ranking_counts_only_approved_service(city, status):
    person = await served(city, "小李", 60)
    await again(city, person, 30, ended=NOW - timedelta(minutes=61), status=status)
    await again(city, await served(city, "小张", 0), 30, ended=NOW - timedelta(minutes=5), status=status)

    for period in (Period.YEAR, Period.ALL):
        assert await ranked(period) == [(1, "小李", 60)]


async def test_ranking_has_at_most_fifty_rows(city):
    for number in range(MAX_ROWS + 2):
        await served(city, f"志愿者{number}", 60 + number)

    for period in (Period.MONTH, Period.ALL):
        lines = await ranked(period)
        assert len(lines) == MAX_ROWS
        assert (lines[0], lines[-1]) == ((1, "志愿者51", 111), (50, "志愿者2", 62))
