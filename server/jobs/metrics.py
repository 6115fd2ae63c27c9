"""Prometheus metrics of the job runners and their jobs, as an instance of the server sees them."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import Gauge

from server.adapters.clock import Clock
from server.domain.job_queue import JobCount

AGE = Gauge("job_runner_heartbeat_age_seconds", "Seconds since any job runner gave its last sign of life")
JOBS = Gauge("jobs", "Jobs that wait for their time, are overdue, or are parked", ["kind", "state"])

NEVER = float("inf")


class JobMetrics:
    """The figures that were seen last. The age grows on while the database is out of reach."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: datetime | None = None
        self._kinds: set[str] = set()
        AGE.set_function(self._age)

    def _age(self) -> float:
        return (self._clock.now() - self._newest).total_seconds() if self._newest else NEVER

    def show(self, newest: datetime | None, counts: Sequence[JobCount]) -> None:
        """Show the newest heartbeat of any job runner, and the jobs of each kind."""
        self._newest = newest or self._newest
        for gone in self._kinds - {one.kind for one in counts}:
            self._count(JobCount(gone, 0, 0, 0))
        for one in counts:
            self._count(one)
        self._kinds |= {one.kind for one in counts}

    def _count(self, counted: JobCount) -> None:
        for state in ("waiting", "overdue", "parked"):
            JOBS.labels(counted.kind, state).set(getattr(counted, state))
