"""A volunteer was banned: their tasks go back to all others. The subject is the volunteer's id."""

from server.domain.tasks import release
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do it for each that is left."""
    await release.free_tasks_of(int(job.subject), now=tools.clock.now())
