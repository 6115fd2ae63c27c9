"""Private servers of a test session: one of each for every worker, none of them shared with anybody."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import services

KEPT = Path(__file__).parent.parent / ".data"


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with services.valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.MariaDB]:
    require_mariadb()
    folder = tmp_path_factory.mktemp("mariadb")
    shutil.copytree(prepared_mariadb(), folder / "data")
    # Nothing here has to survive a power cut, so nothing waits for the disk.
    with services.mariadb(folder, innodb_flush_log_at_trx_commit=0) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mariadb_url(mariadb: services.MariaDB) -> str:
    return mariadb.url


def chosen_database() -> str:
    """Give what TEST_DATABASE asks for: `sqlite` (also when it is not set) or `mariadb`."""
    chosen = os.environ.get("TEST_DATABASE", "sqlite")
    if chosen not in {"sqlite", "mariadb"}:
        raise pytest.UsageError(f"TEST_DATABASE is sqlite or mariadb, not {chosen!r}")
    return chosen


def require_mariadb() -> None:
    """Skip when MariaDB is missing; where everything must be tested (CI=true), fail."""
    if services.has_mariadb():
        return
    reason = "MariaDB IS MISSING: nothing was tested on it. As root, scripts/test installs it."
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def prepared_mariadb() -> Path:
    """Give a data folder of this very version to copy, made only once whatever the number of workers."""
    said = subprocess.check_output([services.mariadb_program("mariadbd"), "--no-defaults", "--version"], text=True)
    version = re.search(r"Ver (\S+)", said)
    assert version, said
    KEPT.mkdir(exist_ok=True)
    kept = KEPT / f"mariadb-{version[1]}"
    with (KEPT / "mariadb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        services.prepare_mariadb(kept)
    return kept
