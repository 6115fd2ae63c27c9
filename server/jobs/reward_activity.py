"""An activity is over: who came gets the points its rule gives. The subject is its id."""

from server.domain.activities import rewarding
from server.jobs.tools import Tools
from server.models import Job


async def do(job: Job, tools: Tools) -> None:
    """Go through everybody who came; done again, after a crash, it gives nothing twice."""
    after: int | None = 0
    while after is not None:
        after = await rewarding.reward(int(job.subject), after=after, now=tools.clock.now())
