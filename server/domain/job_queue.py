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
MOST_CLOSED = 100
# A job that is due for so long, and that no runner has, is late.
OVERDUE = timedelta(minutes=1)
COUNT_SQL = "SELECT kind, state, COUNT(*) jobs FROM job WHERE state IN ('waiting', 'parked') GROUP BY kind, state"
COUNT_OVERDUE_SQL = """
    SELECT kind, 'overdue' state, COUNT(*) jobs FROM job
    WHERE state = 'waiting' AND due_at <= ? AND leased_until <= ? GROUP BY kind
"""


@dataclass(frozen=True)
class RetryPolicy:
    """Retries after 2, 4, 8 … seconds. After `attempts` failures the job is parked; None means never."""

    attempts: int | None = 12
    longest_delay: timedelta = LONGEST_DELAY


async def plan(kind: str, subject: int | str, *, due: datetime, behind: int = 0) -> None:
    """Plan a job for a time. A job that is planned already only gets the new time.

    `behind`: where untried jobs come first, it comes after those with so many attempts.
    """
    await db.insert_or_update("job", {"kind": kind, "subject": str(subject)}, **_waiting(due) | {"attempts": behind})


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


@dataclass(frozen=True)
class Kinds:
    """Some kinds of jobs: those with these names, or all but those."""

    names: Collection[str] = ()
    excluded: bool = True

    @property
    def condition(self) -> Q:
        if self.excluded and not self.names:
            return Q()
        return ~Q(kind__in=list(self.names)) if self.excluded else Q(kind__in=list(self.names))


EVERY_KIND = Kinds()


async def due(
    now: datetime,
    *,
    most: int,
    kinds: Kinds = EVERY_KIND,
    overdue: timedelta = timedelta(),
    untried_first: bool = False,
) -> list[Job]:
    """Return waiting jobs of the kinds that are due and not leased, oldest first; only those due for `overdue`.

    `untried_first`: those with fewer attempts come before older ones, so that jobs which fail again and again delay no
    new one.
    """
    waiting = Job.filter(_free(now), kinds.condition, state="waiting", due_at__lte=now - overdue)
    return await waiting.order_by(*(["attempts"] if untried_first else []), "due_at").limit(most)


def _free(now: datetime) -> Q:
    # A longer lease was written by a clock that was ahead. Waiting for it could delay a crisis alarm.
    return Q(leased_until__lte=now) | Q(leased_until__gt=now + LONGEST_DELAY)


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
async def renew(job: Job, *, kept: timedelta, now: datetime) -> str | None:
    """Keep the claimed job for `kept` from now on. Return the new lease, or None if another runner has claimed it."""
    lease = secrets.token_hex(8)
    taken = await Job.filter(id=job.id, state="waiting", lease=job.lease).update(lease=lease, leased_until=now + kept)
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
async def retry_parked(*, but: Collection[str], now: datetime) -> int:
    """Try each parked job once more, except those of some kinds. Return how many."""
    parked = Job.filter(Kinds(but).condition, state="parked")
    return await parked.update(state="waiting", lease="", leased_until=now)


@db.transaction
async def close_parked(kind: str, *, now: datetime) -> int:
    """Mark the parked jobs of a kind done, because a later one of them has succeeded. Return how many."""
    parked = await Job.filter(kind=kind, state="parked").order_by("due_at").limit(MOST_CLOSED)
    ids = [job.id for job in parked]
    return await Job.filter(id__in=ids, state="parked").update(state="done", done_at=now) if ids else 0


@dataclass(frozen=True)
class JobCount:
    """How many jobs of a kind wait for their time, are late, and are parked."""

    kind: str
    waiting: int
    overdue: int
    parked: int


async def count_by_kind(*, now: datetime) -> list[JobCount]:
    """Return the counts of every kind that has a job. A job that a runner has, or retries, is not overdue."""
    states: dict[str, dict[str, int]] = {}
    _, rows = await db.execute(COUNT_SQL)
    _, late = await db.execute(COUNT_OVERDUE_SQL, [now - OVERDUE, now])
    for row in (*rows, *late):
        states.setdefault(row["kind"], {})[row["state"]] = row["jobs"]
    return [
        JobCount(kind, found.get("waiting", 0), found.get("overdue", 0), found.get("parked", 0))
        for kind, found in sorted(states.items())
    ]


@db.transaction
async def forget_done(*, now: datetime) -> int:
    """Delete old jobs that are done. Return how many."""
    return await Job.filter(state="done", due_at__lt=now - DONE_KEPT).delete()
