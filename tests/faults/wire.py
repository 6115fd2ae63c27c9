"""A proxy between the server and MariaDB that acts when a chosen statement passes."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.adapters.proxy import Proxy

# What is done: nothing is answered but what it returns; None lets the statement, or its answer, pass.
Act = Callable[[], bytes | None]
COM_QUERY = 3


class Cut(Exception):  # noqa: N818 - an order, not a mistake
    """Raised by an act: hang up the connection on both sides."""


@dataclass
class Trap:
    """Run `act` when a matching statement of a transaction passes; `after`: when its answer has arrived but not passed on."""

    text: str
    act: Act
    after: bool = False
    passing: int = 0  # so many are let pass before
    times: int = 1
    sprung: threading.Event = field(default_factory=threading.Event)

    def meets(self, statement: bytes) -> bool:
        if self.times == 0 or not statement.lstrip().startswith(self.text.encode()):
            return False
        if self.passing:
            self.passing -= 1
            return False
        self.times -= 1
        return True

    def spring(self) -> bytes | None:
        self.sprung.set()
        return self.act()


def cut() -> bytes | None:
    """Hang up."""
    raise Cut


def refusal(code: int, state: str = "HY000") -> Act:
    """Return MariaDB's refusal of a statement it never saw: 1213 is a deadlock, 1205 a lock wait timeout."""
    said = b"\xff" + code.to_bytes(2, "little") + f"#{state}so it was forced".encode()
    return lambda: len(said).to_bytes(3, "little") + b"\x01" + said


class Wire(Proxy):
    """A proxy that reads the packets of the server and checks its traps."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.traps: list[Trap] = []

    def set(self, trap: Trap) -> Trap:
        self.traps.append(trap)
        return trap

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        met: list[Trap] = []  # whose answer is on its way
        ways = [
            asyncio.create_task(self._there(reader, back, writer, met)),
            asyncio.create_task(self._back(there, writer, met)),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            _only_hung_up(done)
        finally:
            for way in ways:
                way.cancel()
            back.transport.abort()
            writer.transport.abort()

    async def _there(
        self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, writer: asyncio.StreamWriter, met: list[Trap]
    ) -> None:
        inside = False  # a transaction: the driver also commits when it has connected
        while True:
            head = await reader.readexactly(4)
            said = await reader.readexactly(int.from_bytes(head[:3], "little"))
            inside = inside or said[1:].startswith(b"BEGIN")
            trap = self._met(said) if inside else None
            if trap is not None and not trap.after and (answer := trap.spring()) is not None:
                writer.write(answer)
                continue
            if trap is not None and trap.after:
                met.append(trap)
            back.write(head + said)
            await back.drain()

    def _met(self, said: bytes) -> Trap | None:
        if said[:1] != bytes([COM_QUERY]):
            return None
        return next((trap for one in _statements(said[1:]) for trap in self.traps if trap.meets(one)), None)

    async def _back(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, met: list[Trap]) -> None:
        while part := await there.read(65536):
            await self._flows.wait()
            answer = met.pop().spring() if met else None
            writer.write(part if answer is None else answer)
            await writer.drain()


def _statements(sent: bytes) -> list[bytes]:
    """Return the statements that travel together: BEGIN comes with the first statement of its transaction."""
    begin, separator, first = sent.partition(b"; ")
    return [begin, first] if separator and begin == b"BEGIN" else [sent]


def _only_hung_up(done: set[asyncio.Task[None]]) -> None:
    for way in done:
        error = way.exception()
        if error is not None and not isinstance(error, OSError | EOFError | Cut):
            raise error


@contextmanager
def elsewhere(proxy: Proxy) -> Iterator[Callable[[Callable[[], object]], object]]:
    """Run the proxy in a thread of its own, so that this one may wait for servers that need it."""
    loop = asyncio.new_event_loop()

    async def open_until(over: asyncio.Event) -> None:
        async with proxy:
            opened.set()
            await over.wait()

    opened, over = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(open_until(over)))
    thread.start()
    assert opened.wait(10), "it did not open"
    try:
        yield loop.call_soon_threadsafe
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
