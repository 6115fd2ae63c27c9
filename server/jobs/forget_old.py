"""Every night: idempotency keys and finished jobs that nobody asks for any more."""

from server.domain import daily_jobs
from server.jobs.context import JobContext
from server.models import Job


async def do(_: Job, tools: JobContext) -> None:
    """Delete them."""
    await daily_jobs.forget_old(now=tools.clock.now())
