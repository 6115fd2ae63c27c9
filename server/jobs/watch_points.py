"""Every night: is it time to announce which points lapse with the year?"""

from server.domain import daily_jobs
from server.jobs.context import Tools
from server.models import Job


async def do(_: Job, tools: Tools) -> None:
    """Have it announced when it is."""
    await daily_jobs.watch_points(now=tools.clock.now())
