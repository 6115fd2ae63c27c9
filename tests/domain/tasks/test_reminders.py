"""What the worker does when a task's time comes."""

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
async def test_what_nobody_was_confirmed_for_ends_when_its_time_is_over(city, claimed):
    task = await tasks.paid_by_grandma(city)
    if claimed:
        await tasks.claimed(city, task)

    await reminders.do_due_actions(task.id, now=ENDS - timedelta(seconds=1))
    assert await status(task) != TaskStatus.CANCELLED
    await reminders.do_due_actions(task.id, now=ENDS)

    assert await status(task) == TaskStatus.CANCELLED
    assert (await tasks.minutes_of(city.grandma.id)).held == 0


@pytest.mark.parametrize(("reach", "kind"), [(tasks.confirmed, "unbegun"), (tasks.started, "unended")])
async def test_who_neither_comes_nor_leaves_is_asked_after_once(city, reach, kind):
    task = await reach(city)
    await reminders.do_due_actions(task.id, now=ENDS)
    assert (await told(city, f"task_{kind}"), await due(task)) == (0, ENDS + DAY)

    for _ in range(2):
        await reminders.do_due_actions(task.id, now=ENDS + DAY)

    assert await told(city, f"task_{kind}") == 1
    assert [line.kind for line in await list_events(task.id)].count(kind) == 1


async def test_a_silent_resident_is_asked_after_once(city):
    task = await tasks.finished(city)
    await reminders.do_due_actions(task.id, now=ENDS)
    assert await due(task) == task.finished_at + WEEK

    for _ in range(2):
        await reminders.do_due_actions(task.id, now=task.finished_at + WEEK)

    assert await told(city, "task_silent") == 1


async def test_nobody_is_asked_after_who_confirmed_or_whom_a_wish_does_not_have(city):
    done = await tasks.finished(city)
    await service_confirmation.confirm_by_beneficiary(done.id, by=city.grandma.id, now=ENDS)
    wish = await tasks.wish(city, starts_at=ENDS, ends_at=ENDS + timedelta(hours=2))
    own = await tasks.finished(city, wish, await tasks.volunteer(city, "周小明"))

    for task in (done, own):
        await reminders.do_due_actions(task.id, now=ENDS + WEEK * 2)

    assert await told(city, "task_silent") == 0


async def test_minutes_that_were_held_too_long_go_back_and_the_resident_reads_so(city):
    task = await tasks.finished(city, await tasks.paid_by_grandma(city))
    await reminders.do_due_actions(task.id, now=ENDS + WEEK)
    assert await due(task) == ENDS + timedelta(days=60)

    for _ in range(2):
        await reminders.do_due_actions(task.id, now=ENDS + timedelta(days=60))

    assert (await tasks.minutes_of(city.grandma.id)).spendable == 100
    assert [line.kind for line in await list_events(task.id)].count("payment_expired") == 1


async def test_a_dispute_nobody_decided_waits_for_no_moment(city):
    task = await tasks.finished(city)
    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)

    await reminders.do_due_actions(task.id, now=ENDS + DAY)

    assert (await status(task), await due(task)) == (TaskStatus.DISPUTED, ENDS)


async def test_where_nobody_works_the_officers_are_told(city):
    task = await tasks.confirmed(city)
    await Role.filter(station_id=task.station_id).update(current=None)

    await reminders.do_due_actions(task.id, now=ENDS + DAY)

    notice = await Notice.get(person_id=city.staff["冯科长"].person_id, template="task_unbegun")
    assert notice.body.startswith("邻玉社工站还没有工作人员。")


async def test_a_station_without_a_head_leaves_a_dispute_to_who_can_appoint_one(city):
    task = await tasks.finished(city)
    await Role.filter(station_id=task.station_id).update(current=None)

    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)

    assert await Notice.exists(person_id=city.staff["冯科长"].person_id, template="dispute_to_decide")


async def test_a_volunteer_without_a_name_is_still_a_volunteer(city):
    li = await tasks.volunteer(city)
    await Person.filter(id=li.person_id).update(name=None)

    task = await claims.claim((await tasks.published(city)).id, by=li.person_id, now=NOW)

    assert task.status == TaskStatus.CLAIMED
