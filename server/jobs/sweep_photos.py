"""Every night: photos that nobody used."""

from server.domain import chores
from server.jobs.tools import Tools
from server.models import Job


async def do(_: Job, tools: Tools) -> None:
    """Forget them and have their files deleted."""
    await chores.sweep_photos(now=tools.clock.now())
