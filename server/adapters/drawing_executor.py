"""Draw images in a thread, a few at a time, so that the event loop goes on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from server.errors.common import Busy


class DrawingExecutor:
    """Draws a limited number of images at the same time. Some more wait, the rest is refused as `Busy`.

    It uses threads and not processes: the server itself wrote or checked everything that is drawn here.
    """

    def __init__(self, *, at_once: int = 1, waiting: int = 3) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="drawing")
        self._most = at_once + waiting
        self._inside = 0

    async def draw(self, picture: Callable[[], bytes]) -> bytes:
        """Return the image that `picture` draws. Raises `Busy` if too many wait already."""
        if self._inside >= self._most:
            raise Busy
        self._inside += 1
        drawing = asyncio.get_running_loop().run_in_executor(self._threads, picture)
        # A caller that gives up frees no slot: the thread goes on drawing.
        drawing.add_done_callback(self._leave)
        return await asyncio.shield(drawing)

    def _leave(self, drawing: "asyncio.Future[bytes]") -> None:
        self._inside -= 1
        if not drawing.cancelled():
            drawing.exception()  # read it, so that asyncio does not warn: the caller may be gone

    async def close(self) -> None:
        """Start no more drawings."""
        self._threads.shutdown(wait=False, cancel_futures=True)
