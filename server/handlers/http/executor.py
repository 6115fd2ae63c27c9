"""Run each request's work in a task of its own, safe from phones that disconnect.

Besides `server/loops.py`, which starts the loops of a process, it is the only place that starts a task.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from server.errors import Busy, OutcomeUnknown

R = TypeVar("R")


class Slots:
    """Places for work, each given to the request that waited longest.

    Each writer of pleas has a line of their own. The writers take turns, and one plea of each is served at a time: who
    sends a thousand does not delay those of others. While pleas and usual requests wait, places go to them in turn.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._usual: deque[asyncio.Future[None]] = deque()
        # By writer, in the order of their turns. A writer who waits for nothing has no line.
        self._pleas: dict[str, deque[asyncio.Future[None]]] = {}
        self._served: set[str] = set()
        self._turn_of_usual = False

    def locked(self) -> bool:
        return self._free == 0

    async def acquire(self, writer: str | None) -> None:
        """Wait for a place; `writer` is who writes the plea, None for a usual request."""
        if self._free and writer not in self._served:
            self._free -= 1
            if writer is not None:
                self._served.add(writer)
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._usual if writer is None else self._pleas.setdefault(writer, deque())
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            # A place that is cancelled in its line is passed over. This one was given a place in the same moment.
            if not place.cancelled():
                self.release(writer)
            raise

    def release(self, writer: str | None) -> None:
        """Give back the place that `acquire` gave to the same writer."""
        self._served -= {writer}
        self._free += 1
        for give in (self._to_usual, self._to_plea) if self._turn_of_usual else (self._to_plea, self._to_usual):
            if give():
                self._free -= 1
                self._turn_of_usual = give == self._to_plea
                return

    def _to_usual(self) -> bool:
        return _give_to_first(self._usual)

    def _to_plea(self) -> bool:
        for writer, line in list(self._pleas.items()):
            if writer in self._served:
                continue
            del self._pleas[writer]
            given = _give_to_first(line)
            if line:
                self._pleas[writer] = line  # behind the other writers
            if given:
                self._served.add(writer)
                return True
        return False


def _give_to_first(line: deque[asyncio.Future[None]]) -> bool:
    """Give a place to the first of the line that still waits. Return False if nobody does."""
    while line:
        place = line.popleft()
        if not place.cancelled():
            place.set_result(None)
            return True
    return False


class RequestExecutor:
    """Runs the work of requests, at most `limit` at a time, none longer than `deadline_seconds`.

    Sanic cancels a handler whose client is gone, and a cancelled BEGIN loses a connection of the pool for good. So the
    work runs in a shielded task of its own. `limit` is no larger than the pool, so that no work waits for a
    connection. At most `waiting` requests wait here instead; the next one is refused as `Busy`. A plea is not refused,
    and waits in the line of its writer; see `Slots`.
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

    async def run(self, work: Callable[[], Awaitable[R]], *, changes: bool, writer: str | None = None) -> R:
        """Return the result of `work`. `writer` is who writes it if it is a plea.

        Raises `Busy` if the queue is full, and after the deadline `Busy`, or `OutcomeUnknown` if it `changes` data.
        """
        if writer is None:
            await self._wait(None)
            return await asyncio.shield(self._kept(self._holding(work, changes=changes, writer=None)))
        # A plea that was received whole is filed, although its phone hangs up while it waits in line.
        return await asyncio.shield(self._kept(self._filing(work, changes=changes, writer=writer)))

    def _kept(self, work: Coroutine[Any, Any, R]) -> "asyncio.Task[R]":
        task: asyncio.Task[R] = asyncio.create_task(work)  # noqa: TID251
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def _wait(self, writer: str | None) -> None:
        async with self._queued(is_plea=writer is not None):
            await self._slots.acquire(writer)
        if self._stopped:
            self._slots.release(writer)
            raise Busy

    async def _filing(self, work: Callable[[], Awaitable[R]], *, changes: bool, writer: str) -> R:
        try:
            await self._wait(writer)
        except asyncio.CancelledError as error:  # only `give_up` cancels it
            raise Busy from error
        return await self._holding(work, changes=changes, writer=writer)

    async def _holding(self, work: Callable[[], Awaitable[R]], *, changes: bool, writer: str | None) -> R:
        """Do the work in the place that was given to it, and give the place back."""
        try:
            return await self._within_deadline(work, changes=changes)
        finally:
            self._slots.release(writer)

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
