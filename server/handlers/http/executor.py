"""The one place that starts a task: each request's work, safe from phones that hang up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from server.errors import Busy, OutcomeUnknown

R = TypeVar("R")


class RequestExecutor:
    """Runs the work of requests, at most `at_once` at a time, none longer than `deadline_seconds`.

    Sanic cancels a handler whose client is gone, and a cancelled BEGIN costs the pool a connection for good: so the
    work runs in a task of its own, shielded. `at_once` is no larger than the pool, so nobody ever waits for a
    connection; at most `waiting` requests wait here instead, one more is told Busy.
    """

    def __init__(self, *, at_once: int, waiting: int, deadline_seconds: float) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._may_wait = waiting
        self._waiting = 0
        self._deadline_seconds = deadline_seconds
        self._tasks: set[asyncio.Task[object]] = set()
        self.is_leaving = False  # asked to end: everybody is served still, and goes elsewhere the next time
        self._over = False

    async def run(self, work: Callable[[], Awaitable[R]], *, changes: bool) -> R:
        """The result of `work`; Busy when full, and after the deadline Busy, or OutcomeUnknown when it `changes`."""
        async with self._turn():
            # The place belongs to the task from here on: it may outlive the request.
            await self._places.acquire()
        if self._over:
            self._places.release()
            raise Busy
        task: asyncio.Task[R] = asyncio.create_task(self._within_deadline(work, changes=changes))  # noqa: TID251
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._places.locked() and self._waiting >= self._may_wait:
            raise Busy
        self._waiting += 1
        try:
            async with asyncio.timeout(self._deadline_seconds):
                yield
        except TimeoutError as error:
            raise Busy from error
        finally:
            self._waiting -= 1

    async def _within_deadline(self, work: Callable[[], Awaitable[R]], *, changes: bool) -> R:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await work()
        except (TimeoutError, asyncio.CancelledError) as error:  # nobody but `give_up` cancels it
            raise (OutcomeUnknown if changes else Busy) from error

    def _finished(self, task: "asyncio.Task[object]") -> None:
        self._tasks.discard(task)
        self._places.release()
        if not task.cancelled():
            task.exception()  # nobody may be left to hear it

    def give_up(self) -> int:
        """Begin nothing more and end what is under way, which is told so; returns how much there was."""
        self._over = True
        unfinished = [task for task in self._tasks if not task.done()]
        for task in unfinished:
            task.cancel()
        return len(unfinished)

    async def drain(self, seconds: float) -> int:
        """Wait until all work under way is done, at most so long; returns how much was given up."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return self.give_up()
