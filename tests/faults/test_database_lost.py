"""MariaDB is killed or frozen: every caller is told so in time, and everything continues when it is back."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx
import pymysql
import pytest

from scripts import programs
from server.adapters.photo_folder import FolderStore
from server.database import db, transactions
from server.domain import job_queue, photos
from tests.faults.history import Answer, History, under_load
from tests.faults.instances import Database, Instance, durable_database, environ_of, instances
from tests.faults.town import BOOK, Town, Wanted, settle
from tests.scale import scaled
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it kills and stops a MariaDB of its own")

DOWN_SECONDS = scaled(1, full=3)
# Ten seconds are promised; a machine that does other things as well may take longer.
BACK_SECONDS = 120
JOBS = 200

STOPPED_SECONDS = float(os.environ.get("FAULTS_STOP_SECONDS", "7"))
DEADLINE_SECONDS = STOPPED_SECONDS / 2
# A request waits for its place no longer than the deadline, works no longer, and is undone; the rest is for a slow
# machine. Who waited for the database itself would never be told: it goes on only when all have been.
LONGEST_SECONDS = 2 * DEADLINE_SECONDS + transactions.ROLLBACK_SECONDS + 60
PLACES = 6


def test_killed_database_only_pauses_servers_and_runner(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    history = History()
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url))
        asyncio.run(_leave_files_to_delete(database.url, tmp_path / "photos"))
        database.must_last(must=True)
        environ = environ_of(database, valkey_url, fake_wechat_process) | {"PHOTO_STORE": str(tmp_path / "photos")}
        with instances(2, environ, tmp_path) as servers, _worker(environ, tmp_path) as worker:
            urls = [one.url for one in servers]
            with under_load(history, urls, town.something, hands=scaled(4, full=8), seconds=LONGEST_SECONDS) as load:
                load.wait_for(scaled(20, full=60))
                _until(lambda: _left(database) < JOBS - 10, "the worker does not work")
                database.kill()
                assert _left_files(tmp_path / "photos") > 0, "the worker was done before"
                _told_meanwhile(urls, DOWN_SECONDS)
                database.start()
                _until(lambda: all(_get(url, "/ready") == 200 for url in urls), "a server does not find back")
                load.wait_for(scaled(20, full=40), seconds=BACK_SECONDS)
            _until(lambda: _left(database) <= 1, "the worker does not go on")
            # A job in progress goes to another runner when its lease is over.
            database.ask(
                "UPDATE job SET leased_until = UTC_TIMESTAMP() WHERE kind = 'delete_photo' AND state = 'waiting'"
            )
            _until(lambda: _left(database) == 0, "what was in hand is not done again")
            assert _left_files(tmp_path / "photos") == 0
            assert [one.process.poll() for one in servers] == [None, None]
            assert worker.poll() is None
            asyncio.run(history.repeat_all(urls))
        assert 500 not in history.statuses, history.statuses
        assert history.statuses[503] > 0, "nobody noticed"
        assert None not in history.statuses, history.statuses
        asyncio.run(history.must_agree_with(database.url))


async def _leave_files_to_delete(url: str, folder: Path) -> None:
    """Create photos that nobody uses: each is a job for the runner."""
    store, now = FolderStore(folder), datetime.now(UTC)
    async with db.connected(url, pool=1):
        for number in range(JOBS):
            name = f"{number:040x}"
            await store.put(photos.file_name(name, "large"), b"a photo")
            await db.transaction(job_queue.plan)("delete_photo", name, due=now)


@contextmanager
def _worker(environ: dict[str, str], folder: Path) -> Iterator[Popen[bytes]]:
    command = [sys.executable, "-m", "server.jobs.worker"]
    worker = programs.start(command, environ=environ, log=folder / "worker.log")
    try:
        yield worker
    finally:
        programs.stop(worker)


def _left(database: Database) -> int:
    [left] = database.ask("SELECT COUNT(*) FROM job WHERE kind = 'delete_photo' AND state <> 'done'")
    return int(left)


def _left_files(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.jpg"))


def _until(holds: Callable[[], bool], otherwise: str, seconds: float = BACK_SECONDS) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, otherwise
        time.sleep(0.2)  # MariaDB refreshes its list of transactions no more often than this


def _get(url: str, path: str) -> int:
    return httpx.get(f"{url}{path}", trust_env=False, timeout=LONGEST_SECONDS).status_code


def _told_meanwhile(urls: list[str], seconds: float) -> None:
    """Assert that during the outage /ready says no and /health says yes."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for url in urls:
            assert (_get(url, "/ready"), _get(url, "/health")) == (503, 200)
        time.sleep(0.2)


def test_frozen_database_delays_no_request_beyond_the_deadline(
    tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    history = History()
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url))
        environ = environ_of(database, valkey_url, fake_wechat_process)
        environ |= {"DEADLINE_SECONDS": str(DEADLINE_SECONDS), "DATABASE_POOL": str(PLACES)}
        with instances(1, environ, tmp_path) as [server]:
            with under_load(
                history, [server.url], town.something, hands=scaled(8, full=16), seconds=LONGEST_SECONDS
            ) as load:
                load.wait_for(scaled(20, full=60))
                database.freeze()
                thaws, under_way = time.monotonic() + STOPPED_SECONDS, _under_way(history)
                _nobody_waits_longer(history, server, town)
                _told_meanwhile([server.url], thaws - time.monotonic())
                _until(lambda: _are_told(history, under_way), "somebody waits for the database itself")
                database.thaw()
                load.wait_for(scaled(20, full=40), seconds=BACK_SECONDS)
            _nothing_is_left_open(database)
            _as_many_at_once_as_there_are_places(history, server, town, database)
            asyncio.run(history.repeat_all([server.url]))
        assert None not in history.statuses, history.statuses
        asyncio.run(history.must_agree_with(database.url))


def _under_way(history: History) -> dict[Wanted, int]:
    """The requests people wait for, with how often they were put off so far."""
    return {one: len(told) for one, told in list(history.told.items()) if not any(each.definite for each in told)}


def _are_told(history: History, under_way: dict[Wanted, int]) -> bool:
    """Return whether all of them have an answer, or gave up themselves."""
    return all(len(history.told[one]) > before for one, before in under_way.items())


def _nobody_waits_longer(history: History, server: Instance, town: Town) -> None:
    """Send twice as many requests as there are places to a frozen database; all are answered before it continues."""
    asked = [town.something() for _ in range(2 * PLACES)]
    told = asyncio.run(_ask_at_once(history, server, asked))
    codes = {(one.status, (one.body or {}).get("code")) for one in told}
    assert codes <= {(503, "busy"), (503, "outcome_unknown")}, codes


async def _ask_at_once(history: History, server: Instance, asked: list[Wanted]) -> list[Answer]:
    async with httpx.AsyncClient(trust_env=False, timeout=LONGEST_SECONDS) as client:
        return await asyncio.gather(*(history.ask(client, server.url, one) for one in asked))


def _nothing_is_left_open(database: Database) -> None:
    """Assert that no transaction and no connection is left open, also of requests the server gave up."""
    _until(lambda: database.ask("SELECT COUNT(*) FROM information_schema.innodb_trx") == (0,), "a transaction is open")
    connections = "SELECT COUNT(*) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = 'root'"
    _until(lambda: database.ask(connections)[0] <= PLACES + 2, "connections are left behind")


def _as_many_at_once_as_there_are_places(history: History, server: Instance, town: Town, database: Database) -> None:
    """Have all wait for one locked row, each in a transaction of its own; all are answered."""
    held = town.activity_ids[-1]  # no transaction has come so far as to wait for it
    path = f"/activities/{held}/bookings"
    asked = [Wanted(BOOK, token, path, f"held-number-{token[:12]}", {}) for token in town.residents[:PLACES]]
    told = asyncio.run(_ask_for_what_is_held(history, server, asked, database, held))
    assert [one.status for one in told] == [201] * PLACES, told


async def _ask_for_what_is_held(
    history: History, server: Instance, asked: list[Wanted], database: Database, held: int
) -> list[Answer]:
    waiting = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
    with pymysql.connect(host="127.0.0.1", port=database.port, user="root", database="stations") as link:
        link.cursor().execute("SELECT id FROM activity WHERE id = %s FOR UPDATE", (held,))
        asking = asyncio.ensure_future(_ask_at_once(history, server, asked))
        await asyncio.to_thread(_until, lambda: database.ask(waiting) == (len(asked),), "not all are at work at once")
        link.rollback()
    return await asking
