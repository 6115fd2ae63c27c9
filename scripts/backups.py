"""A backup is a folder with the database, the photos of a folder store, and a list of both with their hashes."""

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scripts.services import mariadb_program
from server.database import db

LIST = "backup.json"
PHOTOS = "photos"
BLOCK = 1 << 20


class NotPossible(RuntimeError):  # noqa: N818 - says what is the matter
    """A backup or restore that was not begun or must not be used, with the reason."""


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:///")


def save_database(url: str, folder: Path) -> Path:
    """Write the database as of one moment into the folder, while it is in use, without its sessions.

    A session may end after the backup; restored, it would be valid again.
    """
    if is_sqlite(url):
        saved = folder / "stations.db"
        _must_be_ours(db.sqlite_file(url))
        with closing(sqlite3.connect(db.sqlite_file(url))) as live, closing(sqlite3.connect(saved)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA secure_delete = ON")
            copy.execute("DELETE FROM session")
            copy.commit()
        return saved
    saved = folder / "stations.sql.gz"
    # One transaction reads one moment, and no other transaction waits for it.
    options = ["--single-transaction", "--quick", "--hex-blob", "--no-tablespaces", "--default-character-set=utf8mb4"]
    options.append(f"--ignore-table-data={_name(url)}.session")
    with _account(url) as account, gzip.open(saved, "wb") as packed:
        command = [mariadb_program("mariadb-dump"), f"--defaults-extra-file={account}", *options, _name(url)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as dump:
            assert dump.stdout is not None
            assert dump.stderr is not None
            shutil.copyfileobj(dump.stdout, packed, BLOCK)
            said = dump.stderr.read().decode(errors="replace")
    _must_have_ended_well(dump.returncode, said)
    return saved


def _must_be_ours(file: str) -> None:
    """Refuse what SQLite would make on the spot: a backup of nothing is none."""
    if Path(file).exists():
        with closing(sqlite3.connect(file)) as live:
            if live.execute("SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'").fetchone():
                return
    raise NotPossible(f"there is no database of the stations at {file}; is DATABASE_URL right?")


def load_database(url: str, saved: Path) -> None:
    """Fill the database at `url`, which must be empty, from what `save_database` wrote."""
    if is_sqlite(url):
        target = Path(db.sqlite_file(url))
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(saved)) as copy, closing(sqlite3.connect(target)) as new:
            copy.backup(new)
        return
    with _account(url) as account, gzip.open(saved, "rb") as packed:
        command = [mariadb_program("mariadb"), f"--defaults-extra-file={account}", _name(url)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as loading:
            assert loading.stdin is not None
            assert loading.stderr is not None
            try:
                shutil.copyfileobj(packed, loading.stdin, BLOCK)
                loading.stdin.close()
            except BrokenPipeError:
                pass  # it prints the reason itself
            said = loading.stderr.read().decode(errors="replace")
    _must_have_ended_well(loading.returncode, said)


def _must_have_ended_well(status: int, said: str) -> None:
    if status:
        raise NotPossible(said.strip() or f"status {status}")


def must_be_empty(url: str) -> None:
    """Refuse a database with tables, so that a restore never overwrites data."""
    if is_sqlite(url):
        taken = Path(db.sqlite_file(url)).exists()
    else:
        with _account(url) as account:
            ask = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
            command = [mariadb_program("mariadb"), f"--defaults-extra-file={account}", "-N", "-e", ask, _name(url)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        _must_have_ended_well(done.returncode, done.stderr)
        taken = done.stdout.strip() != "0"
    if taken:
        raise NotPossible("the database at DATABASE_URL is not empty; restore into a new one")


@contextmanager
def _account(url: str) -> Iterator[str]:
    """A file that only its owner may read. Every user of the machine can read a command line, and a password in it."""
    parts = urlsplit(url)
    lines = {
        "host": parts.hostname,
        "port": parts.port or 3306,
        "user": unquote(parts.username or ""),
        "password": '"' + unquote(parts.password or "").replace("\\", "\\\\").replace('"', '\\"') + '"',
        "protocol": "tcp",
    }
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
        file.write("[client]\n" + "".join(f"{name}={value}\n" for name, value in lines.items()))
        file.flush()
        yield file.name


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def save_photos(store: str, folder: Path) -> int:
    """Copy the photos of a folder store; returns how many files. A bucket keeps versions of its own."""
    if "://" in store or not Path(store).exists():
        return 0
    # Unfinished files belong to uploads that run now: they vanish, and no row names them.
    shutil.copytree(store, folder / PHOTOS, ignore=shutil.ignore_patterns(".*", "unfinished"))
    return sum(1 for path in (folder / PHOTOS).rglob("*") if path.is_file())


def must_have_no_photos(store: str) -> None:
    """Refuse a folder store with anything in it."""
    if "://" not in store and Path(store).exists() and any(Path(store).iterdir()):
        raise NotPossible("the folder at PHOTO_STORE is not empty; restore into a new one")


def load_photos(folder: Path, store: str) -> None:
    if (folder / PHOTOS).exists():
        shutil.copytree(folder / PHOTOS, store, dirs_exist_ok=True)


def write_list(folder: Path) -> None:
    """Write down every file with its hash, last of all: a backup without the list is unfinished."""
    listed = {str(path.relative_to(folder)): _hash(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    (folder / LIST).write_text(json.dumps(listed, indent=1), encoding="utf-8")
    os.sync()


def read_list(folder: Path) -> list[str]:
    """The files of a finished backup, each as it was written; NotPossible when one is missing or changed."""
    if not (folder / LIST).exists():
        raise NotPossible(f"{folder} is no finished backup: it has no {LIST}")
    listed: dict[str, str] = json.loads((folder / LIST).read_text(encoding="utf-8"))
    wrong = [name for name, hashed in listed.items() if not (folder / name).exists() or _hash(folder / name) != hashed]
    if wrong:
        raise NotPossible("missing or changed since the backup: " + ", ".join(wrong[:5]))
    return list(listed)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
