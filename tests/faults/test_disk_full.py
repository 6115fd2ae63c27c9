"""No space left for the database or for photos: changes are refused, reads continue, and free space heals it.

The kernel refuses a file that may not grow as a full disk would; MariaDB answers the same in both cases.
"""

import asyncio
import itertools
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pymysql
import pytest

from tests.faults.album import a_picture, upload, whole_photos
from tests.faults.history import History, under_load
from tests.faults.instances import Database, Instance, durable_database, environ_of, instances
from tests.faults.town import Town, settle
from tests.scale import scaled
from tests.services import chosen_database

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="it leaves a MariaDB of its own without room")

REFUSED, PATIENCE_SECONDS = 25, 300
MEGABYTE = 1 << 20
# More than what a phone sends here, less than what is to be kept of it.
TOO_LITTLE = 150_000


@contextmanager
def no_file_larger_than(size: int, pid: int) -> Iterator[None]:
    """While the block runs, the process cannot write beyond that size of any file."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def _largest_file(database: Database) -> int:
    return max(file.stat().st_size for file in (database.folder / "data").rglob("*") if file.is_file())


def _fill_a_table(database: Database) -> None:
    """Make the keys' table as large as a file may be: some answers still fit, others do not."""
    with pymysql.connect(host="127.0.0.1", port=database.port, user="root", database="stations") as link:
        cursor, numbers = link.cursor(), itertools.count()
        # What did not fit left room for all of itself: at last one by one.
        for at_once in (100, 1):
            full = False
            while not full:
                row = "('filler-{}', '', 1, '', UTC_TIMESTAMP(), 200, REPEAT('x', 3500))"
                rows = ", ".join(row.format(next(numbers)) for _ in range(at_once))
                columns = "id, request_hash, person_id, operation, created_at, status, answer"
                full = _has_no_room(cursor, f"INSERT INTO idempotency_key ({columns}) VALUES {rows}")


def _empty_the_table(database: Database) -> None:
    database.ask("DELETE FROM idempotency_key WHERE id LIKE 'filler-%'")


def _fill_the_log(database: Database) -> None:
    """Make the binary log as large as a file may be: no commit has space."""
    with pymysql.connect(host="127.0.0.1", port=database.port, user="root", database="stations") as link:
        cursor = link.cursor()
        cursor.execute("SET SESSION binlog_format = 'STATEMENT'")
        for size in (MEGABYTE, 2000, 1):
            # It changes nothing, and is written down as long as it is.
            while not _has_no_room(cursor, f"UPDATE idempotency_key SET answer = '' WHERE id = '{'x' * size}'"):
                pass


def _has_no_room(cursor: pymysql.cursors.Cursor, statement: str) -> bool:
    try:
        cursor.execute(statement)
        cursor.connection.commit()
    except pymysql.err.Error as error:
        if error.args[0] not in {1114, 3}:
            raise
        cursor.connection.rollback()
        return True
    return False


@dataclass(frozen=True)
class Full:
    """How the space runs out, how it comes back, and the answers meanwhile."""

    fill: Callable[[Database], None]
    empty: Callable[[Database], None]
    code: str


TABLE = Full(_fill_a_table, _empty_the_table, "busy")
# The log is not emptied: it is enough that it may grow again.
LOG = Full(_fill_the_log, lambda _: None, "outcome_unknown")


@pytest.mark.parametrize("full", [TABLE, LOG], ids=["a table is full", "no commit is written"])
def test_full_database_disk_refuses_changes_and_allows_reads(
    full: Full, tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    history = History()
    # With the log that replicas read; a table space that grows in large steps would set the bounds too far.
    settings = {"log_bin": "binlog", "max_binlog_size": 1 << 30, "innodb_autoextend_increment": 1}
    with durable_database(tmp_path / "mariadb", **settings) as database:
        town = asyncio.run(settle(database.url))
        with (
            instances(1, environ_of(database, valkey_url, fake_wechat_process), tmp_path) as [server],
            under_load(history, [server.url], town.something) as load,
        ):
            load.wait_for(30)
            with no_file_larger_than(_largest_file(database), database.server.process.pid):
                full.fill(database)
                _wait_until_refused(history)
                _everybody_may_read(server, town)
            load.wait_for(scaled(20, full=60))
            full.empty(database)
            database.must_last(must=True)
            asyncio.run(history.repeat_all([server.url]))
        assert None not in history.statuses, history.statuses
        assert {one.body["code"] for answers in history.told.values() for one in answers if not one.definite} == {
            full.code
        }
        asyncio.run(history.must_agree_with(database.url))


def _wait_until_refused(history: History) -> None:
    already, ends = history.statuses[503], time.monotonic() + PATIENCE_SECONDS
    while history.statuses[503] < already + REFUSED:
        assert time.monotonic() < ends, f"nobody was refused: {history.statuses}"
        time.sleep(0.05)


def _everybody_may_read(server: Instance, town: Town) -> None:
    with httpx.Client(trust_env=False, timeout=60) as client:
        for token in town.residents[:4]:
            for path in ("/me", "/needs", "/supermarket/orders", "/activities"):
                answer = client.get(f"{server.url}{path}", headers={"Authorization": f"Bearer {token}"})
                assert answer.status_code == 200, (path, answer.text)


def test_full_photo_disk_refuses_photos_only(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    history, folder = History(), tmp_path / "photos"
    with durable_database(tmp_path / "mariadb") as database:
        town = asyncio.run(settle(database.url))
        environ = environ_of(database, valkey_url, fake_wechat_process) | {"PHOTO_STORE": str(folder)}
        with instances(1, environ, tmp_path) as [server]:
            earlier = asyncio.run(_upload(server, town, range(3)))
            assert {one.status_code for one in earlier} == {201}
            with no_file_larger_than(TOO_LITTLE, server.process.pid):
                refused = asyncio.run(_upload(server, town, range(3, 9)))
                assert {(one.status_code, one.json().get("code")) for one in refused} == {(503, "photos_unavailable")}
                assert asyncio.run(whole_photos(database.url, folder)) == len(earlier)
                _all_else_goes_on(history, server, town, earlier)
            repeated = asyncio.run(_upload(server, town, range(9)))
            assert [one.status_code for one in repeated] == [201] * 9
            assert [one.json()["id"] for one in repeated[:3]] == [one.json()["id"] for one in earlier]
            asyncio.run(history.repeat_all([server.url]))
        assert asyncio.run(whole_photos(database.url, folder)) == len(repeated)
        asyncio.run(history.must_agree_with(database.url))


async def _upload(server: Instance, town: Town, numbers: range) -> list[httpx.Response]:
    """Upload a photo for each of so many people; the same number again is the same request."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return [
            await upload(client, server.url, town.residents[one], f"photo-number-{one:09}", PICTURES[one])
            for one in numbers
        ]


def _all_else_goes_on(history: History, server: Instance, town: Town, earlier: list[httpx.Response]) -> None:
    _everybody_may_read(server, town)
    for one in earlier:
        shown = httpx.get(
            httpx.URL(server.url).copy_with(raw_path=httpx.URL(one.json()["large"]).raw_path), trust_env=False
        )
        assert shown.status_code == 200
    with under_load(history, [server.url], town.something) as load:
        load.wait_for(12)
    assert set(history.statuses) == {201}, history.statuses


PICTURES = [a_picture(number) for number in range(9)]
