"""Run one job: claim it, run it, record the result."""

import asyncio
import logging
import traceback
from pathlib import Path

from server.adapters.alarm_gateway import AlarmFailed
from server.domain import job_queue, reference
from server.errors import Refusal
from server.jobs.context import JobContext
from server.jobs.kinds import KINDS, UNKNOWN, URGENT, JobKind
from server.models import Job

log = logging.getLogger("server.jobs")

CANDIDATES = 10
SERVER = str(Path(__file__).parent.parent)


async def run_next(context: JobContext) -> bool:
    """Run the most urgent job that is due. Return False if there is none, or other runners claimed them all."""
    now = context.clock.now()
    for job in await job_queue.due(now, most=CANDIDATES, first=URGENT):
        kind = KINDS.get(job.kind, UNKNOWN)
        lease = await job_queue.claim(job, kept=kind.lease, now=now)
        if lease is not None:
            await _run(job, kind, lease, context)
            return True
    return False


async def _run(job: Job, kind: JobKind, lease: str, context: JobContext) -> None:
    try:
        async with asyncio.timeout(kind.seconds):
            await reference.refresh()
            await kind.run(job, context)
    except Exception as error:  # noqa: BLE001 - the job is retried after any error
        await _fail(job, kind, lease, _reason(error), context)
    else:
        await job_queue.finish(job, lease, now=context.clock.now())


async def _fail(job: Job, kind: JobKind, lease: str, reason: str, context: JobContext) -> None:
    if await job_queue.fail(job, lease, reason, retry=kind.retry, now=context.clock.now()):
        log.error("job %s %s %s is parked: %s", job.id, job.kind, job.subject, reason)
    else:
        level = logging.CRITICAL if kind.urgent else logging.INFO
        log.log(level, "job %s %s %s failed and is retried: %s", job.id, job.kind, job.subject, reason)


def _reason(error: Exception) -> str:
    """Return the error and its place in one line. Foreign error texts are left out: they may quote personal data."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(SERVER)]
    text = f" ({error})" if isinstance(error, AlarmFailed | Refusal) else ""
    return f"{type(error).__name__}{text} in {Path(ours[-1].filename).name}:{ours[-1].lineno}"
