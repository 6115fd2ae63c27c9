"""Jobs: work due at a time. Rows are written with the change that makes them necessary; the worker claims them."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.errors import NotFound
from server.models import Job

DONE_KEPT = timedelta(days=30)
# No failure is waited for longer, and no job is anybody's for longer.
LONGEST_DELAY = timedelta(hours=1)
MOST_ATTEMPTS_COUNTED = 30_000


@dataclass(frozen=True)
class RetryPolicy:
    """How failures are borne: tried again after 2, 4, 8 … seconds, parked after the last of `attempts`, if any is."""

    attempts: int | None = 12
    longest_delay: timedelta = LONGEST_DELAY


async def plan(kind: str, subject: int | str, *, due: datetime) -> None:
    """Have a job done when due; planned again it only gets the new time."""
    if not await ensure(kind, subject, due=due):
        await Job.filter(kind=kind, subject=str(subject)).update(
            due_at=due, leased_until=due, lease="", attempts=0, state="waiting", trouble=""
        )


async def ensure(kind: str, subject: int | str, *, due: datetime) -> bool:
    """Have a job done when due, unless it is already known; whether it was not."""
    db.must_be_in_transaction()
    return await db.insert_or_nothing(
        "job",
        kind=kind,
        subject=str(subject),
        due_at=due,
        leased_until=due,
        lease="",
        attempts=0,
        state="waiting",
        trouble="",
    )


async def due(now: datetime, *, most: int, first: Collection[str] = ()) -> list[Job]:
    """Jobs that wait, are due, and nobody works on, oldest first; of the `first` kinds alone while there are some."""
    # A lease that reaches further was written by a clock that was ahead: waiting for it could leave a crisis unheard.
    free = Q(leased_until__lte=now) | Q(leased_until__gt=now + LONGEST_DELAY)
    waiting = Job.filter(free, state="waiting", due_at__lte=now).order_by("due_at").limit(most)
    pressing = await waiting.filter(kind__in=list(first)) if first else []
    return pressing or await waiting


@db.transaction
async def claim(job: Job, *, kept: timedelta, now: datetime) -> str | None:
    """Take the job for a while: the lease to finish it with, or None when another worker was faster.

    Should its worker die, the job is another's after `kept`.
    """
    lease = secrets.token_hex(8)
    taken = await Job.filter(
        id=job.id, state="waiting", lease=job.lease, due_at=job.due_at, leased_until=job.leased_until
    ).update(lease=lease, leased_until=now + kept, attempts=min(job.attempts + 1, MOST_ATTEMPTS_COUNTED))
    return lease if taken else None


@db.transaction
async def finish(job: Job, lease: str, *, now: datetime) -> bool:
    """Mark the job done, unless its verb planned it anew or the lease was lost; whether it was."""
    return await Job.filter(id=job.id, lease=lease).update(state="done", done_at=now, trouble="") > 0


@db.transaction
async def fail(job: Job, lease: str, trouble: str, *, patience: RetryPolicy, now: datetime) -> bool:
    """Try again later, later each time; after the last attempt park it. Returns whether it was parked."""
    tried = job.attempts + 1
    parked = patience.attempts is not None and tried >= patience.attempts
    # 2^20 seconds are beyond every longest delay.
    delay = min(timedelta(seconds=2 ** min(tried, 20)), patience.longest_delay)
    changed = await Job.filter(id=job.id, lease=lease).update(
        state="parked" if parked else "waiting", trouble=trouble[:300], lease="", leased_until=now + delay
    )
    return parked and changed > 0


async def parked() -> list[Job]:
    """Jobs that failed for good and wait for an operator, oldest first."""
    return await Job.filter(state="parked").order_by("due_at", "id")


@db.transaction
async def release(job_id: int, *, now: datetime) -> Job:
    """Have a parked job tried again at once, with all its attempts; NotFound for any other."""
    released = await Job.filter(id=job_id, state="parked").update(state="waiting", attempts=0, leased_until=now)
    if not released:
        raise NotFound(kind="job", ids=[job_id])
    return await Job.get(id=job_id)


@db.transaction
async def forget_done(*, now: datetime) -> int:
    """Delete jobs that are done and will not be asked for any more; returns how many."""
    return await Job.filter(state="done", due_at__lt=now - DONE_KEPT).delete()
