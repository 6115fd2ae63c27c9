"""An activity is over: who came gets the points its rule gives. The subject is its id."""

from server.domain.activities import attendance_points
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Go through everybody who came; done again, after a crash, it gives nothing twice."""
    after: int | None = 0
    while after is not None:
        after = await attendance_points.reward(int(job.subject), after=after, now=tools.clock.now())
