"""Records from finished tasks, and their confirmation by the beneficiary."""

from datetime import timedelta

import pytest

from server.errors import InvalidRecordState, OwnServiceRecord
from server.models import Policy, RecordSource, RecordStatus, TaskStatus, Volunteer
from tests.factories import records, tasks
from tests.factories.records import of_task
from tests.factories.tasks import ENDS, STARTS


def minutes(number):
    return timedelta(minutes=number)


@pytest.fixture
async def li(city):
    return await records.volunteer(city)


async def volunteering(person):
    return await Volunteer.get(person_id=person.id)


async def test_time_between_check_in_and_check_out_is_verified(city, li):
    task = await tasks.finished(city, by=await volunteering(li), minutes=95)

    record = await of_task(task)

    assert (record.status, record.source, record.verified) == (RecordStatus.CLAIMED, RecordSource.TASK, True)
    assert (record.started_at, record.ended_at, record.minutes) == (STARTS, STARTS + minutes(95), 95)
    assert (record.volunteer_id, record.station_id, record.text) == (li.id, task.station_id, task.title)
    assert (await volunteering(li)).served_minutes == 0


async def test_nearly_full_day_counts_only_the_rest(city, li):
    await records.record(city, li, began=STARTS - minutes(570), minutes=570)

    record = await of_task(await tasks.finished(city, by=await volunteering(li), minutes=90))

    assert record.minutes == 30
    assert record.ended_at - record.started_at == minutes(90)


async def test_check_out_on_a_full_day_counts_nothing(city, li):
    await records.record(city, li, began=STARTS - minutes(600), minutes=600)

    task = await tasks.finished(city, by=await volunteering(li), minutes=90)

    assert (task.status, (await of_task(task)).minutes) == (TaskStatus.FINISHED, 0)


async def test_service_over_midnight_counts_on_both_days(city, li):
    """The service begins at ten in the evening; the first day is full, the second has nine and a half hours."""
    midnight = STARTS + minutes(14 * 60)
    evening = {"starts_at": midnight - minutes(120), "ends_at": midnight + minutes(120)}
    await records.record(city, li, began=midnight - minutes(780), minutes=600)
    await records.record(city, li, began=midnight + minutes(180), minutes=570)

    task = await tasks.published(city, **evening)
    record = await of_task(await tasks.finished(city, task, await volunteering(li), minutes=220))

    assert record.minutes == 30


async def grace(city, number):
    scope = f"station:{city.stations['邻玉社工站'].id}"
    await Policy.create(name="check_out_grace_minutes", scope=scope, value=number, source="测试")


async def test_forgotten_check_out_counts_until_an_hour_after_the_task(city, li):
    task = await tasks.finished(city, by=await volunteering(li), minutes=29 * 60)

    record = await of_task(task)

    assert (task.status, task.finished_at) == (TaskStatus.FINISHED, STARTS + minutes(29 * 60))
    assert (record.ended_at, record.minutes) == (ENDS + minutes(60), 180)


@pytest.mark.parametrize(("number", "counted"), [(0, 120), (30, 150), (31, 150)])
async def test_grace_after_the_task_is_the_stations_policy(city, li, number, counted):
    await grace(city, number)

    record = await of_task(await tasks.finished(city, by=await volunteering(li), minutes=150))

    assert (record.minutes, record.ended_at) == (counted, STARTS + minutes(counted))


async def test_record_is_at_most_a_day_long(city, li):
    await grace(city, 1440)
    task = await tasks.published(city, ends_at=STARTS + timedelta(days=1))

    record = await of_task(await tasks.finished(city, task, await volunteering(li), minutes=3 * 24 * 60))

    assert record.ended_at == STARTS + timedelta(days=1)
    assert record.minutes == 600 + 600


async def test_check_in_at_the_end_counts_nothing(city, li):
    await grace(city, 0)
    task = await tasks.confirmed(city, by=await volunteering(li))
    await tasks.check_in_out.check_in(task.id, by=li.id, now=ENDS)

    await tasks.check_in_out.check_out(task.id, by=li.id, now=ENDS + minutes(5))

    record = await of_task(task)
    assert (record.minutes, record.started_at, record.ended_at) == (0, ENDS, ENDS + minutes(5))


@pytest.mark.parametrize(
    ("others", "span"),
    [
        ([(-30, 31)], (1, 60)),
        ([(59, 30)], (0, 59)),
        ([(-30, 31), (50, 5)], (1, 50)),
        ([(10, 5), (20, 5)], (25, 60)),
        ([(-30, 30), (60, 30)], (0, 60)),
    ],
)
async def test_time_in_another_record_is_not_counted_again(city, li, others, span):
    for began, length in others:
        await records.record(city, li, began=STARTS + minutes(began), minutes=length)

    record = await of_task(await tasks.finished(city, by=await volunteering(li), minutes=60))

    assert (record.started_at, record.ended_at) == tuple(STARTS + minutes(number) for number in span)
    assert (record.minutes, record.counts) == (span[1] - span[0], 1)


async def test_service_entirely_in_another_record_counts_nothing(city, li):
    await records.record(city, li, began=STARTS - minutes(5), minutes=70)

    task = await tasks.finished(city, by=await volunteering(li), minutes=60)

    record = await of_task(task)
    assert (task.status, record.minutes, record.counts) == (TaskStatus.FINISHED, 0, None)
    assert (record.started_at, record.ended_at) == (STARTS, STARTS + minutes(60))


async def test_volunteer_banned_after_the_check_in_gets_a_record(city, li):
    task = await tasks.started(city, by=await volunteering(li))
    await Volunteer.filter(person_id=li.id).update(status="banned")

    await tasks.check_in_out.check_out(task.id, by=li.id, now=STARTS + minutes(60))

    assert (await of_task(task)).minutes == 60


async def test_beneficiary_confirms_once(city):
    task = await tasks.finished(city)

    record = await records.confirm(task, city.grandma.id)

    assert (record.status, record.confirmed_by_id) == (RecordStatus.CONFIRMED, city.grandma.id)
    assert (await of_task(task)).confirmed_at == records.LATER
    with pytest.raises(InvalidRecordState) as refused:
        await records.confirm(task, city.grandma.id)
    assert refused.value.details == {"status": RecordStatus.CONFIRMED}


async def test_volunteer_cannot_confirm_their_own_service(city, li):
    task = await tasks.finished(city, by=await volunteering(li))

    with pytest.raises(OwnServiceRecord):
        await records.confirm(task, li.id)

    assert (await of_task(task)).status == RecordStatus.CLAIMED
