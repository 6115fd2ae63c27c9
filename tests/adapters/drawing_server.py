"""A server that does nothing but draw photos, and how to see what it has drawing.

`draw FILE` draws it. `many FILE` draws it many times at once and prints by how many kilobytes its own memory
grew, and how many processes are left. `uvloop FILE ENDLESS` draws the one, calls the other off, and prints the
width of the one when no process is left.
"""

import asyncio
import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import uvloop

from server.adapters.photo_sanitizer import PhotoSanitizer
from tests.scale import scaled

ROOT = Path(__file__).parents[2]
LIMITS = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE]
# On a busy machine a drawing may take long; what ends one must not be its own limit.
PATIENCE_SECONDS, LIMIT_SECONDS = 30, 600


def drawing_processes(server: int | None = None) -> list[int]:
    """List what a server, this process by default, has drawing; the dead it did not bury count too."""
    return [pid for pid, parent, dead in _processes() if parent == (server or os.getpid()) and (dead or _draws(pid))]


def _processes() -> Iterator[tuple[int, int, bool]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        yield int(folder.name), int(parent), state == "Z"


def _draws(pid: int) -> bool:
    try:
        return b"photo_sanitizer_child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def a_drawing_process(server: int | None = None) -> int:
    """Wait until something is being drawn and give its process."""
    await expect_soon(lambda: drawing_processes(server))
    return drawing_processes(server)[0]


async def expect_soon(true: Callable[[], object]) -> None:
    """Look again and again until it is true of another process."""
    while not true():  # noqa: ASYNC110 - no event tells of another process
        await asyncio.sleep(0.005)


async def limits_of(pid: int) -> dict[int, tuple[int, int]]:
    """Wait until it has set the last of its limits, and give all that matter."""
    await expect_soon(lambda: resource.prlimit(pid, LIMITS[-1]) != resource.getrlimit(LIMITS[-1]))
    return {limit: resource.prlimit(pid, limit) for limit in LIMITS}


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def lives(pid: int) -> bool:
    return any(found == pid and not dead for found, _, dead in _processes())


def most_memory_kb() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


async def many(content: bytes) -> None:
    uploads = [bytes(bytearray(content)) for _ in range(scaled(8, full=20))]
    before = most_memory_kb()
    redraw = PhotoSanitizer(wall_seconds=LIMIT_SECONDS)
    await asyncio.gather(*map(redraw.sanitize, uploads))
    sys.stdout.write(f"{most_memory_kb() - before} {len(drawing_processes())}\n")


async def one_and_a_half(whole: bytes, endless: bytes) -> None:
    redraw = PhotoSanitizer(cpu_seconds=LIMIT_SECONDS, wall_seconds=LIMIT_SECONDS)
    photo = await redraw.sanitize(whole)
    drawing = asyncio.create_task(redraw.sanitize(endless))
    await a_drawing_process()
    drawing.cancel()
    await asyncio.gather(drawing, return_exceptions=True)
    # Called off while its process starts, uvloop kills that process and buries it a moment later.
    async with asyncio.timeout(PATIENCE_SECONDS):
        await expect_soon(lambda: not drawing_processes())
    sys.stdout.write(f"{photo.width}\n")


if __name__ == "__main__":
    files = [Path(name).read_bytes() for name in sys.argv[2:]]
    if sys.argv[1] == "draw":
        asyncio.run(PhotoSanitizer(cpu_seconds=LIMIT_SECONDS, wall_seconds=LIMIT_SECONDS).sanitize(*files))
    elif sys.argv[1] == "many":
        asyncio.run(many(*files))
    else:
        uvloop.run(one_and_a_half(*files))
