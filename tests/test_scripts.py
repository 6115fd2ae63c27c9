"""Scripts of newcomers and administrators, run for real: on free ports, in folders of their own."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pymysql
import pytest

from scripts.services import MariaDB, free_port
from tests.services import prepared_sqlite

ROOT = Path(__file__).parents[1]
DATABASE = (ROOT / "scripts" / "deploy" / "database.sql").read_text()
PATIENCE_SECONDS = 300
LOAD = """
import asyncio, datetime, sys
from scripts import demo

asyncio.run(demo.load(sys.argv[1], datetime.datetime.now(datetime.UTC), print))
"""


class Script:
    """A script that runs, what it printed, and the processes it started."""

    def __init__(self, name: str, *arguments: str, log: Path, **environ: str) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"scripts.{name}", *arguments],
                cwd=ROOT, env={**os.environ, **environ}, stdout=output, stderr=output,
            )  # fmt: skip

    def said(self) -> str:
        return self.log.read_text()

    def children(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def ends(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_SECONDS)


def wait_until(fact: Callable[[], object], script: Script | None = None) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not fact():
        assert time.monotonic() < until, script and script.said()
        assert script is None or script.process.poll() is None, script.said()
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """A dead process that nobody has buried yet does not live."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def answers(port: int, path: str = "/api/v1/health") -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def running(name: str, *arguments: str, log: Path, **environ: str) -> Iterator[Script]:
    script = Script(name, *arguments, log=log, **environ)
    try:
        yield script
    finally:
        script.process.kill()
        script.process.wait()


@contextmanager
def dev(folder: Path, *arguments: str) -> Iterator[Script]:
    """scripts/dev on the folder, ready."""
    log = folder.with_suffix(".log")
    with running("dev", *arguments, log=log, DATA_FOLDER=str(folder), PORT=str(free_port())) as script:
        wait_until(lambda: "Paste this" in script.said(), script)
        yield script


def pasted(script: Script) -> str:
    """Run the lines that the script prints for pasting, and return their answers."""
    lines = script.said().partition("TOKEN=")[2].partition("\n\n")[0]
    return subprocess.check_output(["bash", "-c", f"TOKEN={lines}"], text=True, stderr=subprocess.DEVNULL)


def needs_in(folder: Path) -> int:
    with sqlite3.connect(folder / "stations.db") as link:
        count = link.execute("SELECT COUNT(*) FROM need").fetchone()[0]
    link.close()
    return count


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as scripts/dev makes it for a newcomer, made without its slow migration."""
    file = tmp_path_factory.mktemp("demonstration") / "stations.db"
    prepared_sqlite(file)
    # In a process of its own: this one may have spoken with MariaDB, and keeps what it said.
    subprocess.run([sys.executable, "-c", LOAD, f"sqlite:///{file}"], cwd=ROOT, check=True)
    return file


@pytest.fixture
def folder(demonstration: Path, tmp_path: Path) -> Path:
    """The data of somebody who has started it before."""
    return with_database(demonstration, tmp_path / "data")


def with_database(file: Path, folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(file, folder / "stations.db")
    return folder


@dataclass
class Running:
    """A scripts/dev that serves several tests."""

    folder: Path
    script: Script


@pytest.fixture(scope="module")
def running_dev(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = with_database(demonstration, tmp_path_factory.mktemp("running") / "data")
    with dev(folder) as script:
        yield Running(folder, script)


def test_a_newcomer_pastes_the_lines_and_the_need_reaches_the_town_station(running_dev: Running):
    filed, welcome = pasted(running_dev.script), running_dev.script.said()

    assert {"/activities", "/seat-offers", "/no-shows", "/station/venues"} <= set(re.findall(r"/[a-z/-]+", welcome))
    assert "先锋村社会工作服务室还在筹建中" in filed
    assert "邻玉街道社会工作服务站" in filed


def test_entered_data_survives_a_restart_and_not_a_fresh_start(folder):
    of_the_demonstration = needs_in(folder)
    with dev(folder) as script:
        pasted(script)
        script.ends(signal.SIGTERM)
    (folder / "mine.txt").write_text("not the script's")

    assert needs_in(folder) == of_the_demonstration + 1
    with dev(folder, "--fresh") as script:
        assert needs_in(folder) == of_the_demonstration
        assert "making the tables" in script.said()
    assert (folder / "mine.txt").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_is_stopped_nothing_runs_on(folder, how):
    with dev(folder) as script:
        started = script.children()
        status = script.ends(how)

    assert len(started) == 4, "Valkey, the fake WeChat, the job runner and the application"
    assert status == (-signal.SIGKILL if how == signal.SIGKILL else 0), script.said()
    wait_until(lambda: not any(map(lives, started)))


def test_a_port_that_is_taken_is_told_in_one_sentence(running_dev: Running, tmp_path: Path):
    port = re.search(r"127\.0\.0\.1:(\d+)/docs", running_dev.script.said())[1]
    second = ran("dev", status=1, DATA_FOLDER=str(tmp_path), PORT=port)

    assert second.startswith(f"Port {port} is taken by another program; choose one: PORT=")
    assert second.count("\n") == 1


def test_a_second_one_on_the_same_data_is_refused(running_dev: Running):
    second = ran("dev", status=1, DATA_FOLDER=str(running_dev.folder), PORT=str(free_port()))

    assert second == f"scripts/dev already runs on the data in {running_dev.folder}; stop it with Ctrl-C first.\n"


def ran(name: str, *arguments: str, status: int = 0, **environ: str) -> str:
    """Run a script that ends by itself and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", f"scripts.{name}", *arguments],
        cwd=ROOT, env={**os.environ, **environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def installed(mariadb: MariaDB) -> str:
    """The URL of a MariaDB set up as an administrator does it, for the user who only reads and writes rows."""
    # Another name: on MariaDB the other tests have a database `stations`.
    statements = re.sub(r"\bstations\b(?!')", "installed", DATABASE).split(";\n")
    with pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root") as link, link.cursor() as cursor:
        for statement in filter(None, statements):
            cursor.execute(statement)
    place = f"127.0.0.1:{mariadb.port}/installed"
    ran("migrate", DATABASE_URL=f"mysql://stations_owner:password-of-the-owner@{place}")
    ran("set_up", DATABASE_URL=f"mysql://stations:password-of-the-server@{place}")
    return f"mysql://stations:password-of-the-server@{place}"


@pytest.fixture(scope="module")
def serving(installed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Script, list[int]]]:
    """Two instances of the server and their ports, until a test ends them."""
    first = free_ports_in_a_row(2)
    environ = {"DATABASE_URL": installed, "PORT": str(first)}
    with running("serve", "--instances", "2", log=tmp_path_factory.mktemp("serve") / "serve.log", **environ) as script:
        ports = [first, first + 1]
        wait_until(lambda: all(map(answers, ports)), script)
        yield script, ports


def free_ports_in_a_row(count: int) -> int:
    while True:
        first = free_port()
        if not any(answers(first + number) for number in range(count)):
            return first


def test_an_instance_that_is_killed_is_started_again_while_the_other_serves(serving):
    script, ports = serving
    [one, other] = script.children()

    os.kill(one, signal.SIGKILL)

    wait_until(lambda: "starts again" in script.said(), script)
    assert sum(map(answers, ports)) >= 1
    wait_until(lambda: all(map(answers, ports)), script)
    assert other in script.children()


def test_sigterm_drains_every_instance(serving):
    script, ports = serving
    started, said = script.children(), len(script.said())

    assert script.ends(signal.SIGTERM) == 0

    assert not any(map(lives, started))
    assert not any(map(answers, ports))
    assert "Traceback" not in script.said()[said:]


def test_migrate_shows_what_it_applies_and_applies_it_once(tmp_path):
    url = f"sqlite:///{tmp_path}/new.db"

    first, second = (ran("migrate", DATABASE_URL=url) for _ in range(2))

    assert first.startswith("applying 0001_initial ...\n")
    assert second.startswith("0 applied; the database is at ")


def test_setting_up_twice_changes_nothing_the_second_time(installed):
    again = ran("set_up", DATABASE_URL=installed)

    assert again == "0 new categories of need\n泸州市社会工作服务台 (station 1) takes what no other station does\n"


@pytest.mark.parametrize(
    "script",
    ["migrate", "set_up", "jobs", "jobs check", "accounts end-sessions --everybody", "check_data", "audit_ledger"],
)
def test_database_that_is_away_is_told_in_one_sentence(script):
    said = ran(*script.split(), status=2, DATABASE_URL="mysql://root:a-secret@127.0.0.1:9/stations")

    assert said.startswith("The database at DATABASE_URL does not answer"), said
    assert len(said.splitlines()) == 1


def test_a_wrong_setting_is_named_and_no_secret_is_shown():
    secret = "a-secret-that-is-too-short"
    said = ran("migrate", status=1, ENVIRONMENT="production", PORT="many", SIGNING_SECRET=secret)

    assert "PORT: Input should be a valid integer" in said
    assert secret not in said
    assert "Traceback" not in said
