"""The worker looks after tasks: each look plans the next one."""

from datetime import timedelta

from server.models import Task, TaskStatus
from tests.factories import tasks
from tests.factories.tasks import ENDS
from tests.jobs.working import work_off


async def test_the_worker_ends_what_nobody_took_on(city, context, clock):
    task = await tasks.published(city)
    clock.set(ENDS)

    await work_off(context)

    assert (await Task.get(id=task.id)).status == TaskStatus.CANCELLED


async def test_from_look_to_look_the_worker_comes_to_what_was_held_too_long(city, context, clock):
    await tasks.finished(city, await tasks.paid_by_grandma(city))

    for days in (0, 7, 60):
        clock.set(ENDS + timedelta(days=days))
        await work_off(context)

    assert (await tasks.minutes_of(city.grandma.id)).held == 0
