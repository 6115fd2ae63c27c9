"""Check-in and check-out, and the confirmation of the service by the beneficiary or by staff who called them."""

from datetime import timedelta

import pytest

from server.domain.needs import timeline
from server.domain.tasks import check_in_out, service_confirmation
from server.domain.volunteers import bans
from server.errors import (
    DeadlinePassed,
    InvalidRecordState,
    InvalidTaskState,
    NoBeneficiary,
    NotFound,
    OwnNeed,
    OwnTask,
    TaskOverlaps,
    TaskTooEarly,
    VolunteerRequired,
)
from server.models import Need, Notice, Person, RecordStatus, ServiceRecord, TaskStatus, Volunteer
from tests.conftest import NOW
from tests.factories import tasks
from tests.factories.tasks import ENDS, STARTS

WEEK = timedelta(days=7)


async def test_time_between_check_in_and_check_out_is_recorded(city):
    task = await tasks.finished(city, minutes=75)

    record = await ServiceRecord.get(task_id=task.id)
    assert (record.minutes, record.verified, record.volunteer_id) == (75, True, task.volunteer_id)
    assert (record.started_at, record.ended_at) == (STARTS, STARTS + timedelta(minutes=75))
    assert await Notice.exists(person_id=city.grandma.id, template="need_service_to_confirm")


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [(STARTS - timedelta(minutes=60, seconds=1), TaskTooEarly), (ENDS + timedelta(seconds=1), DeadlinePassed)],
)
async def test_check_in_too_early_or_too_late_is_refused(city, moment, refusal):
    task = await tasks.confirmed(city)

    with pytest.raises(refusal):
        await check_in_out.check_in(task.id, by=task.volunteer_id, now=moment)


@pytest.mark.parametrize("moment", [STARTS - timedelta(minutes=60), ENDS])
async def test_check_in_an_hour_early_or_at_the_end_is_accepted(city, moment):
    task = await tasks.confirmed(city)

    assert (await check_in_out.check_in(task.id, by=task.volunteer_id, now=moment)).started_at == moment


async def test_check_in_by_anyone_but_the_confirmed_volunteer_is_refused(city):
    task = await tasks.claimed(city)

    with pytest.raises(InvalidTaskState):
        await check_in_out.check_in(task.id, by=task.volunteer_id, now=STARTS)
    with pytest.raises(NotFound):
        await check_in_out.check_in(task.id, by=city.grandma.id, now=STARTS)


async def test_check_in_during_another_task_is_refused(city):
    """Both tasks may be started in the hour before; only one could become a service record."""
    li = await tasks.volunteer(city)
    first = await tasks.confirmed(city, by=li)
    later = {"starts_at": ENDS, "ends_at": ENDS + timedelta(hours=2)}
    second = await tasks.confirmed(city, await tasks.station_task(city, **later), li)
    await check_in_out.check_in(first.id, by=li.person_id, now=ENDS)

    with pytest.raises(TaskOverlaps):
        await check_in_out.check_in(second.id, by=li.person_id, now=ENDS)
    await check_in_out.check_out(first.id, by=li.person_id, now=ENDS + timedelta(minutes=5))

    begun = await check_in_out.check_in(second.id, by=li.person_id, now=ENDS + timedelta(minutes=5))
    assert begun.status == TaskStatus.STARTED


async def test_banned_volunteer_cannot_check_in_but_can_check_out(city):
    waiting, serving_now = await tasks.confirmed(city), await tasks.station_task(city)
    zhou = await tasks.volunteer(city, "周小明")
    await tasks.started(city, serving_now, zhou)
    for one in (zhou, await Volunteer.get(person_id=waiting.volunteer_id)):
        await bans.ban(one.id, reason="多次失约", by=city.staff["赵站长"], now=NOW)

    with pytest.raises(VolunteerRequired):
        await check_in_out.check_in(waiting.id, by=waiting.volunteer_id, now=STARTS)
    assert (await check_in_out.check_out(serving_now.id, by=zhou.person_id, now=ENDS)).status == TaskStatus.FINISHED


async def test_check_out_takes_a_minute_and_happens_once(city):
    task = await tasks.started(city)
    with pytest.raises(TaskTooEarly):
        await check_in_out.check_out(task.id, by=task.volunteer_id, now=STARTS + timedelta(seconds=59))

    await check_in_out.check_out(task.id, by=task.volunteer_id, now=STARTS + timedelta(minutes=1))

    with pytest.raises(InvalidTaskState):
        await check_in_out.check_out(task.id, by=task.volunteer_id, now=ENDS)
    assert [one.minutes for one in await ServiceRecord.all()] == [1]


async def test_resident_confirms_the_service_once(city):
    task = await tasks.finished(city)

    await service_confirmation.confirm_by_beneficiary(task.id, by=city.grandma.id, now=ENDS)

    record = await ServiceRecord.get(task_id=task.id)
    assert (record.status, record.confirmed_by_id) == (RecordStatus.CONFIRMED, city.grandma.id)
    assert await Notice.exists(person_id=city.staff["陈社工"].person_id, template="service_confirmed")
    with pytest.raises(InvalidRecordState):
        await service_confirmation.confirm_by_beneficiary(task.id, by=city.grandma.id, now=ENDS)


async def test_confirmation_by_another_person_or_before_the_end_is_refused(city):
    task = await tasks.started(city)

    with pytest.raises(InvalidTaskState):
        await service_confirmation.confirm_by_beneficiary(task.id, by=city.grandma.id, now=ENDS)
    for person_id in (task.volunteer_id, city.staff["陈社工"].person_id):
        with pytest.raises(NotFound):
            await service_confirmation.confirm_by_beneficiary(task.id, by=person_id, now=ENDS)


async def by_staff(city, task, name="陈社工", now=ENDS):
    return await service_confirmation.confirm_by_staff(task.id, how="电话核实", by=city.staff[name], now=now)


async def test_staff_confirm_at_once_for_a_resident_without_wechat(city):
    await Person.filter(id=city.grandma.id).update(openid=None)
    task = await tasks.finished(city)

    await by_staff(city, task)

    assert (await ServiceRecord.get(task_id=task.id)).confirmed_by_id == city.staff["陈社工"].person_id
    said = (await timeline.list_entries(await Need.get(id=task.need_id), for_staff=False))[-1].text
    assert said == "工作人员已与您核实，代为确认了志愿者的服务。"


async def test_staff_confirm_for_a_resident_with_wechat_only_after_long_silence(city):
    task = await tasks.finished(city)
    with pytest.raises(TaskTooEarly) as refused:
        await by_staff(city, task)

    possible_from = refused.value.details["possible_from"]

    assert possible_from == task.finished_at + WEEK
    assert await by_staff(city, task, now=possible_from)


async def test_staff_close_to_either_side_cannot_confirm(city):
    task = await tasks.finished(city)
    await tasks.household(task.volunteer_id, city.staff["林社工"].person_id)

    with pytest.raises(OwnTask):
        await by_staff(city, task, "林社工", now=ENDS + WEEK)


async def test_staff_cannot_confirm_a_service_to_themselves(city):
    need = await tasks.accepted_need(city, by=city.staff["林社工"].person_id, area_id=city.areas["团结村"].id)
    task = await tasks.finished(city, await tasks.published(city, need))

    with pytest.raises(OwnNeed):
        await by_staff(city, task, "林社工", now=ENDS + WEEK)


async def test_station_task_has_no_beneficiary_to_confirm_it(city):
    task = await tasks.finished(city, await tasks.station_task(city))

    with pytest.raises(NoBeneficiary):
        await by_staff(city, task)
    with pytest.raises(NotFound):
        await service_confirmation.confirm_by_beneficiary(task.id, by=city.grandma.id, now=ENDS)
