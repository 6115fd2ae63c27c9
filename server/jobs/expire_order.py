"""An order's time has come: a reminder the day before, then it expires. The subject is its id."""

from server.domain.orders import ending
from server.jobs.tools import Tools
from server.models import Job


async def do(job: Job, tools: Tools) -> None:
    """Do what is due for the order."""
    await ending.watch(int(job.subject), now=tools.clock.now())
