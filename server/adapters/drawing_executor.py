"""Where pictures of ours are drawn: beside the event loop, few at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from server.errors.common import Busy


class DrawingExecutor:
    """Draws so many pictures at once, lets so many more wait, and turns the rest away with Busy.

    A thread and no process: everything that is drawn here was written by ourselves or checked by the contract.
    """

    def __init__(self, *, at_once: int = 1, waiting: int = 3) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="drawing")
        self._most = at_once + waiting
        self._inside = 0

    async def draw(self, picture: Callable[[], bytes]) -> bytes:
        """What `picture` draws; Busy when too many wait already."""
        if self._inside >= self._most:
            raise Busy
        self._inside += 1
        drawing = asyncio.get_running_loop().run_in_executor(self._threads, picture)
        # Who gives up waiting does not make room: the thread draws on.
        drawing.add_done_callback(self._leave)
        return await asyncio.shield(drawing)

    def _leave(self, drawing: "asyncio.Future[bytes]") -> None:
        self._inside -= 1
        if not drawing.cancelled():
            drawing.exception()  # nobody may be left to hear it

    async def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
