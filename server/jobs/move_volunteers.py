"""A station has closed: its volunteers belong to another. The subject is the station's id."""

from server.domain.volunteers import station_change
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do it for each that is left."""
    await station_change.leave_closed(int(job.subject), now=tools.clock.now())
