"""Every night: is it time to announce which points lapse with the year?"""

from server.domain import chores
from server.jobs.tools import Tools
from server.models import Job


async def do(_: Job, tools: Tools) -> None:
    """Have it announced when it is."""
    await chores.watch_points(now=tools.clock.now())
