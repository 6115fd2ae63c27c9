"""A task's time has come: end what nobody took on, ask after the rest, settle disputes. The subject is its id."""

from server.domain.tasks import reminders
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Do what is due for the task."""
    await reminders.do_due_actions(int(job.subject), now=tools.clock.now())
