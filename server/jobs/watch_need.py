"""A need's time has come: remind, escalate 督办, close what stayed silent. The subject is the need's id."""

from server.domain.needs import schedule
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do what is due for the need."""
    await schedule.run_due_steps(int(job.subject), now=tools.clock.now())
