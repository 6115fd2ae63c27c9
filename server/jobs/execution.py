"""Doing one job: claim it, do it, and say how it went."""

import asyncio
import logging
import traceback
from pathlib import Path

from server.adapters.alarm_gateway import AlarmFailed
from server.domain import job_queue
from server.errors import Refusal
from server.jobs.context import JobContext
from server.jobs.kinds import KINDS, PRESSING, UNKNOWN, Kind
from server.models import Job

log = logging.getLogger("server.jobs")

LOOKED_AT = 10
SERVER = str(Path(__file__).parent.parent)


async def do_next(tools: JobContext) -> bool:
    """Do the most pressing job that is due; False when there is none, or others were faster each time."""
    now = tools.clock.now()
    for job in await job_queue.due(now, most=LOOKED_AT, first=PRESSING):
        kind = KINDS.get(job.kind, UNKNOWN)
        lease = await job_queue.claim(job, kept=kind.lease, now=now)
        if lease is not None:
            await _do(job, kind, lease, tools)
            return True
    return False


async def _do(job: Job, kind: Kind, lease: str, tools: JobContext) -> None:
    try:
        async with asyncio.timeout(kind.seconds):
            await kind.do(job, tools)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, it is tried again
        await _failed(job, kind, lease, _trouble(error), tools)
    else:
        await job_queue.finish(job, lease, now=tools.clock.now())


async def _failed(job: Job, kind: Kind, lease: str, trouble: str, tools: JobContext) -> None:
    if await job_queue.fail(job, lease, trouble, patience=kind.patience, now=tools.clock.now()):
        log.error("job %s %s %s is parked: %s", job.id, job.kind, job.subject, trouble)
    else:
        level = logging.CRITICAL if kind.pressing else logging.INFO
        log.log(level, "job %s %s %s failed and is tried again: %s", job.id, job.kind, job.subject, trouble)


def _trouble(error: Exception) -> str:
    """What went wrong and where, in one line; texts of others are left out, for they quote what people told us."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(SERVER)]
    said = f" ({error})" if isinstance(error, AlarmFailed | Refusal) else ""
    return f"{type(error).__name__}{said} in {Path(ours[-1].filename).name}:{ours[-1].lineno}"
