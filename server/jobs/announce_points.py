"""30 days before points lapse: their owners are told. The subject is the year and where a batch of accounts begins."""

from server.domain.points import expiry
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Tell the owners of the batch; the next one follows at once."""
    await expiry.announce(job.subject, now=tools.clock.now())
