"""Promises of an hour: minutes only while a shift covers the station or its county."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.duty import cover
from server.models import NeedEvent, Role, Urgency
from tests.conftest import NOW
from tests.factories import duty

# A Tuesday at ten in the evening in Shanghai; work begins the next morning at nine.
EVENING = datetime(2026, 3, 10, 14, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
async def evening(city):
    city.now = EVENING
    return city


async def crisis_words(need):
    return (await NeedEvent.get(need_id=need.id, kind="crisis")).text


async def emergency(city):
    return await city.need(urgency=Urgency.EMERGENCY)


@pytest.mark.parametrize("place", ["station", "county"])
async def test_emergency_is_promised_half_an_hour_while_station_or_county_is_covered(evening, place):
    places = {"station": evening.stations["邻玉社工站"], "county": evening.areas["江阳区"]}
    await duty.shift(places[place], evening.staff["冯科长"], EVENING - timedelta(hours=1))

    need = await emergency(evening)

    assert need.response_due_at == EVENING + HALF_AN_HOUR
    assert "现在有人值班" in await crisis_words(need)


async def test_emergency_without_shift_at_night_is_due_after_work_begins_and_says_so(evening):
    need = await emergency(evening)

    words = await crisis_words(need)
    assert need.response_due_at == MORNING + HALF_AN_HOUR
    assert "现在没有人值班，明天9:00上班" in words
    for number in ("110", "120", "12356"):
        assert number in words


async def test_emergency_before_a_shift_is_due_after_the_shift_begins(evening):
    begins = EVENING + timedelta(hours=2)
    await duty.shift(evening.stations["邻玉社工站"], evening.staff["陈社工"], begins)

    need = await emergency(evening)

    assert need.response_due_at == begins + HALF_AN_HOUR
    assert "明天0:00上班" in await crisis_words(need)


@pytest.mark.parametrize("status", ["offered", "declined", "withdrawn", "swapped", "ended"])
async def test_shift_that_was_not_accepted_promises_nothing(evening, status):
    await duty.shift(evening.stations["邻玉社工站"], evening.staff["陈社工"], EVENING, status=status)

    need = await emergency(evening)

    assert need.response_due_at == MORNING + HALF_AN_HOUR


async def test_shift_of_another_station_or_county_promises_nothing(evening):
    await duty.shift(evening.stations["蓝田社工站"], evening.staff["周社工"], EVENING)
    await duty.shift(evening.areas["龙马潭区"], evening.staff["褚科长"], EVENING)

    need = await emergency(evening)

    assert need.response_due_at == MORNING + HALF_AN_HOUR


async def test_shift_covers_from_its_first_moment_to_before_its_last(evening):
    station = evening.stations["邻玉社工站"]
    await duty.shift(station, evening.staff["陈社工"], EVENING, hours=1)

    covered = [
        (await cover.state_at(station.id, EVENING + timedelta(minutes=minute))).covered for minute in (-1, 0, 59, 60)
    ]

    assert covered == [False, True, True, False]


async def test_emergency_in_working_hours_without_shift_counts_working_time(city):
    city.now = NOW.replace(hour=9, minute=20)  # 17:20 in Shanghai; work ends at half past five
    need = await emergency(city)

    assert need.response_due_at == MORNING + timedelta(minutes=20)
    assert "现在是上班时间，工作人员会尽快联系您" in await crisis_words(need)


async def nobody_works_there(city):
    await Role.filter(station_id=city.stations["邻玉社工站"].id).update(current=None)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "这里暂时没有工作人员，由上级代管。现在是上班时间，代管人员会尽快联系您。"),
        (EVENING, "这里暂时没有工作人员，由上级代管。现在没有人值班，明天9:00上班。"),
    ],
)
async def test_emergency_where_nobody_works_promises_only_stand_ins(city, moment, words):
    city.now = moment
    await nobody_works_there(city)

    assert words in await crisis_words(await emergency(city))


async def test_emergency_where_nobody_acts_promises_nobody(city):
    await Role.all().update(current=None)

    assert "现在没有人值班，这里也没有能为您办理的工作人员。" in await crisis_words(await emergency(city))
    assert (await cover.state_at(city.stations["邻玉社工站"].id, NOW)).begins_at is None


async def test_only_worker_does_not_count_for_their_own_emergency(city):
    station, alone = city.stations["邻玉社工站"], city.staff["陈社工"].person_id
    await Role.filter(station_id=station.id).exclude(person_id=alone).update(current=None)

    assert (await cover.state_at(station.id, NOW, {alone})).acting == cover.Acting.NOBODY
    assert (await cover.state_at(station.id, NOW)).acting == cover.Acting.WORKERS


async def test_need_in_working_days_is_promised_without_any_shift(evening):
    need = await evening.need()

    assert need.response_due_at == datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
