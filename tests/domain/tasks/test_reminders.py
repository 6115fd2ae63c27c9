"""Due actions on tasks: ending, reminders to the station, release of holds."""

from datetime import timedelta

import pytest

from server.domain.tasks import claims, disputes, reminders, service_confirmation
from server.domain.tasks.disputes import Statement
from server.domain.tasks.timeline import list_events
from server.models import Job, Notice, Person, Role, Task, TaskStatus
from tests.conftest import NOW
from tests.factories import tasks
from tests.factories.tasks import ENDS

DAY, WEEK = timedelta(days=1), timedelta(days=7)


async def told(city, template):
    return await Notice.filter(person_id=city.staff["陈社工"].person_id, template=template).count()


async def status(task):
    return (await Task.get(id=task.id)).status


async def due(task):
    return (await Job.get(kind="watch_task", subject=str(task.id))).due_at


@pytest.mark.parametrize("claimed", [False, True])
async def test_task_without_confirmed_volunteer_ends_with_its_time(city, claimed):
    task = await tasks.paid_by_grandma(city)
    if claimed:
        await tasks.claimed(city, task)

    await reminders.do_due_actions(task.id, now=ENDS - timedelta(seconds=1))
    assert await status(task) != TaskStatus.CANCELLED
    await reminders.do_due_actions(task.id, now=ENDS)

    assert await status(task) == TaskStatus.CANCELLED
    assert (await tasks.minutes_of(city.grandma.id)).held == 0


@pytest.mark.parametrize(("reach", "kind"), [(tasks.confirmed, "not_started"), (tasks.started, "not_finished")])
async def test_missing_check_in_or_check_out_reminds_the_station_once(city, reach, kind):
    task = await reach(city)
    await reminders.do_due_actions(task.id, now=ENDS)
    assert (await told(city, f"task_{kind}"), await due(task)) == (0, ENDS + DAY)

    for _ in range(2):
        await reminders.do_due_actions(task.id, now=ENDS + DAY)

    assert await told(city, f"task_{kind}") == 1
    assert [line.kind for line in await list_events(task.id)].count(kind) == 1


async def test_silent_resident_reminds_the_station_once(city):
    task = await tasks.finished(city)
    await reminders.do_due_actions(task.id, now=ENDS)
    assert await due(task) == task.finished_at + WEEK

    for _ in range(2):
        await reminders.do_due_actions(task.id, now=task.finished_at + WEEK)

    assert await told(city, "task_unconfirmed") == 1


async def test_confirmed_service_and_station_task_remind_nobody(city):
    done = await tasks.finished(city)
    await service_confirmation.confirm_by_beneficiary(done.id, by=city.grandma.id, now=ENDS)
    wish = await tasks.station_task(city, starts_at=ENDS, ends_at=ENDS + timedelta(hours=2))
    own = await tasks.finished(city, wish, await tasks.volunteer(city, "周小明"))

    for task in (done, own):
        await reminders.do_due_actions(task.id, now=ENDS + WEEK * 2)

    assert await told(city, "task_unconfirmed") == 0


async def test_expired_hold_is_released_and_the_resident_reads_it(city):
    task = await tasks.finished(city, await tasks.paid_by_grandma(city))
    await reminders.do_due_actions(task.id, now=ENDS + WEEK)
    assert await due(task) == ENDS + timedelta(days=60)

    for _ in range(2):
        await reminders.do_due_actions(task.id, now=ENDS + timedelta(days=60))

    assert (await tasks.minutes_of(city.grandma.id)).spendable == 100
    assert [line.kind for line in await list_events(task.id)].count("payment_expired") == 1


async def test_undecided_dispute_schedules_nothing(city):
    task = await tasks.finished(city)
    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)

    await reminders.do_due_actions(task.id, now=ENDS + DAY)

    assert (await status(task), await due(task)) == (TaskStatus.DISPUTED, ENDS)


async def test_reminder_of_a_station_without_workers_goes_to_the_officers(city):
    task = await tasks.confirmed(city)
    await Role.filter(station_id=task.station_id).update(current=None)

    await reminders.do_due_actions(task.id, now=ENDS + DAY)

    notice = await Notice.get(person_id=city.staff["冯科长"].person_id, template="task_not_started")
    assert notice.body.startswith("邻玉社工站目前没有工作人员，请您代为办理。")


async def test_dispute_at_a_station_without_head_goes_to_the_officers(city):
    task = await tasks.finished(city)
    await Role.filter(station_id=task.station_id).update(current=None)

    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)

    assert await Notice.exists(person_id=city.staff["冯科长"].person_id, template="dispute_to_decide")


async def test_volunteer_without_a_name_can_claim(city):
    li = await tasks.volunteer(city)
    await Person.filter(id=li.person_id).update(name=None)

    task = await claims.claim((await tasks.published(city)).id, by=li.person_id, now=NOW)

    assert task.status == TaskStatus.CLAIMED
