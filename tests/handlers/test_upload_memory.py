"""Memory for uploads: in order of arrival, never more than fits, and no place is lost."""

import asyncio
import contextlib

import pytest

from server.errors import PhotosBusy
from server.handlers.http import upload_memory
from server.handlers.http.upload_memory import UploadMemory
from tests.concurrency import others_run


class Arriving:
    """A request whose body has been announced."""

    def __init__(self, size: int | str, seconds: float = 0) -> None:
        self.headers = {"content-length": str(size)}
        self.body = b""
        self._seconds = seconds

    async def receive_body(self) -> None:
        await asyncio.sleep(self._seconds)
        self.body = b"x"


async def stays(room: UploadMemory, size: int | str, leave: asyncio.Event, inside: list | None = None):
    request = Arriving(size)
    async with room.body(request):
        if inside is not None:
            inside.append(size)
        await leave.wait()
    assert (request.body, request.parsed_files) == (b"", None)


async def test_uploads_that_fit_enter_and_others_wait_in_order():
    room, leave, inside = UploadMemory(10), asyncio.Event(), []
    waiting = [asyncio.ensure_future(stays(room, size, leave, inside)) for size in (6, 4, 5, 1)]
    await others_run()
    assert inside == [6, 4]

    leave.set()
    await asyncio.gather(*waiting)

    assert inside == [6, 4, 5, 1]


@pytest.mark.parametrize("size", ["", "-1", "many", "９"])
async def test_upload_without_a_length_counts_as_the_largest(size):
    room, leave, inside = UploadMemory(upload_memory.LARGEST_BYTES), asyncio.Event(), []
    tasks = [asyncio.ensure_future(stays(room, size, leave, inside)) for _ in range(2)]
    await others_run()

    assert len(inside) == 1
    leave.set()
    await asyncio.gather(*tasks)


async def test_upload_is_refused_if_too_many_wait(monkeypatch):
    monkeypatch.setattr(upload_memory, "MOST_WAITING", 1)
    room, leave = UploadMemory(1), asyncio.Event()
    tasks = [asyncio.ensure_future(stays(room, 1, leave)) for _ in range(2)]
    await others_run()

    with pytest.raises(PhotosBusy):
        await stays(room, 1, leave)
    leave.set()
    await asyncio.gather(*tasks)


async def test_upload_that_waits_too_long_is_refused_and_blocks_nobody(monkeypatch):
    monkeypatch.setattr(upload_memory, "WAIT_SECONDS", 0.02)
    room, leave, inside = UploadMemory(5), asyncio.Event(), []
    first = asyncio.ensure_future(stays(room, 3, leave, inside))
    await asyncio.sleep(0)
    large = asyncio.ensure_future(stays(room, 5, leave, inside))
    await asyncio.sleep(0)
    monkeypatch.setattr(upload_memory, "WAIT_SECONDS", 60)  # who comes later is not out of patience in the same moment
    small = asyncio.ensure_future(stays(room, 2, leave, inside))

    with pytest.raises(PhotosBusy):
        await large
    leave.set()
    await asyncio.gather(first, small)
    assert inside == [3, 2]


async def test_a_thousand_cancelled_waits_lose_no_space():
    room, leave = UploadMemory(4), asyncio.Event()
    leave.set()
    for round_ in range(50):
        tasks = [asyncio.ensure_future(stays(room, 3, leave)) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks[round_ % 3 :: 2]:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)

    await stays(room, 4, leave)
    assert room._free == 4


async def test_endlessly_slow_body_is_given_up(monkeypatch):
    monkeypatch.setattr(upload_memory, "READ_SECONDS", 0.01)
    room = UploadMemory(4)

    with pytest.raises(PhotosBusy):
        async with room.body(Arriving(4, seconds=60)):
            pass
    monkeypatch.setattr(upload_memory, "READ_SECONDS", 60)
    async with room.body(Arriving(4)):
        pass
