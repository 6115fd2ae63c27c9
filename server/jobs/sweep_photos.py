"""Every night: photos that nobody used."""

from server.domain import daily_jobs
from server.jobs.context import JobContext
from server.models import Job


async def do(_: Job, tools: JobContext) -> None:
    """Forget them and have their files deleted."""
    await daily_jobs.sweep_photos(now=tools.clock.now())
