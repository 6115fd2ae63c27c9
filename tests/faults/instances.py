"""Real instances of the server on their own MariaDB, to be killed and started again, and clients that repeat requests."""

import asyncio
import itertools
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pymysql

from scripts import programs, services
from tests.people import idempotency_key
from tests.services import prepared_mariadb

START_SECONDS = 300
# A client without a promise repeats its request for so long.
PATIENCE_SECONDS = 300
UNANSWERED = {502, 503}


@dataclass
class Instance:
    """One process of the server on a port of its own."""

    environ: dict[str, str]
    log: Path
    port: int = field(default_factory=services.free_port)

    def start(self) -> None:
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        command = [sys.executable, "-m", "server"]
        environ = {**self.environ, "PORT": str(self.port)}
        self.process: subprocess.Popen[bytes] = programs.start(command, environ=environ, log=self.log)

    def wait_until_ready(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while not self._is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < ends, f"it does not answer: {self.log.read_text()}"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Send SIGTERM and wait until the process ended, however long that takes."""
        self.process.terminate()
        self.process.wait()


class Breakable:
    """A server that a test can kill and freeze."""

    server: services.Server

    def kill(self) -> None:
        self.server.process.kill()
        self.server.process.wait()

    def freeze(self) -> None:
        """Stop the process: it accepts connections and answers nothing."""
        self.server.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.server.process.send_signal(signal.SIGCONT)


@dataclass
class Database(Breakable):
    """A MariaDB that keeps its promises, killed and started again on the same port with the same data."""

    folder: Path
    port: int
    running: ExitStack
    settings: dict[str, str | int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/stations"

    def start(self) -> services.MariaDB:
        self.server = self.running.enter_context(services.mariadb(self.folder, self.port, **self.settings))
        return self.server

    def must_last(self, *, must: bool) -> None:
        """Return whether a commit waits for the disk; the first filling need not."""
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root") as link, link.cursor() as cursor:
            cursor.execute(f"SET GLOBAL innodb_flush_log_at_trx_commit = {int(must)}")

    def ask(self, statement: str) -> tuple[Any, ...]:
        """Return the first row of MariaDB's answer, asked directly."""
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root", database="stations") as link:
            with link.cursor() as cursor:
                cursor.execute(statement)
                found = cursor.fetchone()
            link.commit()
        return tuple(found or ())

    def deadlocks(self) -> int:
        """Return how many deadlocks MariaDB has broken since it started. Their verbs were repeated."""
        return int(self.ask("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[1])

    def last_deadlock(self) -> str:
        """Return MariaDB's description of the last deadlock: which statements held and wanted which rows."""
        found = re.search(
            r"LATEST DETECTED DEADLOCK.*?(?=\n-+\nTRANSACTIONS)", self.ask("SHOW ENGINE INNODB STATUS")[2], re.DOTALL
        )
        return found.group() if found else ""


@contextmanager
def without_deadlocks(database: Database) -> Iterator[None]:
    """Assert that the block causes no deadlock: the lock order of server/README.md rules them out."""
    before = database.deadlocks()
    yield
    assert database.deadlocks() == before, f"{database.deadlocks() - before} deadlocks; {database.last_deadlock()}"


@contextmanager
def durable_database(folder: Path, **settings: str | int) -> Iterator[Database]:
    with ExitStack() as running:
        prepared_mariadb(folder / "data")
        made = Database(folder, services.free_port(), running, settings)
        made.start()
        made.must_last(must=False)
        yield made


@contextmanager
def instances(count: int, environ: dict[str, str], folder: Path) -> Iterator[list[Instance]]:
    made = [Instance(environ, folder / f"instance-{number}.log") for number in range(count)]
    with ExitStack() as running:
        for one in made:
            one.begin()
            running.callback(lambda one=one: programs.stop(one.process))
        for one in made:
            one.wait_until_ready()
        yield made


def environ_of(database: Database, valkey_url: str, fake: Any, *, port: int | None = None) -> dict[str, str]:
    """Return the settings of instances on this database, with the fake WeChat, optionally through another port."""
    return {
        "DATABASE_URL": database.url.replace(f":{database.port}/", f":{port or database.port}/"),
        "REDIS_URL": valkey_url,
        "WECHAT_BASE_URL": fake.url,
        "WECHAT_APP_ID": fake.app_id,
        "WECHAT_APP_SECRET": fake.app_secret,
        "LOG_LEVEL": "WARNING",
    }


async def at_once(urls: list[str], *asked: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
    """Post every (token, path, body) at the same moment, to one instance after the other, each with its own key."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        bases = itertools.cycle(urls)
        return await asyncio.gather(
            *(
                client.post(
                    f"{next(bases)}{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex},
                )
                for token, path, body in asked
            )
        )


@dataclass
class Asker:
    """A client that asks instance after instance, with the same key, until one answers."""

    client: httpx.AsyncClient
    urls: list[str]
    repeats: int = 0

    async def post(self, path: str, token: str, key: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": idempotency_key(key)}
        ends = time.monotonic() + PATIENCE_SECONDS
        for turn in itertools.count(len(key)):
            assert time.monotonic() < ends, "nobody answered"
            try:
                answer = await self.client.post(f"{self.urls[turn % len(self.urls)]}{path}", json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in UNANSWERED:
                return answer
            self.repeats += 1
            await asyncio.sleep(0.2)
        raise AssertionError
