"""The job that gives attendance points."""

from server.database import db
from server.domain.activities import attendance_points
from server.models import Job, RuleKind
from tests.factories import points
from tests.factories.attendance import add_attendee, finished_activity
from tests.factories.points import has
from tests.jobs.working import work_off


async def over(city):
    """Return a finished activity that gives five points."""
    return await finished_activity(city, rule=await points.rule(city, RuleKind.ACTIVITY))


@db.transaction
async def plan(activity, now):
    await attendance_points.schedule(activity, now)


async def test_repeated_job_gives_points_once(city, context, clock):
    activity = await over(city)
    await add_attendee(activity, city.grandma)
    for _ in range(2):
        await plan(activity, clock.forward(minutes=1))
        await work_off(context)

    assert await has(city.grandma.id) == 5
    assert (await Job.get(kind="reward_activity")).state == "done"
