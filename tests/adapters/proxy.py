"""A proxy that makes a connection slow, silent or broken."""

import asyncio
from contextlib import suppress
from typing import Self


class Proxy:
    """Passes bytes both ways; `delay_seconds` holds back each answer, `stall` all of them, `cut` hangs up."""

    def __init__(self, port: int, *, delay_seconds: float = 0) -> None:
        self.delay_seconds = delay_seconds
        self.connections = 0  # ever made
        self._target = port
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()
        await self.cut()

    def stall(self) -> None:
        """Take everything, answer nothing."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    async def cut(self) -> None:
        """Hang up on everybody; who comes again is served again."""
        open_now = dict(self._open)
        for connection in open_now:
            connection.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)
        for writer in open_now.values():
            await _hang_up(writer)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = asyncio.create_task(self._connect(reader, writer))
        self._open[connection] = writer
        connection.add_done_callback(self._open.pop)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [
            asyncio.create_task(self._pass(reader, back)),
            asyncio.create_task(self._pass(there, writer, held_back=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            back.transport.abort()
            writer.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, held_back: bool = False) -> None:
        with suppress(OSError):
            while part := await source.read(65536):
                if held_back:
                    await asyncio.sleep(self.delay_seconds)
                    await self._flows.wait()
                sink.write(part)
                await sink.drain()


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError):
        await writer.wait_closed()
