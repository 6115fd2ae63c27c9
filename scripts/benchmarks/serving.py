"""The setup of HTTP measurements: equal databases, own servers, signed-in people."""

import asyncio
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymysql

from scripts import programs, services
from scripts.services import MariaDB
from server.handlers.http.auth import token_hash
from server.models import Person, Session

TAIL_CHARACTERS = 4000
CPUCLOCK_SCHED = 2  # of Linux: processor time of all threads


async def signed_in(names: Sequence[str], now: datetime) -> list[tuple[Person, str]]:
    """New people with the tokens of their phones."""
    people = [(Person(name=name, created_at=now), secrets.token_urlsafe(32)) for name in names]
    sessions = [
        Session(
            person_id=person.id,
            token_hash=token_hash(token),
            device="微信",
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=30),
        )
        for person, token in people
    ]
    await Person.bulk_create([person for person, _ in people], batch_size=500)
    await Session.bulk_create(sessions, batch_size=500)
    return people


def copied(server: MariaDB, source: str, target: str) -> str:
    """A database with the same rows in tables of its own."""
    url = server.create_database(target)
    with pymysql.connect(host=services.HOST, port=server.port, user="root", database=target) as link:
        cursor = link.cursor()
        cursor.execute("SET foreign_key_checks=0")
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [source])
        for (table,) in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE `{source}`.`{table}`")
            cursor.execute(cursor.fetchone()[1])
            cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{source}`.`{table}`")  # noqa: S608
        link.commit()
    return url


@asynccontextmanager
async def started(app: Any) -> AsyncIterator[None]:
    """The application started in this process, and stopped after the block."""
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    await to_app.put({"type": "lifespan.startup"})
    async with asyncio.TaskGroup() as group:
        group.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, to_app.get, from_app.put))
        assert (await from_app.get())["type"] == "lifespan.startup.complete"
        yield
        await to_app.put({"type": "lifespan.shutdown"})


@dataclass(frozen=True)
class Instance:
    """A server that is a process of its own."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def base(self) -> str:
        return f"http://{services.HOST}:{self.port}"

    def processor_seconds(self) -> float:
        """How much processor time it and its child processes used so far."""
        return sum(map(processor_seconds, [self.process.pid, *_children(self.process.pid)]))


def processor_seconds(pid: int) -> float:
    # The clock of another process, in nanoseconds: what /proc says of it is rounded to hundredths of a second.
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def ours(environ: dict[str, str], count: int = 1, *, log: Path | None = None) -> Iterator[list[Instance]]:
    """Instances of the server, each on a port of its own; without `log` they say on the screen what they have to."""
    with ExitStack() as running:
        yield [running.enter_context(_one_of_ours(environ, log)) for _ in range(count)]


def _one_of_ours(environ: dict[str, str], log: Path | None) -> AbstractContextManager[Instance]:
    port = services.free_port()
    command = [sys.executable, "-m", "server"]
    own = log and log.with_suffix(f".{port}{log.suffix}")
    return running(command, environ | {"PORT": str(port)}, port, "/api/v1/ready", own)


@contextmanager
def bare(url: str, recorded: Path, count: int = 1) -> Iterator[list[Instance]]:
    """Servers that send what was recorded to the database, and do nothing else."""
    with ExitStack() as running:
        yield [running.enter_context(_one_bare(url, recorded)) for _ in range(count)]


def _one_bare(url: str, recorded: Path) -> AbstractContextManager[Instance]:
    port = services.free_port()
    command = [sys.executable, "-m", "scripts.benchmarks.bare_server", str(port), url, str(recorded)]
    return running(command, {}, port, "/")


@contextmanager
def running(
    command: programs.Command, environ: dict[str, str], port: int, ready: str, log: Path | None = None
) -> Iterator[Instance]:
    """Run a server until the block ends; it serves once it answers at the path `ready`."""
    instance = Instance(programs.start(command, environ=environ, log=log), port)
    try:
        while not _answers(instance, ready):
            assert instance.process.poll() is None, "the server ended"
            time.sleep(0.1)
        yield instance
    except AssertionError:
        if log:
            print(_last_trouble(log.read_text()), file=sys.stderr)
        raise
    finally:
        programs.stop(instance.process)


def _last_trouble(said: str) -> str:
    """The last traceback in a log that goes when the benchmark ends, or the log's end."""
    first = said.rfind("Traceback")
    return said[first:][:TAIL_CHARACTERS] if first >= 0 else said[-TAIL_CHARACTERS:]


def _answers(instance: Instance, ready: str) -> bool:
    try:
        return httpx.get(f"{instance.base}{ready}", trust_env=False).is_success
    except httpx.TransportError:
        return False
