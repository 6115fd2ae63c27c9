"""The job runner: runs due jobs one by one. Any number of runners may run, and each may be killed at any moment.

`python -m server.jobs.worker`. On SIGTERM it finishes the current job.
"""

import argparse
import asyncio
import contextlib
import logging
import signal

from server.adapters.clock import SystemClock
from server.database import db
from server.domain import daily_jobs
from server.jobs.context import JobContext, job_context
from server.jobs.execution import run_next
from server.jobs.kinds import KINDS
from server.logs import set_up_logging
from server.settings import Settings

log = logging.getLogger("server.jobs")

IDLE_SECONDS = 1
CONNECTIONS = 2
CONNECT_SECONDS = 10
# Longer than any job may take: a job that takes this long waits for a database that stopped answering.
STEP_SECONDS = max(kind.seconds for kind in KINDS.values()) + 30


class JobRunner:
    """Runs due jobs until it is stopped, also after the database was out of reach."""

    def __init__(self, database_url: str, context: JobContext) -> None:
        self._url = database_url
        self._context = context
        self._stopping = asyncio.Event()
        self._failing = False

    def stop(self) -> None:
        """Finish the current job and stop."""
        self._stopping.set()

    async def run(self) -> None:
        """Run jobs until stopped. While the database is out of reach, retry every second and log it once."""
        while not self._stopping.is_set():
            try:
                await self._connected()
            except Exception as error:  # noqa: BLE001 - the next try may succeed
                self._log_change(f"{type(error).__name__} on the way to the database")
                await self._pause()

    async def _connected(self) -> None:
        stack = contextlib.AsyncExitStack()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.enter_async_context(db.connected(self._url, CONNECTIONS))
                await daily_jobs.seed(now=self._context.clock.now())
            await self._work()
        finally:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.aclose()

    async def _work(self) -> None:
        while not self._stopping.is_set():
            async with asyncio.timeout(STEP_SECONDS):
                found = await run_next(self._context)
            self._log_change("")
            if not found:
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._stopping.wait()

    def _log_change(self, error: str) -> None:
        """Log the first error and the recovery, not each error in between."""
        if bool(error) != self._failing:
            log.log(logging.ERROR if error else logging.INFO, error or "working again")
        self._failing = bool(error)


async def _work(settings: Settings) -> None:
    context = job_context(settings, SystemClock())
    runner = JobRunner(settings.database_url, context)
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
