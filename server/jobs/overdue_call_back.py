"""A call back 回访 should have been made by now: remind the heads. The subject is its id."""

from server.domain.satisfaction import call_backs
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Remind the heads while nobody called."""
    await call_backs.remind_overdue(int(job.subject), now=tools.clock.now())
