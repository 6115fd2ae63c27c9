"""How tests have jobs done, and wait for what others do."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from server.domain import job_queue
from server.domain.needs import rerouting
from server.jobs import batches
from server.jobs.context import JobContext
from server.jobs.execution import run_next
from server.jobs.kinds import KINDS
from server.models import Job
from tests.conftest import NOW, FakeClock

MOST_JOBS = 500
PATIENCE_SECONDS = 300


async def work_off(context: JobContext) -> int:
    """Do everything that is due; how many jobs that were."""
    for done in range(MOST_JOBS):
        if not await run_next(context):
            return done
    raise AssertionError("jobs without end")


async def needs_follow(now: datetime = NOW) -> int:
    """Have needs follow a change of the set-up: do the due jobs that move them, and no others. Return how many."""
    context = JobContext(FakeClock(now), alarms=None, photo_store=None)  # type: ignore[arg-type]  # it uses neither
    due = Job.filter(kind=rerouting.JOB_KIND, state="waiting", due_at__lte=now).order_by("due_at", "id")
    for done in range(MOST_JOBS):
        job = await due.first()
        if job is None:
            return done
        lease = await job_queue.claim(job, kept=KINDS[job.kind].lease, now=now)
        assert lease is not None
        await batches.reroute_needs(job, context)
        await job_queue.finish(job, lease, now=now)
    raise AssertionError("jobs without end")


async def expect_soon(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds, and fail after a long wait."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        assert time.monotonic() < ends, "waited in vain"
        await asyncio.sleep(0.05)
