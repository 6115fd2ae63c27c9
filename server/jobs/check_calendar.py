"""Every day: is a year's calendar missing?"""

from server.domain import daily_jobs
from server.jobs.context import JobContext
from server.models import Job


async def do(_: Job, tools: JobContext) -> None:
    """Tell officers of missing years and have an alarm sounded."""
    await daily_jobs.check_calendar(now=tools.clock.now())
