"""What a finished task becomes, and what its beneficiary says to it."""

from datetime import timedelta

import pytest

from server.errors import OwnServiceRecord, RecordNotNow, ServiceOverlaps
from server.models import RecordSource, RecordStatus, ServiceRecord, Task, TaskStatus, Volunteer
from tests import make_records, make_tasks
from tests.make_records import of_task
from tests.make_tasks import STARTS


def minutes(number):
    return timedelta(minutes=number)


@pytest.fixture
async def li(city):
    return await make_records.volunteer(city)


async def volunteering(person):
    return await Volunteer.get(person_id=person.id)


async def test_the_time_between_check_in_and_check_out_is_verified(city, li):
    task = await make_tasks.finished(city, by=await volunteering(li), minutes=95)

    record = await of_task(task)

    assert (record.status, record.source, record.verified) == (RecordStatus.CLAIMED, RecordSource.TASK, True)
    assert (record.started_at, record.ended_at, record.minutes) == (STARTS, STARTS + minutes(95), 95)
    assert (record.volunteer_id, record.station_id, record.text) == (li.id, task.station_id, task.title)
    assert (await volunteering(li)).served_minutes == 0


async def test_of_a_day_that_is_nearly_full_only_the_rest_counts(city, li):
    await make_records.record(city, li, began=STARTS - minutes(570), minutes=570)

    record = await of_task(await make_tasks.finished(city, by=await volunteering(li), minutes=90))

    assert record.minutes == 30
    assert record.ended_at - record.started_at == minutes(90)


async def test_on_a_full_day_who_served_checks_out_all_the_same(city, li):
    await make_records.record(city, li, began=STARTS - minutes(600), minutes=600)

    task = await make_tasks.finished(city, by=await volunteering(li), minutes=90)

    assert (task.status, (await of_task(task)).minutes) == (TaskStatus.FINISHED, 0)


async def test_over_midnight_each_day_has_room_of_its_own(city, li):
    """From ten in the evening: the first day is full, of the next nine hours and a half are."""
    midnight = STARTS + minutes(14 * 60)
    evening = {"starts_at": midnight - minutes(120), "ends_at": midnight + minutes(120)}
    await make_records.record(city, li, began=midnight - minutes(780), minutes=600)
    await make_records.record(city, li, began=midnight + minutes(180), minutes=570)

    task = await make_tasks.published(city, **evening)
    record = await of_task(await make_tasks.finished(city, task, await volunteering(li), minutes=220))

    assert record.minutes == 30


async def test_who_forgot_to_check_out_has_served_a_day_at_most(city, li):
    task = await make_tasks.finished(city, by=await volunteering(li), minutes=3 * 24 * 60)

    record = await of_task(task)

    assert record.ended_at == STARTS + timedelta(days=1)
    assert record.minutes == 600 + 600


async def test_time_given_elsewhere_is_not_served_again(city, li):
    await make_records.record(city, li, began=STARTS + minutes(59), minutes=1)

    with pytest.raises(ServiceOverlaps):
        await make_tasks.finished(city, by=await volunteering(li), minutes=60)

    assert (await Task.get()).status == TaskStatus.STARTED
    assert await ServiceRecord.all().count() == 1


async def test_who_was_banned_meanwhile_has_served_all_the_same(city, li):
    task = await make_tasks.started(city, by=await volunteering(li))
    await Volunteer.filter(person_id=li.id).update(status="banned")

    await make_tasks.serving.finish(task.id, by=li.id, now=STARTS + minutes(60))

    assert (await of_task(task)).minutes == 60


async def test_whom_it_helped_confirms_it_once(city):
    task = await make_tasks.finished(city)

    record = await make_records.confirm(task, city.grandma.id)

    assert (record.status, record.confirmed_by_id) == (RecordStatus.CONFIRMED, city.grandma.id)
    assert (await of_task(task)).confirmed_at == make_records.LATER
    with pytest.raises(RecordNotNow) as refused:
        await make_records.confirm(task, city.grandma.id)
    assert refused.value.details == {"status": RecordStatus.CONFIRMED}


async def test_nobody_confirms_their_own_service(city, li):
    task = await make_tasks.finished(city, by=await volunteering(li))

    with pytest.raises(OwnServiceRecord):
        await make_records.confirm(task, li.id)

    assert (await of_task(task)).status == RecordStatus.CLAIMED
