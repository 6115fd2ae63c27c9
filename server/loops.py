"""Loops that run beside requests and jobs. They start with their process, outside of every transaction.

Besides `handlers/http/executor.py` this is the only place that starts a task.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("server.loops")

Loop = Callable[[], Awaitable[None]]


async def run_together(*loops: Loop) -> None:
    """Run loops beside each other until all have ended. The first error of one cancels the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:  # noqa: TID251 - the loops of a process
            for loop in loops:
                group.create_task(_awaited(loop))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _awaited(loop: Loop) -> None:
    await loop()


async def pause(until: asyncio.Event, seconds: float) -> None:
    """Wait so many seconds, or until the event."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()


class Repeated:
    """A step that is repeated beside everything else until it is stopped. A step that fails is repeated too."""

    def __init__(self, step: Loop, *, every_seconds: float, limit_seconds: float) -> None:
        self._step = step
        self._every_seconds = every_seconds
        self._limit_seconds = limit_seconds
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    def start(self) -> None:
        """Begin with the first step."""
        self._task = asyncio.create_task(self._run())  # noqa: TID251 - the loop of a process

    async def stop(self, seconds: float) -> None:
        """Wait so long for the step at hand, then cancel it."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)
            self._task.cancel()
            await asyncio.wait([self._task], timeout=seconds)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(self._limit_seconds):
                    await self._step()
            except Exception as error:  # noqa: BLE001 - the next step may succeed
                self._log_change(type(error).__name__)
            else:
                self._log_change("")
            await pause(self._stopping, self._every_seconds)

    def _log_change(self, error: str) -> None:
        """Log the first error and the recovery, not each error in between."""
        if bool(error) != self._failing:
            log.log(logging.ERROR if error else logging.INFO, "watching jobs: %s", error or "working again")
        self._failing = bool(error)
