"""An offer's time has come: it lapses, and the next in line are asked. The subject is its id."""

from server.domain.bookings import offers
from server.jobs.context import JobContext
from server.models import Job


async def do(job: Job, tools: JobContext) -> None:
    """End the offer if nobody answered."""
    await offers.expire(int(job.subject), now=tools.clock.now())
