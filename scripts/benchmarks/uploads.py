"""Twenty photos of 12 megapixels at once: what everybody else waits meanwhile, and what memory it takes.

`python -m scripts.benchmarks.uploads PORT PHOTO ...` is who uploads them, a process of its own: one photo for each
token and key on standard input, all at the same time. It prints the status of each answer and the seconds it took.
"""

import asyncio
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from PIL import Image

from scripts import services
from scripts.benchmarks import phones, serving
from scripts.benchmarks.endpoints import Asked
from scripts.benchmarks.hall import API
from scripts.benchmarks.load import Crowd, Mix
from scripts.benchmarks.phones import OK, Waited, as_waited
from scripts.benchmarks.serving import Instance
from scripts.benchmarks.town import Town, built
from scripts.services import HOST, MariaDB
from server.adapters.photo_sanitizer import CHILD

AT_ONCE, ROUNDS, KINDS = 20, 3, 4
SIZE, GRAIN, QUALITY = (4032, 3024), 22, 96
# Of everybody else, a second; and for how long they are measured without any upload, before.
RATE, QUIET_SECONDS, PHONES = 40, 10, 60
# Nobody may ask more than 300 times a minute.
RESIDENTS = 300
LOOK_EVERY_SECONDS = 0.02
EDGE = "photo-of-a-phone"
DRAWS = CHILD.name.encode()


@dataclass(frozen=True)
class Uploads:
    """Everybody else without uploads and beside them, the uploads' own answers, and the most memory seen, in MB.

    `memory_mb` is that of the server, its drawing processes and its files in memory together.
    """

    quiet: Waited
    beside: Waited
    failed: int
    stored: int
    refused: int
    slowest_upload_seconds: float
    idle_mb: float
    server_mb: float
    memory_mb: float


def measured(server: MariaDB, folder: Path) -> Uploads:
    """Twenty at once, three times over, on one instance of its own."""
    url = server.create_database("uploads")
    town = asyncio.run(built(url, residents=RESIDENTS))
    photos = [_photo(folder / f"photo-{number}", number) for number in range(KINDS)]
    with services.valkey(folder / "valkey-uploads") as valkey:
        environ = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "PHOTO_STORE": str(folder / "uploaded")}
        with serving.ours(environ | {"PROXIES": "1"}, log=folder / "uploads.log") as [instance]:
            return uvloop.run(_measured(instance, town, photos))


def _photo(file: Path, seed: int) -> Path:
    """The form with a photo as a phone takes it: 12 megapixels, and so much grain that it has seven megabytes."""
    grey = [Image.linear_gradient("L").rotate(90 * (seed + band)).resize(SIZE) for band in range(3)]
    grain = [Image.effect_noise(SIZE, GRAIN) for _ in range(3)]
    bands = [Image.blend(one, grains, 0.5) for one, grains in zip(grey, grain, strict=True)]
    with file.open("wb") as form:
        form.write(f'--{EDGE}\r\nContent-Disposition: form-data; name="photo"; filename="1.jpg"\r\n'.encode())
        form.write(b"Content-Type: image/jpeg\r\n\r\n")
        Image.merge("RGB", bands).save(form, "JPEG", quality=QUALITY)
        form.write(f"\r\n--{EDGE}--\r\n".encode())
    return file


async def _measured(instance: Instance, town: Town, photos: Sequence[Path]) -> Uploads:
    mix, watch = Mix(Asked(town)), Watch(instance.process.pid)
    async with phones.connected([instance.port], PHONES) as people:
        await _everybody_else(Crowd([people]), mix, asyncio.create_task(asyncio.sleep(QUIET_SECONDS / 2)))
        quiet = Crowd([people])
        await _everybody_else(quiet, mix, asyncio.create_task(asyncio.sleep(QUIET_SECONDS)))
        idle_mb = megabytes(resident(instance.process.pid))
        beside, told = Crowd([people]), []
        for turn in range(ROUNDS):
            uploading = asyncio.create_task(_uploads(instance.port, town, photos, turn))
            async with asyncio.TaskGroup() as group:
                group.create_task(watch.until(uploading))
                group.create_task(_everybody_else(beside, mix, uploading))
            told += uploading.result()
    stored = [seconds for status, seconds in told if status in OK]
    return Uploads(
        quiet=as_waited([1000 * one for one in quiet.latencies]),
        beside=as_waited([1000 * one for one in beside.latencies]),
        failed=beside.failed,
        stored=len(stored),
        refused=len(told) - len(stored),
        slowest_upload_seconds=max(stored, default=0),
        idle_mb=idle_mb,
        server_mb=megabytes(watch.server),
        memory_mb=megabytes(watch.together),
    )


async def _everybody_else(crowd: Crowd, mix: Mix, meanwhile: asyncio.Task[Any]) -> None:
    """Requests that arrive while something lasts, each at its moment; returns when all are answered."""
    moment = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for gap in mix.gaps(RATE):
            moment += gap
            await asyncio.sleep(max(0, moment - time.perf_counter()))
            if meanwhile.done():
                break
            group.create_task(crowd.ask(*mix.draw(), 0, moment))


async def _uploads(port: int, town: Town, photos: Sequence[Path], turn: int) -> list[tuple[int, float]]:
    """The status of each answer, and after how many seconds it came."""
    command = [sys.executable, "-m", "scripts.benchmarks.uploads", str(port), *map(str, photos)]
    uploader = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    signed_in = town.residents[turn * AT_ONCE : (turn + 1) * AT_ONCE]
    said, _ = await uploader.communicate("\n".join(signed_in).encode())
    return [(status, seconds) for status, seconds in json.loads(said)]


class Watch:
    """The most bytes ever seen: of the server alone, and with its drawing processes and its files in memory."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.server = self.together = 0

    async def until(self, over: asyncio.Task[Any]) -> None:
        while not over.done():
            server = resident(self._pid)
            self.server = max(self.server, server)
            drawing = sum(resident(child) for child in _drawing(self._pid))
            self.together = max(self.together, server + drawing + sum(_files_in_memory(self._pid)))
            await asyncio.sleep(LOOK_EVERY_SECONDS)


def resident(pid: int) -> int:
    """Bytes of a process in memory; 0: it has ended."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _drawing(pid: int) -> Iterator[int]:
    """Its processes that draw; one that is still about to become such shares its memory with the server."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in map(int, (thread / "children").read_text().split()):
                if DRAWS in Path(f"/proc/{child}/cmdline").read_bytes():
                    yield child


def _files_in_memory(pid: int) -> Iterator[int]:
    """Memory that no process has mapped is in no resident set."""
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(one.readlink()).startswith("/memfd:"):
                yield one.stat().st_blocks * 512


def megabytes(count: int) -> float:
    return count / 1e6


def show(found: Uploads) -> None:
    """Print them as a table."""
    title = f"{AT_ONCE} photos of 12 megapixels at once"
    print(f"\n{title + ', others wait, ms':48}{'p50':>10}{'p99':>10}{'slowest':>10}")
    for name, one in {"without them": found.quiet, "beside them": found.beside}.items():
        print(f"{name:48}{one.p50_ms:10.1f}{one.p99_ms:10.1f}{one.slowest_ms:10.1f}")
    print(f"  {found.failed} of the others failed; {found.stored} photos stored, {found.refused} refused", end="")
    print(f", the last of {AT_ONCE} after {found.slowest_upload_seconds:.1f} s at most")
    print(f"  the server: {found.idle_mb:.0f} MB before, {found.server_mb:.0f} MB at most, ", end="")
    print(f"{found.memory_mb:.0f} MB with what draws for it", flush=True)


def upload(port: int, photos: Sequence[Path], tokens: Sequence[str]) -> list[tuple[int, float]]:
    """Upload a photo for each token, all at once."""
    with ThreadPoolExecutor(len(tokens)) as threads:
        return list(threads.map(_upload, itertools.repeat(port), itertools.cycle(photos), tokens))


def _upload(port: int, photo: Path, token: str) -> tuple[int, float]:
    head = [f"POST {API}/photos HTTP/1.1", "Host: bench", f"Content-Length: {photo.stat().st_size}"]
    head += [f"Content-Type: multipart/form-data; boundary={EDGE}", "Connection: close"]
    head += [f"Authorization: Bearer {token}", f"Idempotency-Key: {token}"]
    began = time.perf_counter()
    with socket.create_connection((HOST, port)) as link, photo.open("rb") as form:
        link.sendall("\r\n".join([*head, "", ""]).encode())
        link.sendfile(form)
        answer = link.makefile("rb").read()
    return int(answer.split(b" ", 2)[1]), time.perf_counter() - began


if __name__ == "__main__":
    _, to, *forms = sys.argv
    print(json.dumps(upload(int(to), [Path(one) for one in forms], sys.stdin.read().split())))
