"""Measure the rate that instances sustain: requests arrive at a growing rate, whether or not earlier ones are answered.

A rate is held when 99 of 100 are answered within `MOST_MS` and none is refused. Requests go to the instances in turn.
"""

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

from scripts import services
from scripts.benchmarks import phones, serving
from scripts.benchmarks.asking import by_phone
from scripts.benchmarks.beside import Piece
from scripts.benchmarks.endpoints import Asked
from scripts.benchmarks.phones import Phone
from scripts.benchmarks.serving import Instance, copied, processor_seconds
from scripts.benchmarks.town import built
from scripts.services import MariaDB

MOST_MS, SEED = 200, 5
# Beyond this many under way a client would not have waited either.
PHONES = 600
FIRST_RATE, FASTER, TRIES, REST_SECONDS = 30, 1.2, 3, 1
# Nobody may ask more than 300 times a minute, or file more than 20 needs an hour.
RESIDENTS = 1000
DATABASE = "crowded"


@dataclass(frozen=True)
class Step:
    """One rate for a while; `busy`: cores used by the instances, by MariaDB and by who asks."""

    rate: float
    p50_ms: float
    p99_ms: float
    failed: int
    busy: tuple[float, float, float]

    @property
    def is_held(self) -> bool:
        return self.p99_ms < MOST_MS and not self.failed


@dataclass(frozen=True)
class Load:
    """The rate that a number of instances sustains, in requests a second (0: none), and how it was found."""

    instances: int
    held: float
    steps: list[Step]


class Mix:
    """The mix of requests: of ten, seven read, two submit, and one books or orders. Each kind has its own numbers."""

    def __init__(self, asked: Asked) -> None:
        reads = {asked.me: 20, asked.own_list: 10, asked.staff_list: 10, asked.need: 15, asked.activities: 15}
        self._shares: dict[Piece, int] = reads | {asked.submit: 20, asked.booking: 5, asked.placed: 5}
        self._counts = {piece: itertools.count() for piece in self._shares}
        self._random = random.Random(SEED)  # noqa: S311 - the same each time

    def draw(self) -> tuple[Piece, int]:
        [piece] = self._random.choices(list(self._shares), list(self._shares.values()))
        return piece, next(self._counts[piece])

    def gaps(self, rate: float) -> Iterator[float]:
        """Seconds between arrivals that know nothing of each other."""
        while True:
            yield self._random.expovariate(rate)


class Crowd:
    """Phones that wait for their turn, of each instance, and how long people waited since they wanted to ask."""

    def __init__(self, waiting: Sequence[Sequence[Phone]]) -> None:
        self._idle = [list(of_one) for of_one in waiting]
        self.instances = len(waiting)
        self.latencies: list[float] = []
        self.failed = 0

    async def ask(self, piece: Piece, number: int, instance: int, since: float) -> None:
        if not (idle := self._idle[instance]):
            self.failed += 1
            return
        phone = idle.pop()
        try:
            await piece(by_phone(phone, patient=False), number)
        except AssertionError:
            self.failed += 1
        finally:
            idle.append(phone)
            self.latencies.append(time.perf_counter() - since)


def measured(server: MariaDB, folder: Path, seconds: float) -> dict[str, Any]:
    """Measure and print what one instance, then two hold; each step takes so many seconds."""
    town = asyncio.run(built(server.create_database(DATABASE), residents=RESIDENTS))
    loads = {}
    for count in (1, 2):
        with _instances(server, count, folder) as instances:
            steps = uvloop.run(_climb(server, instances, Mix(Asked(town)), seconds))
        one = Load(count, max((step.rate for step in steps if step.is_held), default=0), steps)
        _print(one)
        loads[str(count)] = asdict(one)
    return loads


@contextmanager
def _instances(server: MariaDB, count: int, folder: Path) -> Iterator[list[Instance]]:
    url = copied(server, DATABASE, f"{DATABASE}_{count}")
    with services.valkey(folder / f"valkey-load-{count}") as valkey:
        environ = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "PROXIES": "1"}
        with serving.ours(environ, count, log=folder / f"load-{count}.log") as instances:
            yield instances


async def _climb(server: MariaDB, instances: Sequence[Instance], mix: Mix, seconds: float) -> list[Step]:
    """Faster and faster, until a rate is not held at any try: a machine has other things to do, too."""
    steps: list[Step] = []
    ports = [one.port for one in instances]
    async with phones.connected(ports, PHONES) as people:
        waiting = [[one for one in people if one.port == port] for port in ports]
        await _arrive(Crowd(waiting), mix, FIRST_RATE, seconds)
        rate = float(FIRST_RATE)
        while _held_lately(steps):
            for _ in range(TRIES):
                steps.append(await _step(server, instances, (Crowd(waiting), mix), rate, seconds))
                await asyncio.sleep(REST_SECONDS)
                if steps[-1].is_held:
                    break
            rate *= FASTER
    return steps


def _held_lately(steps: Sequence[Step]) -> bool:
    return not steps or steps[-1].is_held


async def _step(
    server: MariaDB, instances: Sequence[Instance], asking: tuple[Crowd, Mix], rate: float, seconds: float
) -> Step:
    crowd, mix = asking
    used, began = _used(server, instances), time.perf_counter()
    await _arrive(crowd, mix, rate, seconds)
    passed = time.perf_counter() - began
    of_instances, of_database, of_clients = (
        (after - before) / passed for before, after in zip(used, _used(server, instances), strict=True)
    )
    cuts = statistics.quantiles(crowd.latencies, n=100)
    return Step(rate, 1000 * cuts[49], 1000 * cuts[98], crowd.failed, (of_instances, of_database, of_clients))


def _used(server: MariaDB, instances: Sequence[Instance]) -> tuple[float, float, float]:
    ours = sum(one.processor_seconds() for one in instances)
    return ours, processor_seconds(server.process.pid), time.process_time()


async def _arrive(crowd: Crowd, mix: Mix, rate: float, seconds: float) -> None:
    """Requests for so many seconds, each at its moment; returns when all are answered."""
    began = time.perf_counter()
    moment = began
    async with asyncio.TaskGroup() as group:
        for turn, gap in enumerate(mix.gaps(rate)):
            moment += gap
            if moment > began + seconds:
                break
            await asyncio.sleep(max(0, moment - time.perf_counter()))
            group.create_task(crowd.ask(*mix.draw(), turn % crowd.instances, moment))


HEADS = ("p50 ms", "p99 ms", "failed", "busy", "MariaDB", "clients")


def _print(load: Load) -> None:
    title = f"load, {load.instances} instance{'s' * (load.instances > 1)}, a second"
    print(f"\n{title:34}" + "".join(f"{head:>10}" for head in HEADS))
    for one in load.steps:
        cores = "".join(f"{each:10.2f}" for each in one.busy)
        print(f"{one.rate:34.0f}{one.p50_ms:10.1f}{one.p99_ms:10.1f}{one.failed:10d}{cores}")
    print(f"  holds {load.held:.0f} a second with a p99 below {MOST_MS} ms", flush=True)
