"""Private servers for a test session: each pytest worker has its own."""

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pymysql
import pytest
from redis.asyncio import Redis

from scripts import services
from scripts.nginx import find_nginx
from server.database import schema

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".data" / "prepared"
# The data need not survive a power cut, so no write waits for the disk. The folder is copied often, so it is small.
HASTY = {"innodb_flush_log_at_trx_commit": 0, "innodb_autoextend_increment": 1}


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with services.valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    """The session's Valkey, emptied."""
    async with Redis.from_url(valkey_url) as client:
        await client.flushall()
        yield client


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.MariaDB]:
    require_mariadb()
    folder = tmp_path_factory.mktemp("mariadb")
    prepared_mariadb(folder / "data")
    with services.mariadb(folder, **HASTY) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mariadb_url(mariadb: services.MariaDB) -> str:
    return mariadb.url


def chosen_database() -> str:
    """Return the value of TEST_DATABASE: `sqlite` (also when it is not set) or `mariadb`."""
    chosen = os.environ.get("TEST_DATABASE", "sqlite")
    if chosen not in {"sqlite", "mariadb"}:
        raise pytest.UsageError(f"TEST_DATABASE is sqlite or mariadb, not {chosen!r}")
    return chosen


def require_mariadb() -> None:
    """Skip the test when MariaDB is missing; fail it if everything must be tested (CI=true)."""
    if not services.has_mariadb():
        _leave_out("MariaDB IS MISSING: nothing was tested on it. As root, scripts/test installs it.")


def require_faketime() -> Path:
    """Return the library that shows a program another time. Skip if it is missing, or fail with CI=true."""
    found = services.faketime()
    return found or _leave_out("libfaketime IS MISSING: no clock jumped. As root, scripts/test installs it.")


def require_nginx() -> None:
    """Skip the test when nginx is missing; fail it if everything must be tested (CI=true)."""
    if find_nginx() is None:
        _leave_out("nginx IS MISSING: nothing was tested behind a proxy. As root, scripts/test installs it.")


def _leave_out(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def prepared_mariadb(data: Path) -> None:
    """Create a data folder that has a migrated, empty database `stations`."""
    output = subprocess.check_output([services.mariadb_program("mariadbd"), "--no-defaults", "--version"], text=True)
    version = re.search(r"Ver (\S+)", output)
    assert version, output

    def make(folder: Path) -> None:
        with services.mariadb(folder, **HASTY) as server:
            asyncio.run(schema.migrate(server.create_database("stations")))

    _copy_prepared(f"mariadb-{version[1]}", make, data, of="data")


def migrated_database(mariadb: services.MariaDB, name: str) -> str:
    """Create another migrated, empty database beside `stations`, and return its address."""
    url = mariadb.create_database(name)
    with (
        pymysql.connect(host=services.HOST, port=mariadb.port, user="root", database=name) as link,
        link.cursor() as cursor,
    ):
        cursor.execute("SET foreign_key_checks=0")
        cursor.execute("SHOW TABLES FROM stations")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SHOW CREATE TABLE stations.`{table}`")
            cursor.execute(cursor.fetchone()[1])
        cursor.execute("INSERT INTO tortoise_migrations SELECT * FROM stations.tortoise_migrations")
        link.commit()
    return url


def prepared_sqlite(file: Path) -> None:
    """Create a migrated, empty database in the file."""
    _copy_prepared("sqlite", lambda folder: asyncio.run(schema.migrate(f"sqlite:///{folder}/db")), file, of="db")


def _copy_prepared(name: str, make: Callable[[Path], None], target: Path, *, of: str) -> None:
    """Copy what `make` created in a folder. Migrating is slow, so it is done once for all workers and runs."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT / f"{name}-{_state_of_the_schema()}"
        if not kept.exists():
            for old in KEPT.glob(f"{name}-*"):
                shutil.rmtree(old)
            # It gets its name only when complete: after an interruption it is created again.
            unfinished = KEPT / f"{name}-unfinished"
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(kept)
        (shutil.copytree if (kept / of).is_dir() else shutil.copy)(kept / of, target)


def _state_of_the_schema() -> str:
    """Return a hash that changes with the migrations, the way to migrate and the version of Tortoise."""
    made_by = [*sorted((ROOT / "server" / "migrations").glob("*.py")), ROOT / "server" / "database" / "schema.py"]
    made_by += [ROOT / "server" / "database" / "sqlite.py", ROOT / "requirements.lock"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_by)).hexdigest()[:16]
