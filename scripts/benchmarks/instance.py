"""An instance: how soon it serves, and what memory it takes while nobody asks, with all of Luzhou's areas loaded."""

import asyncio
import http.client
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from scripts import demo, programs, services
from scripts.benchmarks.serving import processor_seconds
from scripts.services import HOST, MariaDB
from server.adapters.clock import SystemClock
from server.database import db, schema
from server.models import Area, Station

STARTS, IDLE_SECONDS, LOOK_EVERY_SECONDS, MOST_SECONDS = 5, 1, 0.01, 30
READY = "/api/v1/ready"
NEAREST = "stations?longitude=105.44&latitude=28.89&coordinates=gcj02"
# What whoever opens the mini-program sees: after these, lists and shapes are loaded.
LOOKED_AT = ("areas", NEAREST, "activities", "categories")


@dataclass(frozen=True)
class Instance:
    """Medians of several starts, in seconds and in MB of 10^6 bytes.

    `proportional_mb` counts what processes share by its share; `asked_mb` is the memory after a look at each list.
    """

    areas: int
    stations: int
    starts: int
    ready_seconds: float
    slowest_ready_seconds: float
    processor_seconds: float
    resident_mb: float
    proportional_mb: float
    asked_mb: float


@dataclass(frozen=True)
class _Start:
    ready_seconds: float
    processor_seconds: float
    resident_mb: float
    proportional_mb: float
    asked_mb: float


def measured(server: MariaDB, folder: Path) -> Instance:
    """Start it several times over the demonstration's database."""
    url = server.create_database("instance")
    areas, stations = asyncio.run(_filled(url))
    with services.valkey(folder / "valkey-instance") as valkey:
        environ = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "PHOTO_STORE": str(folder / "photos-instance")}
        seen = [_one(environ, folder / f"instance-{number}.log") for number in range(STARTS)]

    def median(name: str) -> float:
        found: float = statistics.median(getattr(one, name) for one in seen)
        return found

    return Instance(
        areas=areas,
        stations=stations,
        starts=STARTS,
        ready_seconds=median("ready_seconds"),
        slowest_ready_seconds=max(one.ready_seconds for one in seen),
        processor_seconds=median("processor_seconds"),
        resident_mb=median("resident_mb"),
        proportional_mb=median("proportional_mb"),
        asked_mb=median("asked_mb"),
    )


async def _filled(url: str) -> tuple[int, int]:
    """The demonstration in an empty database: how many areas and stations there are."""
    await schema.migrate(url)
    await demo.load(url, SystemClock().now(), lambda _: None)
    async with db.connected(url, pool=2):
        return await Area.all().count(), await Station.all().count()


def _one(environ: dict[str, str], log: Path) -> _Start:
    port = services.free_port()
    began = time.perf_counter()
    with _running(environ | {"PORT": str(port)}, log) as process:
        _wait(port, process)
        ready_seconds = time.perf_counter() - began
        time.sleep(IDLE_SECONDS)
        ran, resident, proportional = processor_seconds(process.pid), _resident_mb(process.pid), _pss_mb(process.pid)
        for path in LOOKED_AT:
            assert _get(port, f"/api/v1/{path}") == http.client.OK, path
        return _Start(ready_seconds, ran, resident, proportional, _resident_mb(process.pid))


@contextmanager
def _running(environ: dict[str, str], log: Path) -> Iterator[Popen[bytes]]:
    process = programs.start([sys.executable, "-m", "server"], environ=environ, log=log)
    try:
        yield process
    finally:
        programs.stop(process)


def _wait(port: int, process: Popen[bytes]) -> None:
    """Until it is ready."""
    latest = time.perf_counter() + MOST_SECONDS
    while not _is_ready(port):
        assert process.poll() is None, "the server ended"
        assert time.perf_counter() < latest, "the server is not ready"
        time.sleep(LOOK_EVERY_SECONDS)


def _is_ready(port: int) -> bool:
    try:
        return _get(port, READY) == http.client.OK
    except OSError:
        return False


def _get(port: int, path: str) -> int:
    link = http.client.HTTPConnection(HOST, port, timeout=MOST_SECONDS)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        answer.read()
        return answer.status
    finally:
        link.close()


def _resident_mb(pid: int) -> float:
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") * 1024 / 1e6


def _pss_mb(pid: int) -> float:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") * 1024 / 1e6


def _kilobytes(file: Path, name: str) -> int:
    [line] = [one for one in file.read_text().splitlines() if one.startswith(name)]
    return int(line.split()[1])


def show(found: Instance) -> None:
    """Print it as a table."""
    title = f"an instance, {found.areas:,} areas and {found.stations} stations, {found.starts} starts"
    print(f"\n{title}")
    print(f"  serves after {found.ready_seconds:.2f} s (slowest {found.slowest_ready_seconds:.2f} s)", end="")
    print(f", {found.processor_seconds:.2f} s of them of a processor")
    print(f"  idles at {found.resident_mb:.0f} MB ({found.proportional_mb:.0f} MB as its share)", end="")
    print(f", {found.asked_mb:.0f} MB after a look at each list", flush=True)
