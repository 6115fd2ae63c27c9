"""Every day: is a year's calendar missing?"""

from server.domain import chores
from server.jobs.tools import Tools
from server.models import Job


async def do(_: Job, tools: Tools) -> None:
    """Tell officers of missing years and have an alarm sounded."""
    await chores.check_calendar(now=tools.clock.now())
