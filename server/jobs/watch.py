"""Watch over the job runners from an instance of the server, and ring in their place if nobody else does."""

import logging
from datetime import timedelta
from functools import partial

from server.domain import job_queue, job_runners, policies, reference
from server.jobs.context import JobContext
from server.jobs.execution import run_next
from server.jobs.kinds import Lane
from server.jobs.metrics import JobMetrics
from server.loops import Repeated, run_together
from server.models import Job

log = logging.getLogger("server.jobs")

LOOK_SECONDS = 5
LIMIT_SECONDS = 60
# Each takes at most `alarms.CRISIS_SECONDS`, and two connections for a moment.
RINGS_AT_ONCE = 3
MOST_RINGS = 2


class JobWatch:
    """Looks every few seconds for crisis alarms that no job runner sounds, and counts jobs for the metrics.

    A crisis alarm that is overdue is claimed as a job runner claims it. So it rings once, with the same key, whichever
    process wakes up meanwhile.
    """

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._metrics = JobMetrics(context.clock)

    def repeated(self) -> Repeated:
        """Return the loop of this watch."""
        return Repeated(self.look, every_seconds=LOOK_SECONDS, limit_seconds=LIMIT_SECONDS)

    async def look(self) -> None:
        """Ring what is overdue, then count."""
        await reference.refresh()
        overdue = timedelta(seconds=await policies.number("crisis_takeover_seconds"))
        await run_together(*[partial(self._ring, overdue)] * RINGS_AT_ONCE)
        now = self._context.clock.now()
        self._metrics.show(await job_runners.newest_beat(now=now), await job_queue.count_by_kind(now=now))

    async def _ring(self, overdue: timedelta) -> None:
        """Ring for some overdue crises, but not so many that the count waits: the next look goes on."""
        for _ in range(MOST_RINGS):
            if not await run_next(self._context, [Lane.CRISES], overdue=overdue, started=_log):
                return


def _log(job: Job) -> None:
    log.critical("no job runner has run %s %s in time: this instance does", job.kind, job.subject)
