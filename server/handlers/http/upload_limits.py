"""Room for uploads: only so many of their bytes are in the house at once; the rest waits on the phone's side."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from sanic import Request

from server.errors import PhotosBusy

# A body is held up to three times for a moment: in pieces, whole, and as the file in it.
ROOM_BYTES = 12_000_000
LARGEST_BYTES = 11_000_000
MOST_WAITING = 60
WAIT_SECONDS = 30
READ_SECONDS = 60


class UploadLimiter:
    """Lets bodies in as long as together they fit, in order of arrival; who waits too long is told PhotosBusy."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        self._free = room_bytes
        self._line: deque[tuple[int, asyncio.Future[None]]] = deque()

    @contextlib.asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[None]:
        """The request's body, read in while the block runs."""
        size = _announced(request)
        await self._enter(size)
        try:
            await _read(request)
            yield
        finally:
            # A connection kept alive keeps its last request: let go of what came with it.
            request.body = b""
            request.parsed_form = request.parsed_files = None
            self._leave(size)

    async def _enter(self, size: int) -> None:
        if not self._line and size <= self._free:
            self._free -= size
            return
        if len(self._line) >= MOST_WAITING:
            raise PhotosBusy
        place = (size, asyncio.get_running_loop().create_future())
        self._line.append(place)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await place[1]
        except BaseException as error:
            if place in self._line:
                self._line.remove(place)
            elif place[1].done() and not place[1].cancelled():  # let in and gone at the same moment
                self._leave(size)
            self._call_in()
            if isinstance(error, TimeoutError):
                raise PhotosBusy from None
            raise

    def _leave(self, size: int) -> None:
        self._free += size
        self._call_in()

    def _call_in(self) -> None:
        while self._line and self._line[0][0] <= self._free:
            size, place = self._line.popleft()
            if not place.done():
                self._free -= size
                place.set_result(None)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return min(int(length), LARGEST_BYTES) if length.isdecimal() and length.isascii() else LARGEST_BYTES


async def _read(request: Request) -> None:
    try:
        async with asyncio.timeout(READ_SECONDS):
            await request.receive_body()  # type: ignore[no-untyped-call]
    except TimeoutError:
        raise PhotosBusy from None
