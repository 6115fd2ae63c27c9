"""A need closed in silence: draw by lot whether somebody calls back 回访. The subject is the need's id."""

from server.domain.satisfaction import call_backs
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Draw the lot."""
    await call_backs.draw_for_closed(int(job.subject), now=tools.clock.now())
