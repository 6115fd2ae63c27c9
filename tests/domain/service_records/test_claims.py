"""Back-entered time: by a volunteer, recent, without overlap, within the limits of day and month."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain import photos
from server.domain.service_records import queries
from server.domain.service_records.access import subject_key
from server.errors import (
    BackEntryClosed,
    InvalidServiceTime,
    NotServedAtStation,
    PhotoNotAvailable,
    ServiceDayLimit,
    ServiceMonthLimit,
    ServiceNotOver,
    ServiceOverlaps,
    StationNotOperating,
    VolunteerRequired,
)
from server.models import Notice, Policy, RecordStatus, Role, ServiceRecord, Station, Volunteer
from tests import factories
from tests.conftest import NOW
from tests.factories import records, tasks
from tests.factories.records import THEN, claimed

# Midnight in Shanghai, the start of the 10th.
MIDNIGHT = datetime(2026, 3, 9, 16, tzinfo=UTC)


@pytest.fixture
async def li(city):
    return await records.volunteer(city)


def minutes(number):
    return timedelta(minutes=number)


async def test_claim_notifies_the_station(city, li):
    record = await claimed(city, li)

    assert (record.status, record.minutes, record.verified, record.counts) == (RecordStatus.CLAIMED, 60, False, 1)
    assert (record.station_id, record.text) == (city.stations["邻玉社工站"].id, "陪老人散步")
    told = await Notice.filter(template="service_claimed").values_list("person_id", flat=True)
    assert set(told) == {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长")}


async def test_claim_at_a_station_without_workers_notifies_stand_ins(city, li):
    await Role.filter(station_id=city.stations["邻玉社工站"].id).update(current=None)

    await claimed(city, li)

    told = await Notice.filter(template="service_claimed")
    assert {one.person_id for one in told} == {city.staff[name].person_id for name in ("孙站长", "冯科长")}
    assert told[0].body.startswith("邻玉社工站目前没有工作人员，请您代为办理。")


async def test_claim_by_a_person_who_is_no_volunteer_is_refused(city, li):
    with pytest.raises(VolunteerRequired):
        await claimed(city, city.grandma)
    await Volunteer.filter(person_id=li.id).update(status="banned")
    with pytest.raises(VolunteerRequired):
        await claimed(city, li)


async def test_claim_at_an_unknown_station_is_refused(city, li):
    other = city.stations["蓝田社工站"]
    with pytest.raises(NotServedAtStation):
        await claimed(city, li, station_id=other.id)
    await records.record(city, li, began=THEN - minutes(600), station=other)

    assert (await claimed(city, li, station_id=other.id)).station_id == other.id


@pytest.mark.parametrize("status", ["suspended", "closing"])
async def test_claim_at_a_closed_station_is_refused(city, li, status):
    await Station.filter(name="邻玉社工站").update(status=status)

    with pytest.raises(StationNotOperating):
        await claimed(city, li)
    with pytest.raises(StationNotOperating):
        await claimed(city, li, station_id=777)


@pytest.mark.parametrize("length", [-60, 0, 0.99, 1441, 1440.01])
async def test_claim_shorter_than_a_minute_or_longer_than_a_day_is_refused(city, li, length):
    with pytest.raises(InvalidServiceTime):
        await claimed(city, li, began=NOW - timedelta(days=3), minutes=length)
    assert not await ServiceRecord.exists()


async def test_claim_of_future_time_is_refused(city, li):
    with pytest.raises(ServiceNotOver):
        await claimed(city, li, began=NOW - minutes(59))
    with pytest.raises(ServiceNotOver):
        await claimed(city, li, began=NOW + timedelta(days=1))

    assert (await claimed(city, li, began=NOW - minutes(60))).minutes == 60


async def test_claim_after_the_time_limit_is_refused(city, li):
    edge = NOW - timedelta(days=30)
    with pytest.raises(BackEntryClosed) as refused:
        await claimed(city, li, began=edge - minutes(1))

    assert refused.value.details == {"until": NOW - minutes(1)}
    assert await claimed(city, li, began=edge)


@pytest.mark.parametrize(("begins", "length"), [(-59, 60), (59, 30), (10, 5), (-10, 120), (0, 60), (59.99, 1)])
async def test_claim_that_overlaps_another_is_refused(city, li, begins, length):
    first = await claimed(city, li)

    with pytest.raises(ServiceOverlaps) as refused:
        await claimed(city, li, began=THEN + minutes(begins), minutes=length)

    assert refused.value.details == {"started_at": first.started_at, "ended_at": first.ended_at}
    assert await ServiceRecord.all().count() == 1


async def test_claim_next_to_another_is_accepted(city, li):
    await claimed(city, li)

    await claimed(city, li, began=THEN - minutes(30), minutes=30)
    await claimed(city, li, began=THEN + minutes(60), minutes=30)

    assert await ServiceRecord.all().count() == 3


async def test_claims_of_two_volunteers_may_overlap(city, li):
    await claimed(city, li)

    assert await claimed(city, await records.volunteer(city, "吴敏"))


async def test_time_of_a_declined_record_can_be_claimed_again(city, li):
    await records.decline(city, await claimed(city, li))

    again = await claimed(city, li)

    assert again.minutes == 60


async def test_claim_during_a_running_task_is_refused(city, li):
    task = await tasks.started(city, by=await Volunteer.get(person_id=li.id))
    later = task.started_at + minutes(90)

    with pytest.raises(ServiceOverlaps) as refused:
        await claimed(city, li, began=task.started_at - minutes(59), now=later)
    assert refused.value.details == {"started_at": task.started_at, "ended_at": None}

    assert await claimed(city, li, began=task.started_at - minutes(60), now=later)


async def test_claim_beyond_the_daily_limit_is_refused(city, li):
    await claimed(city, li, began=MIDNIGHT - minutes(1200), minutes=590)

    with pytest.raises(ServiceDayLimit) as refused:
        await claimed(city, li, began=MIDNIGHT - minutes(100), minutes=11)
    assert refused.value.details == {"day": date(2026, 3, 9), "left": 10}

    assert (await claimed(city, li, began=MIDNIGHT - minutes(100), minutes=10)).minutes == 10


async def test_claim_over_midnight_counts_on_both_days(city, li):
    await claimed(city, li, began=MIDNIGHT + minutes(30), minutes=570)
    await claimed(city, li, began=MIDNIGHT - minutes(1000), minutes=570)

    with pytest.raises(ServiceDayLimit):
        await claimed(city, li, began=MIDNIGHT - minutes(31), minutes=31)
    record = await claimed(city, li, began=MIDNIGHT - minutes(30), minutes=60)

    assert record.minutes == 60


async def test_daily_limit_counts_minutes_of_every_source(city, li):
    began = MIDNIGHT - minutes(1200)
    await records.record(city, li, began=began, minutes=700, ended_at=began + minutes(800))

    with pytest.raises(ServiceDayLimit) as refused:
        await claimed(city, li, began=MIDNIGHT - minutes(60), minutes=1)

    assert refused.value.details["left"] == 0


async def test_claim_beyond_the_monthly_limit_is_refused(city, li):
    for day in (7, 6):
        await claimed(city, li, began=THEN - timedelta(days=day), minutes=595)
    # Verified time, and another month's, does not count against it.
    await records.record(city, li, began=THEN - timedelta(days=2))
    await claimed(city, li, began=datetime(2026, 2, 20, 2, tzinfo=UTC), minutes=300)

    with pytest.raises(ServiceMonthLimit) as refused:
        await claimed(city, li, minutes=11)
    assert refused.value.details == {"month": "2026-03", "left": 10}

    assert await claimed(city, li, minutes=10)


async def test_claim_at_a_monthly_limit_of_zero_is_refused(city, li):
    await Policy.create(name="monthly_back_entry_minutes_limit", scope="city", value=0, source="测试")

    with pytest.raises(ServiceMonthLimit):
        await claimed(city, li, minutes=1)


async def test_photos_belong_to_the_claim(city, li):
    photo = await photos.add("b" * 40, owner_id=li.id, width=1, height=1, now=NOW)
    others = await photos.add("c" * 40, owner_id=city.grandma.id, width=1, height=1, now=NOW)

    record = await claimed(city, li, photo_ids=[photo.id])

    assert [one.id for one in (await queries.list_photos([record]))[subject_key(record.id)]] == [photo.id]
    with pytest.raises(PhotoNotAvailable):
        await claimed(city, li, began=THEN - minutes(90), photo_ids=[others.id])
    assert await ServiceRecord.all().count() == 1


async def test_claims_move_nothing_in_the_ledger(city, li):
    before = await records.written()

    await claimed(city, li)
    for wrong in ({"began": NOW}, {"began": THEN + minutes(59)}, {"minutes": 0}):
        with pytest.raises((ServiceNotOver, ServiceOverlaps, InvalidServiceTime)):
            await claimed(city, li, **wrong)

    assert await records.written() == before
    assert await factories.Person.filter(id=li.id).exists()
