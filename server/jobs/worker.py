"""The worker: does due jobs, one after the other. Any number may run; each may be killed at any moment.

`python -m server.jobs.worker`. SIGTERM lets it finish the job in hand.
"""

import argparse
import asyncio
import contextlib
import logging
import signal

from server.adapters.clock import SystemClock
from server.database import db
from server.domain import daily_jobs
from server.jobs.context import JobContext, tools_of
from server.jobs.execution import do_next
from server.jobs.kinds import KINDS
from server.logs import set_up_logging
from server.settings import Settings

log = logging.getLogger("server.jobs")

IDLE_SECONDS = 1
CONNECTIONS = 2
CONNECT_SECONDS = 10
# Beyond what any job may take: who is not done by then waits for a database that stopped answering.
STEP_SECONDS = max(kind.seconds for kind in KINDS.values()) + 30


class Worker:
    """Does due jobs until told to stop, whatever happens to the database meanwhile."""

    def __init__(self, database_url: str, tools: JobContext) -> None:
        self._url = database_url
        self._tools = tools
        self._stopping = asyncio.Event()
        self._troubled = False

    def stop(self) -> None:
        """Finish the job in hand and leave."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until told to stop; while the database is out of reach, try again every second and log it once."""
        while not self._stopping.is_set():
            try:
                await self._connected()
            except Exception as error:  # noqa: BLE001 - the next try may do
                self._tell(f"{type(error).__name__} on the way to the database")
                await self._pause()

    async def _connected(self) -> None:
        stack = contextlib.AsyncExitStack()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.enter_async_context(db.connected(self._url, CONNECTIONS))
                await daily_jobs.seed(now=self._tools.clock.now())
            await self._work()
        finally:
            async with asyncio.timeout(CONNECT_SECONDS):
                await stack.aclose()

    async def _work(self) -> None:
        while not self._stopping.is_set():
            async with asyncio.timeout(STEP_SECONDS):
                found = await do_next(self._tools)
            self._tell("")
            if not found:
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._stopping.wait()

    def _tell(self, trouble: str) -> None:
        """Log that a trouble began, whatever others it turns into, and that it is over."""
        if bool(trouble) != self._troubled:
            log.log(logging.ERROR if trouble else logging.INFO, trouble or "working again")
        self._troubled = bool(trouble)


async def _work(settings: Settings) -> None:
    tools = tools_of(settings, SystemClock())
    worker = Worker(settings.database_url, tools)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.stop)
    log.info("the worker works")
    try:
        await worker.run()
    finally:
        await tools.close()
    log.info("the worker leaves")


def main() -> None:
    """Work until SIGTERM or Ctrl-C."""
    argparse.ArgumentParser(prog="scripts/worker", description=__doc__).parse_args()
    settings = Settings.from_environment()
    set_up_logging(settings.log_level)
    asyncio.run(_work(settings))


if __name__ == "__main__":
    main()
