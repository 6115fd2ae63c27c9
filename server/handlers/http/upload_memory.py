"""Limit the memory that uploads take: bodies beyond the limit wait on the phone."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from sanic import Request

from server.errors import PhotosBusy

# For a moment a body is in memory up to three times: in pieces, whole, and as the file in it.
MEMORY_BYTES = 12_000_000
LARGEST_BYTES = 11_000_000
MOST_WAITING = 60
WAIT_SECONDS = 30
READ_SECONDS = 60


class UploadMemory:
    """Admits bodies in order of arrival while together they fit. Raises `PhotosBusy` after too long a wait."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._free = memory_bytes
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextlib.asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[None]:
        """Read the request's body for as long as the block runs."""
        size = _announced_bytes(request)
        await self._enter(size)
        try:
            await _read(request)
            yield
        finally:
            # A connection that is kept alive keeps its last request, so release what came with it.
            request.body = b""
            request.parsed_form = request.parsed_files = None
            self._leave(size)

    async def _enter(self, size: int) -> None:
        if not self._queue and size <= self._free:
            self._free -= size
            return
        if len(self._queue) >= MOST_WAITING:
            raise PhotosBusy
        place = (size, asyncio.get_running_loop().create_future())
        self._queue.append(place)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await place[1]
        except BaseException as error:
            if place in self._queue:
                self._queue.remove(place)
            elif place[1].done() and not place[1].cancelled():  # admitted and cancelled at the same moment
                self._leave(size)
            self._admit_next()
            if isinstance(error, TimeoutError):
                raise PhotosBusy from None
            raise

    def _leave(self, size: int) -> None:
        self._free += size
        self._admit_next()

    def _admit_next(self) -> None:
        while self._queue and self._queue[0][0] <= self._free:
            size, place = self._queue.popleft()
            if not place.done():
                self._free -= size
                place.set_result(None)


def _announced_bytes(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return min(int(length), LARGEST_BYTES) if length.isdecimal() and length.isascii() else LARGEST_BYTES


async def _read(request: Request) -> None:
    try:
        async with asyncio.timeout(READ_SECONDS):
            await request.receive_body()  # type: ignore[no-untyped-call]
    except TimeoutError:
        raise PhotosBusy from None
