"""The job queue: work that is due at a time. A verb plans a job in its own transaction; a job runner claims it."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import Q

from server.database import db
from server.errors import NotFound
from server.models import Job

DONE_KEPT = timedelta(days=30)
# The longest retry delay and the longest lease.
LONGEST_DELAY = timedelta(hours=1)
MOST_ATTEMPTS_COUNTED = 30_000


@dataclass(frozen=True)
class RetryPolicy:
    """Retries after 2, 4, 8 … seconds. After `attempts` failures the job is parked; None means never."""

    attempts: int | None = 12
    longest_delay: timedelta = LONGEST_DELAY


async def plan(kind: str, subject: int | str, *, due: datetime) -> None:
    """Plan a job for a time. A job that is planned already only gets the new time."""
    await db.insert_or_update("job", {"kind": kind, "subject": str(subject)}, **_waiting(due))


async def ensure(kind: str, subject: int | str, *, due: datetime) -> bool:
    """Plan a job unless it is planned already. Return whether it was new."""
    db.require_transaction()
    return await db.insert_or_nothing("job", kind=kind, subject=str(subject), **_waiting(due))


def _waiting(due: datetime) -> dict[str, Any]:
    return {
        "due_at": due,
        "leased_until": due,
        "lease": "",
        "attempts": 0,
        "state": "waiting",
        "last_error": "",
    }


async def due(now: datetime, *, most: int, first: Collection[str] = ()) -> list[Job]:
    """Return waiting jobs that are due and not leased, oldest first; only the `first` kinds if there are any."""
    # A longer lease was written by a clock that was ahead. Waiting for it could delay a crisis alarm.
    free = Q(leased_until__lte=now) | Q(leased_until__gt=now + LONGEST_DELAY)
    waiting = Job.filter(free, state="waiting", due_at__lte=now).order_by("due_at").limit(most)
    urgent = await waiting.filter(kind__in=list(first)) if first else []
    return urgent or await waiting


@db.transaction
async def claim(job: Job, *, kept: timedelta, now: datetime) -> str | None:
    """Claim the job for `kept`. Return the lease to finish it with, or None if another runner was faster.

    If the runner dies, another may claim the job after `kept`.
    """
    lease = secrets.token_hex(8)
    taken = await Job.filter(
        id=job.id, state="waiting", lease=job.lease, due_at=job.due_at, leased_until=job.leased_until
    ).update(lease=lease, leased_until=now + kept, attempts=min(job.attempts + 1, MOST_ATTEMPTS_COUNTED))
    return lease if taken else None


@db.transaction
async def finish(job: Job, lease: str, *, now: datetime) -> bool:
    """Mark the job done, unless its verb planned it again or the lease was lost. Return whether it was marked."""
    return await Job.filter(id=job.id, lease=lease).update(state="done", done_at=now, last_error="") > 0


@db.transaction
async def fail(job: Job, lease: str, error: str, *, retry: RetryPolicy, now: datetime) -> bool:
    """Plan a retry with a growing delay, or park the job after the last attempt. Return whether it was parked."""
    tried = job.attempts + 1
    parked = retry.attempts is not None and tried >= retry.attempts
    # 2^20 seconds are beyond every longest delay.
    delay = min(timedelta(seconds=2 ** min(tried, 20)), retry.longest_delay)
    changed = await Job.filter(id=job.id, lease=lease).update(
        state="parked" if parked else "waiting", last_error=error[:300], lease="", leased_until=now + delay
    )
    return parked and changed > 0


async def parked() -> list[Job]:
    """Return parked jobs, which wait for an administrator, oldest first."""
    return await Job.filter(state="parked").order_by("due_at", "id")


@db.transaction
async def release(job_id: int, *, now: datetime) -> Job:
    """Retry a parked job at once, with all its attempts. Raises `NotFound` for any other job."""
    released = await Job.filter(id=job_id, state="parked").update(state="waiting", attempts=0, leased_until=now)
    if not released:
        raise NotFound(kind="job", ids=[job_id])
    return await Job.get(id=job_id)


@db.transaction
async def forget_done(*, now: datetime) -> int:
    """Delete old jobs that are done. Return how many."""
    return await Job.filter(state="done", due_at__lt=now - DONE_KEPT).delete()
