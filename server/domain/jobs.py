"""Jobs: work due at a time. Rows are written with the change that makes them necessary; the worker claims them."""

import secrets
from datetime import datetime, timedelta

from server import db
from server.models import Job

LEASE = timedelta(minutes=2)
ATTEMPTS = 12
LONGEST_DELAY = timedelta(hours=1)


async def plan(kind: str, subject: int | str, *, due: datetime) -> None:
    """Have a job done when due; planned again it only gets the new time."""
    db.must_be_in_transaction()
    subject = str(subject)
    planned = await db.insert_or_nothing(
        "job", kind=kind, subject=subject, due_at=due, leased_until=due, lease="", attempts=0, state="waiting", trouble=""
    )  # fmt: skip
    if not planned:
        await Job.filter(kind=kind, subject=subject).update(
            due_at=due, leased_until=due, lease="", attempts=0, state="waiting", trouble=""
        )


async def due(now: datetime, *, most: int) -> list[Job]:
    """Jobs that wait, are due, and nobody works on; oldest first."""
    return await Job.filter(state="waiting", due_at__lte=now, leased_until__lte=now).order_by("due_at").limit(most)


@db.transaction
async def claim(job: Job, *, now: datetime) -> str | None:
    """Take the job for a while: the lease to finish it with, or None when another worker was faster."""
    lease = secrets.token_hex(8)
    taken = await Job.filter(
        id=job.id, state="waiting", lease=job.lease, attempts=job.attempts, leased_until__lte=now
    ).update(lease=lease, leased_until=now + LEASE, attempts=job.attempts + 1)
    return lease if taken else None


@db.transaction
async def finish(job: Job, lease: str, *, now: datetime) -> bool:
    """Mark the job done, unless its verb planned it anew or the lease was lost."""
    return bool(await Job.filter(id=job.id, lease=lease).update(state="done", done_at=now, trouble=""))


@db.transaction
async def fail(job: Job, lease: str, trouble: str, *, now: datetime) -> bool:
    """Try again later, later each time; after the last attempt park it. Returns whether it was parked."""
    parked = job.attempts + 1 >= ATTEMPTS
    delay = min(timedelta(seconds=2 ** (job.attempts + 1)), LONGEST_DELAY)
    await Job.filter(id=job.id, lease=lease).update(
        state="parked" if parked else "waiting", trouble=trouble[:300], lease="", leased_until=now + delay
    )
    return parked


async def parked() -> list[Job]:
    """Jobs that failed for good and wait for an operator."""
    return await Job.filter(state="parked").order_by("due_at")
