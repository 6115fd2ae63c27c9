"""Measuring: many pieces of work through a few hands at once, their rate, their processor time, their latencies."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Self

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Timed:
    """Seconds each piece took, all of them together, and of this process's processor time."""

    latencies: Sequence[float]
    wall: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """`rate`: pieces a second; `cpu_us`: microseconds of this process's processor time for one; latencies in ms."""

    rate: float
    cpu_us: float
    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, parts: Sequence[Timed]) -> Self:
        latencies = [each for part in parts for each in part.latencies]
        wall, cpu = sum(part.wall for part in parts), sum(part.cpu for part in parts)
        cuts = statistics.quantiles(latencies, n=100)
        return cls(len(latencies) / wall, 1e6 * cpu / len(latencies), 1000 * cuts[49], 1000 * cuts[98])


async def measure(pieces: Sequence[Work], *, hands: int) -> Measured:
    """Do the pieces, so many at once, each hand taking every so-manieth in order."""
    return Measured.of([await timed(pieces, hands=hands)])


async def timed(pieces: Sequence[Work], *, hands: int) -> Timed:
    """As `measure`, with the latency of each."""
    latencies: list[float] = []

    async def hand(number: int) -> None:
        for piece in pieces[number::hands]:
            began = time.perf_counter()
            await piece()
            latencies.append(time.perf_counter() - began)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(hand(number) for number in range(hands)))
    return Timed(latencies, time.perf_counter() - wall, time.process_time() - cpu)
