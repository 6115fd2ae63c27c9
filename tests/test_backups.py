"""Backups are taken while the server runs and restored into a new database, complete and consistent."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import backups
from server.models import Need, ReferenceVersion
from tests.domain.ledger.moving import give, points_of
from tests.services import chosen_database
from tests.sides import sign_in


def run(script: str, folder: Path, **environ: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"scripts.{script}", str(folder)]
    settings = {name: str(value) for name, value in environ.items()}
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)


# In another process: a process has only one database.
READ = """
import asyncio, sys
from server.database import db
from server.models import Need

async def read():
    async with db.connected(sys.argv[1], pool=1):
        print(repr(await Need.all().values_list("id", "text", "submitted_at")))

asyncio.run(read())
"""


def needs_in(url: str) -> str:
    return subprocess.check_output([sys.executable, "-c", READ, url], text=True).strip()


STATE = """
import asyncio, json, sys
from server.database import db
from server.models import AuditEntry, ReferenceVersion, Session

async def read():
    async with db.connected(sys.argv[1], pool=1):
        valid, number = await Session.filter(revoked_at=None).count(), (await ReferenceVersion.get()).number
        noted = await AuditEntry.filter(action="backup.restored").values_list("action", flat=True)
        print(json.dumps([valid, number, noted]))

asyncio.run(read())
"""


def read(url: str, program: str) -> Any:
    return json.loads(subprocess.check_output([sys.executable, "-c", program, url], text=True))


@pytest.fixture
def new_database(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    if chosen_database() == "mariadb":
        return str(request.getfixturevalue("mariadb").create_database("restored"))
    return f"sqlite:///{tmp_path}/new/restored.db"


@pytest.fixture
async def lived_in(city, database: str, tmp_path: Path) -> dict[str, str | Path]:
    """The settings of a city with a need in rare characters, points and a photo."""
    await city.need(text="𠮷奶奶说：“腿\\脚'不便”。")
    await give(100, points_of(1))
    await sign_in(city.grandma.id, city.now)
    photo = tmp_path / "photos" / "ab" / "320.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a photo")
    return {"DATABASE_URL": database, "PHOTO_STORE": tmp_path / "photos"}


async def test_restored_data_equals_the_backup(lived_in, new_database, tmp_path):
    saved = run("backup", tmp_path / "backup", **lived_in)
    assert saved.returncode == 0, saved.stderr

    restored = run("restore", tmp_path / "backup", DATABASE_URL=new_database, PHOTO_STORE=tmp_path / "photos-too")

    assert restored.returncode == 0, restored.stderr
    assert "invariants hold" in restored.stdout
    assert "No session is valid any more" in restored.stdout
    assert "The ledger holds" in restored.stdout
    assert (tmp_path / "photos-too" / "ab" / "320.jpg").read_bytes() == b"a photo"
    before = await Need.all().values_list("id", "text", "submitted_at")
    assert needs_in(new_database) == repr(before)


async def test_restored_database_has_no_session_and_another_number_of_the_set_up(lived_in, new_database, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)

    restored = run("restore", tmp_path / "backup", DATABASE_URL=new_database, PHOTO_STORE=tmp_path / "photos-too")

    assert "everybody signs in again" in restored.stdout
    assert "shut out" in restored.stdout
    sessions, number, noted = read(new_database, STATE)
    assert sessions == 0
    assert number != (await ReferenceVersion.get()).number
    assert noted == ["backup.restored"]


async def test_backup_has_no_session(lived_in, new_database, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)

    # A restore that is killed right after it loaded the database.
    [saved] = (tmp_path / "backup").glob("stations.*")
    backups.load_database(new_database, saved)

    sessions, _, noted = read(new_database, STATE)
    assert (sessions, noted) == (0, [])


async def test_restore_over_existing_data_is_refused(lived_in, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)

    refused = run("restore", tmp_path / "backup", **lived_in)

    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    assert await Need.all().count() == 1


async def test_changed_or_unfinished_backup_is_not_restored(lived_in, new_database, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)
    (tmp_path / "backup" / backups.PHOTOS / "ab" / "320.jpg").write_bytes(b"another photo")
    changed = run("restore", tmp_path / "backup", DATABASE_URL=new_database)
    (tmp_path / "backup" / backups.LIST).unlink()
    unfinished = run("restore", tmp_path / "backup", DATABASE_URL=new_database)

    assert "photos/ab/320.jpg" in changed.stderr
    assert "no finished backup" in unfinished.stderr
    backups.must_be_empty(new_database)


async def test_backup_into_an_existing_folder_fails_with_a_message(lived_in, tmp_path):
    taken = run("backup", tmp_path, **lived_in)
    nowhere = run("backup", tmp_path / "b", DATABASE_URL="mysql://nobody:hush@127.0.0.1:9/none")

    assert (taken.returncode, nowhere.returncode) == (1, 1)
    assert taken.stderr == f"The backup failed: {tmp_path} is there already; name a new folder\n"
    assert nowhere.stderr.startswith("The backup failed")
    assert "hush" not in nowhere.stderr
    assert not (tmp_path / "b" / backups.LIST).exists()


async def test_failed_backup_can_be_repeated_under_the_same_name(lived_in, tmp_path):
    run("backup", tmp_path / "b", DATABASE_URL="mysql://nobody:hush@127.0.0.1:9/none")

    assert run("backup", tmp_path / "b", **lived_in).returncode == 0
    assert [path.name for path in tmp_path.glob("b*")] == ["b"]


def test_backup_of_a_missing_database_is_refused(tmp_path):
    refused = run("backup", tmp_path / "b", DATABASE_URL=f"sqlite:///{tmp_path}/nothing.db")

    assert (refused.returncode, "no database" in refused.stderr) == (1, True)
    assert not (tmp_path / "nothing.db").exists()


async def test_restore_over_other_photos_is_refused(lived_in, new_database, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)

    refused = run("restore", tmp_path / "backup", DATABASE_URL=new_database, PHOTO_STORE=tmp_path / "photos")

    assert "PHOTO_STORE is not empty" in refused.stderr
    backups.must_be_empty(new_database)


async def test_backup_is_readable_by_its_owner_only(lived_in, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)

    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


async def test_backup_of_another_kind_of_database_is_refused(lived_in, tmp_path):
    run("backup", tmp_path / "backup", **lived_in)
    other = "sqlite:///new.db" if chosen_database() == "mariadb" else "mysql://root@127.0.0.1:9/new"

    refused = run("restore", tmp_path / "backup", DATABASE_URL=other)

    assert "another kind of database" in refused.stderr


@pytest.mark.parametrize("script", ["backup", "restore"])
def test_missing_folder_argument_shows_the_usage(script):
    command = [sys.executable, "-m", f"scripts.{script}"]

    result = subprocess.run(command, capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert f"Usage: scripts/{script} FOLDER" in result.stderr
