"""The job runner: runs due jobs. Any number of runners may run, and each may be killed at any moment.

`python -m server.jobs.worker`. On SIGTERM it finishes the jobs it has.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
from functools import partial

from server.adapters.clock import SystemClock
from server.adapters.watchdog import Watchdog
from server.database import db
from server.domain import daily_jobs, job_runners
from server.domain.job_runners import Identity
from server.jobs.context import JobContext, job_context
from server.jobs.execution import run_next
from server.jobs.kinds import KINDS, Lane
from server.logs import set_up_logging
from server.loops import pause, run_together
from server.models import Job
from server.models.fields import new_id
from server.settings import Settings

log = logging.getLogger("server.jobs")

IDLE_SECONDS = 1
BEAT_SECONDS = 5
# Calls of the alarm gateway at once: pleas of one account ring at five stations, and must not delay another's ring.
RINGS_AT_ONCE = 6
# Each server of a lane has a transaction and may read beside it; a heartbeat needs one.
CONNECTIONS = 2 * (len(Lane) - 1 + RINGS_AT_ONCE) + 1
CONNECT_SECONDS = 10
# Longer than any job of the lane may take: one that takes this long waits for a database that stopped answering.
STEP_SECONDS = {lane: 30 + max(kind.seconds for kind in KINDS.values() if kind.lane is lane) for lane in Lane}


class JobRunner:
    """Runs due jobs until it is stopped, also after the database was out of reach."""

    def __init__(self, database_url: str, context: JobContext, watchdog: Watchdog | None = None) -> None:
        self._url = database_url
        self._context = context
        self._watchdog = watchdog or Watchdog("")
        self._stopping = asyncio.Event()
        self._last_lane_ended = asyncio.Event()
        self._failing: dict[str, bool] = {}
        self._doing: dict[Lane, list[str]] = {lane: [] for lane in Lane}
        # Its row tells where it runs. The id is new with each start.
        self._identity = Identity(new_id(), f"{socket.gethostname()}:{os.getpid()}"[:100], context.clock.now())

    def stop(self) -> None:
        """Finish the current jobs and stop."""
        self._stopping.set()

    async def run(self) -> None:
        """Run jobs until stopped. While the database is out of reach, retry every second and log it once."""
        while not self._stopping.is_set():
            self._watchdog.say_alive()
            try:
                await self._connected()
            except Exception as error:  # noqa: BLE001 - the next try may succeed
                self._log_change(f"{type(error).__name__} on the way to the database")
                await pause(self._stopping, IDLE_SECONDS)

    async def _connected(self) -> None:
        stack = contextlib.AsyncExitStack()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.enter_async_context(db.connected(self._url, CONNECTIONS))
                await daily_jobs.seed(now=self._context.clock.now())
                await job_runners.forget_old(now=self._context.clock.now())
            self._last_lane_ended.clear()
            await run_together(
                partial(self._serve, Lane.CRISES, self._last_lane_ended),
                *[partial(self._serve, Lane.CRISES, self._last_lane_ended, spare=True)] * (RINGS_AT_ONCE - 1),
                partial(self._serve, Lane.TIMELY, self._last_lane_ended),
                self._serve_others,
                self._beat,
            )
        finally:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.aclose()

    async def _serve_others(self) -> None:
        """Run the jobs that may take long. Crises, offers and deadlines are served until the last of them is done."""
        await self._serve(Lane.OTHERS, self._stopping)
        self._last_lane_ended.set()

    async def _serve(self, lane: Lane, until: asyncio.Event, *, spare: bool = False) -> None:
        """Run the due jobs of the lane one by one; a `spare` server only while another one runs a job."""
        while not until.is_set():
            if (spare and not self._doing[lane]) or not await self._step(lane):
                await pause(until, IDLE_SECONDS)

    async def _step(self, lane: Lane) -> bool:
        """Run a job of the lane, if one is due. Only an error in the lane of crises connects again.

        What fails in another lane must not cancel a ringing.
        """
        doing: list[str] = []
        try:
            async with asyncio.timeout(STEP_SECONDS[lane]):
                found = await run_next(self._context, [lane], started=partial(self._note, lane, doing))
        except Exception as error:
            if lane is Lane.CRISES:
                raise
            self._log_change(f"{type(error).__name__} on the way to the next of {lane}", lane)
            return False
        finally:
            for job in doing:
                self._doing[lane].remove(job)
        self._log_change("", "" if lane is Lane.CRISES else lane)
        return found

    def _note(self, lane: Lane, doing: list[str], job: Job) -> None:
        doing.append(f"{job.kind} {job.subject} since {self._context.clock.now():%H:%M:%S} UTC")
        self._doing[lane].extend(doing)

    async def _beat(self) -> None:
        while not self._last_lane_ended.is_set():
            self._watchdog.say_alive()
            doing = "; ".join(f"{lane}: {', '.join(self._doing[lane]) or 'idle'}" for lane in Lane)
            # A heartbeat that is missing says enough.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(BEAT_SECONDS):
                    await job_runners.beat(self._identity, doing, now=self._context.clock.now())
            await pause(self._last_lane_ended, BEAT_SECONDS)
        await job_runners.leave(self._identity)

    def _log_change(self, error: str, where: str = "") -> None:
        """Log the first error of a lane and its recovery, not each error in between."""
        if bool(error) != self._failing.get(where, False):
            log.log(logging.ERROR if error else logging.INFO, error or f"working again {where}".strip())
        self._failing[where] = bool(error)


async def _work(settings: Settings) -> None:
    context = job_context(settings, SystemClock())
    runner = JobRunner(settings.database_url, context, Watchdog(settings.notify_socket))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, runner.stop)
    log.info("the job runner runs")
    try:
        await runner.run()
    finally:
        await context.close()
    log.info("the job runner stops")


def main() -> None:
    """Work until SIGTERM or Ctrl-C."""
    argparse.ArgumentParser(prog="scripts/worker", description=__doc__).parse_args()
    settings = Settings.from_environment()
    set_up_logging(settings.log_level)
    asyncio.run(_work(settings))


if __name__ == "__main__":
    main()
