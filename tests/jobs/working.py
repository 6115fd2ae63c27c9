"""How tests have jobs done, and wait for what others do."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from server.jobs.context import JobContext
from server.jobs.execution import run_next

MOST_JOBS = 500
PATIENCE_SECONDS = 300


async def work_off(context: JobContext) -> int:
    """Do everything that is due; how many jobs that were."""
    for done in range(MOST_JOBS):
        if not await run_next(context):
            return done
    raise AssertionError("jobs without end")


async def expect_soon(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds, and fail after a long wait."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        assert time.monotonic() < ends, "waited in vain"
        await asyncio.sleep(0.05)
