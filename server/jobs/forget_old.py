"""Every night: idempotency keys and finished jobs that nobody asks for any more."""

from server.domain import chores
from server.jobs.tools import Tools
from server.models import Job


async def do(_: Job, tools: Tools) -> None:
    """Delete them."""
    await chores.forget_old(now=tools.clock.now())
