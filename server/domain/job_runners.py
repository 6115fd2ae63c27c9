"""Job runners: each has a row with its heartbeat, from which all other processes know whether jobs are run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.models import JobRunnerHeartbeat

# A runner that has not beaten for so long is hung, stopped, or cut off from the database.
ALIVE = timedelta(seconds=30)
# A heartbeat of the future was written by a wrong clock, and would hide for hours that its runner died.
CLOCKS_DIFFER = timedelta(seconds=60)
KEPT = timedelta(days=1)
DOING_LENGTH = 300


@dataclass(frozen=True)
class Identity:
    """A running job runner: its row, where it runs, and since when."""

    id: int
    label: str
    started_at: datetime


@db.transaction
async def beat(runner: Identity, doing: str, *, now: datetime) -> None:
    """Write the runner's heartbeat, and what it is doing."""
    values = {"label": runner.label, "started_at": runner.started_at, "beat_at": now, "doing": doing[:DOING_LENGTH]}
    await db.insert_or_update("job_runner_heartbeat", {"id": runner.id}, **values)


@db.transaction
async def leave(runner: Identity) -> None:
    """Delete the row of a runner that stops."""
    await JobRunnerHeartbeat.filter(id=runner.id).delete()


@db.transaction
async def forget_old(*, now: datetime) -> int:
    """Delete the rows of runners that were last seen a day ago. Return how many."""
    return await JobRunnerHeartbeat.filter(beat_at__lt=now - KEPT).delete()


async def list_all() -> list[JobRunnerHeartbeat]:
    """Return every runner that was seen lately, dead or alive, the newest heartbeat first."""
    return await JobRunnerHeartbeat.all().order_by("-beat_at")


async def newest_beat(*, now: datetime) -> datetime | None:
    """Return the newest heartbeat of any runner, or None."""
    found = await JobRunnerHeartbeat.filter(beat_at__lte=now + CLOCKS_DIFFER).order_by("-beat_at").first()
    return found.beat_at if found else None


async def is_any_alive(*, now: datetime) -> bool:
    """Return whether a job runner has beaten in the last half minute."""
    newest = await newest_beat(now=now)
    return newest is not None and is_alive(newest, now=now)


def is_alive(beat_at: datetime, *, now: datetime) -> bool:
    """Return whether a runner with this heartbeat runs."""
    return now - ALIVE <= beat_at <= now + CLOCKS_DIFFER
