"""Pictures are drawn beside the event loop, few at once."""

import asyncio
import threading

import pytest

from server.adapters.drawing_executor import DrawingExecutor
from server.errors import Busy
from tests.concurrency import others_run


@pytest.fixture
async def room():
    room = DrawingExecutor(at_once=1, waiting=1)
    yield room
    await room.close()


class Slow:
    """A picture that is finished when it is told to be."""

    def __init__(self):
        self.go_on = threading.Event()
        self.drawn_by = set()

    def __call__(self) -> bytes:
        assert self.go_on.wait(300)
        self.drawn_by.add(threading.current_thread())
        return b"picture"


async def test_the_event_loop_goes_on_while_it_is_drawn(room):
    slow = Slow()
    drawing = asyncio.ensure_future(room.draw(slow))
    await asyncio.sleep(0)
    slow.go_on.set()  # were the loop held up by the drawing, this would never be reached

    assert await drawing == b"picture"
    assert threading.main_thread() not in slow.drawn_by


async def test_drawing_when_full_is_refused_as_busy(room):
    slow = Slow()
    inside = [asyncio.ensure_future(room.draw(slow)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        await room.draw(slow)

    slow.go_on.set()
    assert await asyncio.gather(*inside) == [b"picture"] * 2
    assert len(slow.drawn_by) == 1
    assert await room.draw(lambda: b"next") == b"next"


async def test_cancelled_caller_frees_no_slot_before_the_drawing_ends(room):
    slow = Slow()
    inside = [asyncio.ensure_future(room.draw(slow)) for _ in range(2)]
    await asyncio.sleep(0)
    inside[0].cancel()
    await asyncio.wait(inside, timeout=0.01)

    with pytest.raises(Busy):
        await room.draw(slow)
    slow.go_on.set()
    assert await inside[1] == b"picture"


async def test_a_drawing_that_fails_fails_alone(room):
    def broken() -> bytes:
        raise ZeroDivisionError

    for _ in range(4):
        with pytest.raises(ZeroDivisionError):
            await room.draw(broken)
    assert await room.draw(lambda: b"whole") == b"whole"


async def test_closing_begins_nothing_more():
    room, slow = DrawingExecutor(at_once=1, waiting=1), Slow()
    first, second = (asyncio.ensure_future(room.draw(slow)) for _ in range(2))
    await others_run()
    await room.close()
    slow.go_on.set()

    assert await first == b"picture"
    with pytest.raises(asyncio.CancelledError):
        await second
