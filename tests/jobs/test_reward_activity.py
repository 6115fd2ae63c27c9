"""What the worker does for who came to an activity that is over."""

from server.database import db
from server.domain.activities import attendance_points
from server.models import Job, RuleKind
from tests.domain.activities.attending import came, finished
from tests.factories import points
from tests.factories.points import has
from tests.jobs.working import work_off


async def over(city):
    """An activity that gives five points, finished."""
    return await finished(city, rule=await points.rule(city, RuleKind.ACTIVITY))


@db.transaction
async def plan(activity, now):
    await attendance_points.schedule(activity, now)


async def test_the_worker_rewards_a_finished_activity_however_often_it_is_asked(city, context, clock):
    activity = await over(city)
    await came(activity, city.grandma)
    for _ in range(2):
        await plan(activity, clock.forward(minutes=1))
        await work_off(context)

    assert await has(city.grandma.id) == 5
    assert (await Job.get(kind="reward_activity")).state == "done"
