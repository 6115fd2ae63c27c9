"""A station has closed: its volunteers belong to another. The subject is the station's id."""

from server.domain.volunteers import moving
from server.jobs.tools import Tools
from server.models import Job


async def do(job: Job, tools: Tools) -> None:
    """Do it for each that is left."""
    await moving.leave_closed(int(job.subject), now=tools.clock.now())
