"""Run each request's work in a task of its own, safe from phones that disconnect.

Besides `server/loops.py`, which starts the loops of a process, it is the only place that starts a task.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from server.errors import Busy, OutcomeUnknown

R = TypeVar("R")


class Slots:
    """Places for work, each given to the request that waited longest.

    Pleas have a line of their own. While both lines are long, places go to them in turn: neither waits for ever.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._usual: deque[asyncio.Future[None]] = deque()
        self._first: deque[asyncio.Future[None]] = deque()
        self._turn_of_usual = False

    def locked(self) -> bool:
        return self._free == 0

    async def acquire(self, *, first: bool) -> None:
        if self._free:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._first if first else self._usual
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place in line:
                line.remove(place)
            elif not place.cancelled():  # it was given a place in the same moment
                self.release()
            raise

    def release(self) -> None:
        for line in (self._usual, self._first) if self._turn_of_usual else (self._first, self._usual):
            while line:
                place = line.popleft()
                if not place.cancelled():
                    self._turn_of_usual = line is self._first
                    place.set_result(None)
                    return
        self._free += 1


class RequestExecutor:
    """Runs the work of requests, at most `limit` at a time, none longer than `deadline_seconds`.

    Sanic cancels a handler whose client is gone, and a cancelled BEGIN loses a connection of the pool for good. So the
    work runs in a shielded task of its own. `limit` is no larger than the pool, so that no work waits for a
    connection. At most `waiting` requests wait here instead; the next one is refused as `Busy`. A plea is not refused,
    and waits in a line of its own.
    """

    def __init__(self, *, limit: int, waiting: int, deadline_seconds: float) -> None:
        self._slots = Slots(limit)
        self._waiting_limit = waiting
        self._waiting = 0
        self._deadline_seconds = deadline_seconds
        self._tasks: set[asyncio.Task[object]] = set()
        # While the instance leaves, requests are still served, and each answer closes its connection.
        self.is_leaving = False
        self._stopped = False

    async def run(self, work: Callable[[], Awaitable[R]], *, changes: bool, is_plea: bool = False) -> R:
        """Return the result of `work`.

        Raises `Busy` if the queue is full, and after the deadline `Busy`, or `OutcomeUnknown` if it `changes` data.
        """
        async with self._queued(is_plea=is_plea):
            # From here on the slot belongs to the task, which may outlive the request.
            await self._slots.acquire(first=is_plea)
        if self._stopped:
            self._slots.release()
            raise Busy
        task: asyncio.Task[R] = asyncio.create_task(self._within_deadline(work, changes=changes))  # noqa: TID251
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    @contextlib.asynccontextmanager
    async def _queued(self, *, is_plea: bool) -> AsyncIterator[None]:
        if self._slots.locked() and self._waiting >= self._waiting_limit and not is_plea:
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
        except (TimeoutError, asyncio.CancelledError) as error:  # only `give_up` cancels it
            raise (OutcomeUnknown if changes else Busy) from error

    def _finished(self, task: "asyncio.Task[object]") -> None:
        self._tasks.discard(task)
        self._slots.release()
        if not task.cancelled():
            task.exception()  # read it, so that asyncio does not warn: the request may be gone

    def give_up(self) -> int:
        """Start no more work and cancel what is running. Return how much was cancelled."""
        self._stopped = True
        unfinished = [task for task in self._tasks if not task.done()]
        for task in unfinished:
            task.cancel()
        return len(unfinished)

    async def drain(self, seconds: float) -> int:
        """Wait at most `seconds` until all running work is done. Return how much was given up."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        return self.give_up()
