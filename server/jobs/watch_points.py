"""Every night: is it time to announce which points lapse with the year?"""

from server.domain import daily_jobs
from server.jobs.context import JobContext
from server.models import Job


async def do(_: Job, tools: JobContext) -> None:
    """Have it announced when it is."""
    await daily_jobs.watch_points(now=tools.clock.now())
