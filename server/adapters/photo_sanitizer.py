"""Redraw every uploaded photo: upright and without metadata, in a process with limits.

Each photo gets a new process. Starting one takes less than a tenth of a second, and a crafted file cannot affect the
next photo. The server itself never decodes an image.
"""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import Process
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
# Each process takes up to seventy megabytes and one core. On two cores, the other core answers requests.
AT_ONCE = max(1, min(2, (os.cpu_count() or 1) // 2))

# Requests go first: a nice process gets a tenth of the time that each other process gets.
NICENESS = 10
CHILD = Path(__file__).with_name("photo_sanitizer_child.py")
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
VERDICTS: dict[bytes, type[Refusal]] = {
    kind.code.encode(): kind for kind in (PhotoTooManyPixels, PhotoAnimated, PhotoUnreadable)
}
# A photo cannot end its process with these signals. An administrator, a shutdown or a lack of memory can.
ENDED_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SanitizedPhoto:
    """Both sizes of one photo as JPEG. Width and height in pixels are those of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


class PhotoSanitizer:
    """Redraws at most `limit_at_once` photos at the same time. `limit_waiting` more wait, the rest is refused."""

    def __init__(
        self,
        limit_at_once: int = AT_ONCE,
        limit_waiting: int = 30,
        *,
        cpu_seconds: int = 10,  # five times as long as the slowest valid photo takes
        wall_seconds: float = 20,
    ) -> None:
        self._turns = asyncio.Semaphore(limit_at_once)
        self._limit_inside = limit_at_once + limit_waiting
        self._inside = 0
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds

    async def sanitize(self, content: bytes) -> SanitizedPhoto:
        """Redraw the photo, with long sides of 1600 and 320 pixels at most. Raises refusals of `errors/photos.py`."""
        kind = _kind_of(content)
        if self._inside >= self._limit_inside:
            raise PhotosBusy
        self._inside += 1
        try:
            async with self._turns:
                return await self._redraw(kind, content)
        finally:
            self._inside -= 1

    async def _redraw(self, kind: str, content: bytes) -> SanitizedPhoto:
        # Files in memory instead of pipes: nothing to feed or drain, nothing of the photo on a disk, and the kernel
        # limits how much the process may write.
        with _memory_file() as upload, _memory_file() as output:
            upload.write(content)
            upload.seek(0)
            status = await self._wait(await self._start(kind, upload, output))
            output.seek(0)
            return _result(status, output.read())

    async def _start(self, kind: str, upload: BinaryIO, output: BinaryIO) -> Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-W", "ignore", str(CHILD)),
            *(kind, str(os.getpid()), str(self._cpu_seconds)),
            stdin=upload,
            stdout=output,
            env={},  # a process that reads strangers' files gets no secrets of the server
            start_new_session=True,  # Ctrl-C goes to the server alone, which ends its children
        )
        with suppress(OSError):  # the process has ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        return process

    async def _wait(self, process: Process) -> int:
        """Return the exit status. However the waiting ends, the process has ended and is reaped."""
        try:
            async with asyncio.timeout(self._wall_seconds):
                return await process.wait()
        except TimeoutError:
            # The process's own CPU limit is far lower, so the machine had no time for it.
            raise PhotosBusy from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _kind_of(content: bytes) -> str:
    """Return the format by the first bytes. A file of another format is refused before a process starts."""
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


def _memory_file() -> BinaryIO:
    return os.fdopen(os.memfd_create("photo"), "w+b")


def _result(status: int, output: bytes) -> SanitizedPhoto:
    if status > 0:
        raise RuntimeError(f"redrawing a photo failed with exit status {status}; its own error is in the log")
    if status < 0:
        logger.warning("a process that redraws a photo was ended by signal %d", -status)
        raise PhotosBusy if status in ENDED_FROM_OUTSIDE else PhotoUnreadable
    verdict, _, pictures = output.partition(b"\n")
    if verdict in VERDICTS:
        raise VERDICTS[verdict]
    width, height, large_bytes = (int(number) for number in verdict.removeprefix(b"drawn ").split())
    return SanitizedPhoto(pictures[:large_bytes], pictures[large_bytes:], width, height)
