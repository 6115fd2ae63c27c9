"""A public notice 公示 has ended: what nobody objected to is given. The subject is its id."""

from server.domain.points import public_notices
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Give the next lines; the rest of a long list follows at once."""
    await public_notices.end(int(job.subject), now=tools.clock.now())
