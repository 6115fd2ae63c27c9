"""The job of a task: each run schedules the next one."""

from datetime import timedelta

from server.models import Task, TaskStatus
from tests.factories import tasks
from tests.factories.tasks import ENDS
from tests.jobs.working import work_off


async def test_unclaimed_task_ends(city, context, clock):
    task = await tasks.published(city)
    clock.set(ENDS)

    await work_off(context)

    assert (await Task.get(id=task.id)).status == TaskStatus.CANCELLED


async def test_job_runs_until_the_hold_expires(city, context, clock):
    await tasks.finished(city, await tasks.paid_by_grandma(city))

    for days in (0, 7, 60):
        clock.set(ENDS + timedelta(days=days))
        await work_off(context)

    assert (await tasks.minutes_of(city.grandma.id)).held == 0
