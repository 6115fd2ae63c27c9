"""Thousands of phones that ask at once: each with a connection of its own, opened before the rush."""

import asyncio
import json
import random
import re
import resource
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from scripts.services import HOST

CONNECT_AT_ONCE = 50
OK, TRY_AGAIN = range(200, 300), 503


def request(
    path: str, token: str = "", key: str = "", body: Any = None, *, method: str = "POST", sender: str = ""
) -> bytes:
    """The bytes of a request; `sender` is the address a proxy would name."""
    said = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(said)}"]
    lines += ["Content-Type: application/json"] if said else []
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Idempotency-Key: {key}"] if key else []
    lines += [f"X-Forwarded-For: {sender}"] if sender else []
    return "\r\n".join([*lines, "", ""]).encode() + said


@dataclass
class Phone:
    """When it asked and was answered, in seconds of the same clock, and what; `turned_away`: how often it was Busy."""

    port: int
    asked: float = 0
    answered: float = 0
    turned_away: int = 0
    status: int = 0
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def ms(self) -> float:
        return 1000 * (self.answered - self.asked)

    async def connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(HOST, self.port)

    async def ask(self, said: bytes, *, patient: bool = True) -> None:
        """Ask, and, when patient, again with the same key while it is told that the server is busy."""
        self.asked = time.perf_counter()
        while (await self._send(said)) == TRY_AGAIN and patient:
            self.turned_away += 1
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - a jitter
        self.answered = time.perf_counter()

    async def _send(self, said: bytes) -> int:
        if self._reader.at_eof():  # the server ends a connection that was quiet for two minutes
            self._writer.close()
            await self.connect()
        self._writer.write(said)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length, head
        self.body = json.loads(await self._reader.readexactly(int(length[1])))
        self.status = int(head.split(b" ", 2)[1])
        return self.status

    def hang_up(self) -> None:
        self._writer.close()


@asynccontextmanager
async def connected(ports: Sequence[int], count: int) -> AsyncIterator[list[Phone]]:
    """Connect a number of phones, each to one of the ports in turn."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    phones = [Phone(ports[number % len(ports)]) for number in range(count)]
    for first in range(0, count, CONNECT_AT_ONCE):
        await asyncio.gather(*(one.connect() for one in phones[first : first + CONNECT_AT_ONCE]))
    try:
        yield phones
    finally:
        for one in phones:
            one.hang_up()


async def rush(phones: Sequence[Phone], requests: Sequence[bytes]) -> float:
    """All of them ask at once; the seconds until the last is answered."""
    began = time.perf_counter()
    await asyncio.gather(*(phone.ask(said) for phone, said in zip(phones, requests, strict=True)))
    return time.perf_counter() - began


@dataclass(frozen=True)
class Waited:
    """How long people waited for an answer, in ms."""

    p50_ms: float
    p99_ms: float
    slowest_ms: float


def waited(phones: Sequence[Phone]) -> Waited:
    return as_waited([one.ms for one in phones])


def as_waited(times: Sequence[float]) -> Waited:
    """The figures of so many ms each."""
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return Waited(cuts[49], cuts[98], max(times))
