"""Has every uploaded photo drawn anew: upright, without anything hidden in it, by a process with limits.

Each photo gets a fresh process: starting one costs less than a tenth of a second, and whatever a crafted file
does to it, the next photo is not touched. The server itself never decodes.
"""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from server.errors.base import Refusal
from server.errors.photos import (
    PhotoAnimated,
    PhotosBusy,
    PhotoTooLarge,
    PhotoTooManyPixels,
    PhotoUnreadable,
    UnsupportedPhotoFormat,
)

MAX_BYTES = 10 * 1024 * 1024
# Each takes up to seventy megabytes and a whole core: on two cores the other one is for who asks meanwhile.
AT_ONCE = max(1, min(2, (os.cpu_count() or 1) // 2))

NICENESS = 10
CHILD = Path(__file__).with_name("photo_sanitizer_child.py")
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
VERDICTS: dict[bytes, type[Refusal]] = {
    kind.code.encode(): kind for kind in (PhotoTooManyPixels, PhotoAnimated, PhotoUnreadable)
}
# Nothing a photo does ends its process this way; an administrator, a shutdown or a full memory does.
ENDED_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SanitizedPhoto:
    """Both sizes of one photo as JPEG; width and height in pixels are the large one's."""

    large: bytes
    small: bytes
    width: int
    height: int


class PhotoSanitizer:
    """Draws so many photos at once, lets so many more wait, and turns the rest away."""

    def __init__(
        self,
        limit_at_once: int = AT_ONCE,
        limit_waiting: int = 30,
        *,
        cpu_seconds: int = 10,  # five times what the slowest honest photo takes
        wall_seconds: float = 20,
        spare_seconds: float = 4,
    ) -> None:
        self._turns = asyncio.Semaphore(limit_at_once)
        self._limit_inside = limit_at_once + limit_waiting
        self._inside = 0
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds
        self._spare_seconds = min(spare_seconds, wall_seconds)

    async def photo(self, content: bytes) -> SanitizedPhoto:
        """Draw it anew, long sides at most 1600 and 320 pixels; raises the refusals of `errors/photos.py`."""
        kind = _kind_of(content)
        if self._inside >= self._limit_inside:
            raise PhotosBusy
        self._inside += 1
        try:
            async with self._turns:
                return await self._drawn(kind, content)
        finally:
            self._inside -= 1

    async def _drawn(self, kind: str, content: bytes) -> SanitizedPhoto:
        # Files in memory instead of pipes: nothing to feed or to drain, nothing of the photo on a disk,
        # and how much the process may write is the kernel's business.
        with _memory_file() as upload, _memory_file() as drawing:
            upload.write(content)
            ending = await self._in_spare_time(kind, upload, drawing)
            if ending is None:
                ending = await self._ending(await self._started(kind, upload, drawing, _behind), self._wall_seconds)
            drawing.seek(0)
            return _understood(ending, drawing.read())

    async def _in_spare_time(self, kind: str, upload: BinaryIO, drawing: BinaryIO) -> int | None:
        """Draw while nobody else wants the processors; None: there was too little of such time."""
        try:
            return await self._ending(await self._started(kind, upload, drawing, _idle), self._spare_seconds)
        except PhotosBusy:
            return None

    async def _started(
        self, kind: str, upload: BinaryIO, drawing: BinaryIO, step_back: Callable[[int], None]
    ) -> Process:
        upload.seek(0)
        drawing.seek(0)
        drawing.truncate()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-W", "ignore", str(CHILD)),
            *(kind, str(os.getpid()), str(self._cpu_seconds)),
            stdin=upload,
            stdout=drawing,
            env={},  # the server's secrets are no business of a process that reads strangers' files
            start_new_session=True,  # Ctrl-C is for the server, which ends what it started
        )
        with suppress(OSError):  # it ended already, or the server itself stands as far back
            step_back(process.pid)
        return process

    async def _ending(self, process: Process, seconds: float) -> int:
        """Wait for the exit code; whatever ends the waiting, the process is dead and buried afterwards."""
        try:
            async with asyncio.timeout(seconds):
                return await process.wait()
        except TimeoutError:
            # Its own seconds are limited far below this, so it is the machine that had no time for it.
            raise PhotosBusy from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _kind_of(content: bytes) -> str:
    """Tell the format by the first bytes: what needs no process to be refused starts none."""
    if len(content) > MAX_BYTES:
        raise PhotoTooLarge(limit_bytes=MAX_BYTES)
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return "HEIC"
    raise UnsupportedPhotoFormat


def _idle(pid: int) -> None:
    """Whoever answers a request takes the processor from it at once."""
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


def _behind(pid: int) -> None:
    """It has a tenth of what each of the others has, however many they are."""
    os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def _memory_file() -> BinaryIO:
    return os.fdopen(os.memfd_create("photo"), "w+b")


def _understood(ending: int, output: bytes) -> SanitizedPhoto:
    if ending > 0:
        raise RuntimeError(f"drawing a photo broke with exit code {ending}; its own words are in the log")
    if ending < 0:
        logger.warning("a drawing process was ended by signal %d", -ending)
        raise PhotosBusy if ending in ENDED_FROM_OUTSIDE else PhotoUnreadable
    verdict, _, pictures = output.partition(b"\n")
    if verdict in VERDICTS:
        raise VERDICTS[verdict]
    width, height, large_bytes = (int(number) for number in verdict.removeprefix(b"drawn ").split())
    return SanitizedPhoto(pictures[:large_bytes], pictures[large_bytes:], width, height)
