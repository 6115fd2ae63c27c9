"""An activity's time has come: remind people of it, or finish it. The subject is its id."""

from server.domain.activities import reminders
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do what is due for the activity."""
    await reminders.watch(int(job.subject), now=tools.clock.now())
