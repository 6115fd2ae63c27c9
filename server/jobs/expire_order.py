"""An order's time has come: a reminder the day before, then it expires. The subject is its id."""

from server.domain.orders import cancellation
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do what is due for the order."""
    await cancellation.watch(int(job.subject), now=tools.clock.now())
