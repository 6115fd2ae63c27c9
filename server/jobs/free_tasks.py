"""A volunteer was banned: their tasks go back to all others. The subject is the volunteer's id."""

from server.domain.tasks import claims
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do it for each that is left."""
    await claims.release_claims_of_banned(int(job.subject), now=tools.clock.now())
