"""The night is over: what became free meanwhile is offered to the line. The subject is the activity's id."""

from server.domain.bookings import waiting_list
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """Serve the activity's line."""
    await waiting_list.serve_by_id(int(job.subject), now=tools.clock.now())
