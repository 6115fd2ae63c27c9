"""Work asked of our server beside its ceiling: the same statements sent by a bare handler. Peers may stand beside both.

One instance each, on rows of their own, asked by as many hands, in turns: what else the machine does hits all of them.
"""

import asyncio
import itertools
import pickle
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvloop

from scripts import services
from scripts.benchmarks import phones, serving
from scripts.benchmarks.asking import Answer, Ask, Send, by_phone, within
from scripts.benchmarks.measuring import Measured, Timed, Work, timed
from scripts.benchmarks.phones import OK, Phone, request
from scripts.benchmarks.replay import Sent, listening, recorded
from scripts.benchmarks.serving import Instance, copied
from scripts.services import MariaDB
from server.adapters.clock import SystemClock
from server.app import create_app
from server.settings import Settings

HANDS, TURNS = 8, 5
Piece = Callable[[Send, int], Awaitable[object]]
# The piece of a number, asked through a phone.
Asking = Callable[[Phone, int], Awaitable[object]]
# What each request of a piece sends to the database.
Sendings = list[list[Sent]]


@dataclass(frozen=True)
class Workload:
    """A number of requests, the first `warm` of them unmeasured. Each request is made from its number.

    Peers are asked for `of_peers`, which is the same work at their own paths.
    """

    name: str
    piece: Piece
    count: int
    warm: int = 64
    of_peers: Piece | None = None

    @property
    def total(self) -> int:
        return self.warm + self.count


@dataclass(frozen=True)
class Served:
    """Pieces as their client saw them, and microseconds of the server's processor time for one."""

    seen: Measured
    server_us: float


@dataclass(frozen=True)
class Beside:
    """Ours, its ceiling, and how often a piece goes to the database and back, BEGIN and COMMIT among them."""

    ours: Served
    ceiling: Served
    statements: float
    peers: Mapping[str, Served]


def statements(server: MariaDB, source: str, work: Sequence[Workload], folder: Path) -> list[list[Sendings]]:
    """Record the statements that each request sends to a copy of the database, one by one, in this process."""
    with services.valkey(folder / "valkey-recorded") as valkey:
        settings = Settings(database_url=copied(server, source, f"{source}_recorded"), redis_url=valkey.url, proxies=1)
        return asyncio.run(_statements(settings, work))


async def _statements(settings: Settings, work: Sequence[Workload]) -> list[list[Sendings]]:
    app = create_app(settings, SystemClock())
    app.config.TOUCHUP = False
    async with (
        serving.started(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ours") as client,
    ):
        send = within(client)
        with listening():
            return [[await _noted(one.piece, send, each) for each in range(one.total)] for one in work]


async def _noted(piece: Piece, send: Send, number: int) -> Sendings:
    """Return the statements that each request sends."""
    noted: Sendings = []

    async def send_and_note(ask: Ask) -> Answer:
        answers: list[Answer] = []

        async def work() -> None:
            answers.append(await send(ask))

        noted.append(await recorded(work))
        return answers[0]

    await piece(send_and_note, number)
    return noted


def both(
    server: MariaDB, source: str, work: Sequence[Workload], folder: Path, peers: Mapping[str, Instance] | None = None
) -> Iterator[tuple[str, Beside]]:
    """Each work, ours beside its ceiling and the peers, on copies of the database."""
    peers = peers or {}
    sent = statements(server, source, work, folder)
    file, numbered = folder / f"{source}.pickle", itertools.count()
    file.write_bytes(pickle.dumps([request for pieces in sent for piece in pieces for request in piece]))
    with _instances(server, source, file, folder) as (ours, ceiling):
        for one, pieces in zip(work, sent, strict=True):
            numbers = [[next(numbered) for _ in piece] for piece in pieces]
            sides = [(ours, _asking(one.piece)), (ceiling, _replaying(numbers))]
            sides += [(peer, _asking(one.of_peers or one.piece)) for peer in peers.values()]
            seen = uvloop.run(_in_turns(one, sides))
            trips = sum(len(request) for piece in pieces[one.warm :] for request in piece)
            yield one.name, Beside(seen[0], seen[1], trips / one.count, dict(zip(peers, seen[2:], strict=True)))


def _asking(piece: Piece) -> Asking:
    return lambda phone, number: piece(by_phone(phone), number)


def _replaying(numbers: Sequence[Sequence[int]]) -> Asking:
    return lambda phone, number: _replay(phone, numbers[number])


@contextmanager
def _instances(server: MariaDB, source: str, file: Path, folder: Path) -> Iterator[tuple[Instance, Instance]]:
    url = copied(server, source, f"{source}_ours")
    with services.valkey(folder / "valkey-ours") as valkey:
        # As in real use: every request leaves a line in the log.
        environ = {"DATABASE_URL": url, "REDIS_URL": valkey.url, "PROXIES": "1"}
        with (
            serving.ours(environ, log=folder / "ours.log") as [ours],
            serving.bare(copied(server, source, f"{source}_ceiling"), file) as [ceiling],
        ):
            yield ours, ceiling


async def _in_turns(work: Workload, asked: Sequence[tuple[Instance, Asking]]) -> list[Served]:
    async with AsyncExitStack() as stack:
        sides = []
        for instance, asking in asked:
            hands = await stack.enter_async_context(phones.connected([instance.port], HANDS))
            pieces = [partial(asking, hands[number % HANDS], number) for number in range(work.total)]
            sides.append(_Side(instance, pieces))
        for side in sides:
            await side.go_on(work.warm)
            side.forget()
        for turn in range(TURNS):
            for side in sides:
                await side.go_on((work.count * (turn + 1)) // TURNS - (work.count * turn) // TURNS)
        return [side.served() for side in sides]


async def _replay(phone: Phone, numbers: Sequence[int]) -> None:
    for number in numbers:
        await phone.ask(request(f"/{number}"))
        assert phone.status in OK, phone.body


class _Side:
    """One of them, and what it did so far."""

    def __init__(self, instance: Instance, pieces: Sequence[Work]) -> None:
        self._instance, self._pieces = instance, pieces
        self._done = 0
        self.forget()

    def forget(self) -> None:
        self._seen: list[Timed] = []
        self._used = 0.0

    async def go_on(self, count: int) -> None:
        before = self._instance.processor_seconds()
        self._seen.append(await timed(self._pieces[self._done : self._done + count], hands=HANDS))
        self._used += self._instance.processor_seconds() - before
        self._done += count

    def served(self) -> Served:
        seen = Measured.of(self._seen)
        return Served(seen, 1e6 * self._used / sum(len(one.latencies) for one in self._seen))


def as_found(beside: Beside) -> dict[str, Any]:
    """Figures to keep, with their ratios."""
    ours, ceiling = beside.ours, beside.ceiling
    return {
        "ours": vars(ours) | {"seen": vars(ours.seen)},
        "ceiling": vars(ceiling) | {"seen": vars(ceiling.seen)},
        "statements": beside.statements,
        "times_cpu": ours.server_us / ceiling.server_us,
        "times_p50": ours.seen.p50_ms / ceiling.seen.p50_ms,
    }
