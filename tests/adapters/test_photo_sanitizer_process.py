"""The process that draws a photo is poor, short-lived, told nothing, and never left behind."""

import asyncio
import os
import resource
import signal
import sys
from contextlib import asynccontextmanager

import pytest

from server.adapters import photo_sanitizer
from server.adapters.photo_sanitizer import PhotoSanitizer
from server.errors.photos import PhotosBusy, PhotoUnreadable
from tests.adapters.drawing_server import (
    LIMIT_SECONDS,
    PATIENCE_SECONDS,
    ROOT,
    a_drawing_process,
    drawing_processes,
    environment_of,
    expect_soon,
    limits_of,
    lives,
)
from tests.adapters.pictures import endless_scans, file_of, photo_of_12_megapixels, scene

SMALL = file_of(scene(), "JPEG")


@pytest.fixture(scope="module")
def endless() -> bytes:
    """Give an upload that would keep its process busy for most of a minute."""
    return endless_scans()


@asynccontextmanager
async def under_way(drawing):
    """Give the process and the task of a drawing; at the end the drawing is called off."""
    task = asyncio.create_task(drawing)
    try:
        yield await a_drawing_process(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def server(*words):
    """Give a server in an interpreter of its own that does what `drawing_server` says of these words."""
    program = [sys.executable, "-m", "tests.adapters.drawing_server", *map(str, words)]
    running = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def test_a_photo_that_costs_too_much_time_is_unreadable(endless: bytes):
    with pytest.raises(PhotoUnreadable):
        await PhotoSanitizer(cpu_seconds=1).sanitize(endless)

    assert drawing_processes() == []


async def test_when_the_machine_has_no_time_the_resident_may_try_again(endless: bytes):
    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(PhotosBusy) as refusal:
            await PhotoSanitizer(wall_seconds=0.2).sanitize(endless)

    assert refusal.value.retry_after_seconds
    assert drawing_processes() == []


async def test_a_drawing_killed_by_an_administrator_may_be_sent_again(endless: bytes):
    async with under_way(PhotoSanitizer().sanitize(endless)) as (child, drawing):
        os.kill(child, signal.SIGKILL)

        with pytest.raises(PhotosBusy):
            await drawing


async def test_a_broken_installation_is_a_fault_and_no_refusal(tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(photo_sanitizer, "CHILD", tmp_path / "broken.py")

    with pytest.raises(RuntimeError, match="exit status 3"):
        await PhotoSanitizer().sanitize(SMALL)


async def test_a_drawing_begun_for_a_server_that_died_ends_at_once(monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 1)

    with pytest.raises(RuntimeError, match="exit status 1"):
        await PhotoSanitizer().sanitize(SMALL)


async def test_hanging_up_kills_the_drawing_and_frees_its_place(endless: bytes):
    one = PhotoSanitizer(limit_at_once=1, limit_waiting=0, cpu_seconds=LIMIT_SECONDS)
    async with under_way(one.sanitize(endless)) as (_, drawing):
        drawing.cancel()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.wait({drawing})

    assert drawing.cancelled()
    assert drawing_processes() == []
    assert (await one.sanitize(SMALL)).width == 64


async def test_hanging_up_while_the_process_starts_leaves_none_behind():
    one = PhotoSanitizer(limit_at_once=1)
    for steps in range(12):
        drawing = asyncio.create_task(one.sanitize(SMALL))
        for _ in range(steps):
            await asyncio.sleep(0)
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)

    assert drawing_processes() == []
    assert (await one.sanitize(SMALL)).width == 64


async def test_so_many_wait_and_the_next_is_turned_away(endless: bytes):
    one = PhotoSanitizer(limit_at_once=1, limit_waiting=1)
    async with under_way(one.sanitize(endless)):
        waiting = asyncio.create_task(one.sanitize(SMALL))
        await asyncio.sleep(0)

        with pytest.raises(PhotosBusy):
            await one.sanitize(SMALL)

    assert (await waiting).width == 64


async def test_cancelled_waiting_upload_frees_its_place(endless: bytes):
    one = PhotoSanitizer(limit_at_once=1, limit_waiting=1)
    async with under_way(one.sanitize(endless)):
        impatient = asyncio.create_task(one.sanitize(SMALL))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.gather(impatient, return_exceptions=True)
        patient = asyncio.create_task(one.sanitize(SMALL))
        await asyncio.sleep(0)

    assert (await patient).width == 64


async def test_two_are_drawn_at_once_and_never_a_third():
    drawings = asyncio.gather(*(PhotoSanitizer.sanitize(two, SMALL) for two in [PhotoSanitizer(limit_at_once=2)] * 12))
    seen = set()
    while not drawings.done():
        seen.add(len(drawing_processes()))
        await asyncio.sleep(0.002)

    assert max(seen) == 2


async def test_the_drawing_process_is_poor_and_told_nothing(endless: bytes, monkeypatch):
    monkeypatch.setenv("WECHAT_SECRET", "canary")
    async with under_way(PhotoSanitizer(cpu_seconds=7).sanitize(endless)) as (child, _):
        assert await limits_of(child) == {
            resource.RLIMIT_AS: (512 << 20, 512 << 20),
            resource.RLIMIT_CPU: (7, 8),
            resource.RLIMIT_CORE: (0, 0),
            resource.RLIMIT_FSIZE: (16 << 20, 16 << 20),
        }
        assert environment_of(child) == b""
        assert os.getsid(child) == child  # Ctrl-C does not reach it
        await expect_soon(lambda: os.getpriority(os.PRIO_PROCESS, child) == 10)  # answering requests goes first


async def test_killed_server_takes_its_drawing_process_along(endless: bytes, tmp_path):
    (tmp_path / "endless.jpg").write_bytes(endless)
    async with server("draw", tmp_path / "endless.jpg") as killed:
        child = await a_drawing_process(killed.pid)
        await limits_of(child)
        killed.kill()
        await killed.wait()

        async with asyncio.timeout(PATIENCE_SECONDS):
            await expect_soon(lambda: not lives(child))
        assert not lives(child)


async def test_many_photos_of_12_megapixels_at_once_cost_the_server_little_more_than_themselves(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(photo_of_12_megapixels())
    async with server("many", tmp_path / "photo.jpg") as drawing:
        grown_kb, left = (await drawing.communicate())[0].split()

    assert int(grown_kb) < 50 * 1024
    assert int(left) == 0


async def test_photos_are_drawn_and_called_off_under_uvloop_too(endless: bytes, tmp_path):
    (tmp_path / "endless.jpg").write_bytes(endless)
    (tmp_path / "small.jpg").write_bytes(SMALL)
    async with server("uvloop", tmp_path / "small.jpg", tmp_path / "endless.jpg") as drawing:
        said, _ = await drawing.communicate()

    assert said == b"64\n"
