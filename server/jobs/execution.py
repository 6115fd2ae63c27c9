"""Run one job: claim it, run it, record the result."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

from server.adapters.alarm_gateway import AlarmFailed
from server.domain import daily_jobs, job_queue, reference
from server.errors import Refusal
from server.jobs.context import JobContext
from server.jobs.kinds import KINDS, UNKNOWN, JobKind, Lane, kinds_of
from server.models import Job

log = logging.getLogger("server.jobs")

CANDIDATES = 10
SERVER = str(Path(__file__).parent.parent)

Started = Callable[[Job], object]


async def run_next(
    context: JobContext,
    lanes: Collection[Lane] = tuple(Lane),
    *,
    overdue: timedelta = timedelta(),
    started: Started = lambda _job: None,
) -> bool:
    """Run the oldest due job of the first lane that has one. Return False if no lane has one that is free.

    `overdue`: only a job that has been due for so long. `started` is called with the claimed job.
    """
    now = context.clock.now()
    for lane in lanes:
        is_crisis = lane is Lane.CRISES
        for job in await job_queue.due(
            now, most=CANDIDATES, kinds=kinds_of(lane), overdue=overdue, untried_first=is_crisis
        ):
            kind = KINDS.get(job.kind, UNKNOWN)
            lease = await job_queue.claim(job, kept=kind.lease, now=now)
            if lease is not None:
                job.lease = lease
                started(job)
                await _run(job, kind, context)
                return True
    return False


async def _run(job: Job, kind: JobKind, context: JobContext) -> None:
    try:
        async with asyncio.timeout(kind.seconds):
            await reference.refresh()
            if job.kind in daily_jobs.RECURRING:
                await daily_jobs.plan_next(job.kind, now=context.clock.now())
            await kind.run(job, context)
    except Exception as error:  # noqa: BLE001 - the job is retried after any error
        await _fail(job, kind, _reason(error), context)
    else:
        await job_queue.finish(job, job.lease, now=context.clock.now())
        if job.kind in daily_jobs.RECURRING:
            await job_queue.close_parked(job.kind, now=context.clock.now())


async def _fail(job: Job, kind: JobKind, reason: str, context: JobContext) -> None:
    if await job_queue.fail(job, job.lease, reason, retry=kind.retry, now=context.clock.now()):
        log.error("job %s %s %s is parked: %s", job.id, job.kind, job.subject, reason)
    else:
        level = logging.CRITICAL if kind.lane is Lane.CRISES else logging.INFO
        log.log(level, "job %s %s %s failed and is retried: %s", job.id, job.kind, job.subject, reason)


def _reason(error: Exception) -> str:
    """Return the error and its place in one line. Foreign error texts are left out: they may quote personal data."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(SERVER)]
    text = f" ({error})" if isinstance(error, AlarmFailed | Refusal) else ""
    return f"{type(error).__name__}{text} in {Path(ours[-1].filename).name}:{ours[-1].lineno}"
