"""A station with many open needs closes while phones file at two instances, and the job runner is killed meanwhile."""

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts import programs
from server.database import db
from server.domain import invariants, ledger
from server.models import Job, Need, NeedEvent, Notice, Station
from tests import factories, steps
from tests.faults.history import History, under_load
from tests.faults.instances import Database, durable_database, environ_of, instances
from tests.faults.town import NEED, SUBMIT, Wanted
from tests.scale import scaled
from tests.services import chosen_database
from tests.sides import crowd, sign_in

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several instances share a MariaDB")

OPEN_NEEDS = scaled(200, full=2_000)
PHONES, PEOPLE, FILED_BY_ONE = 25, 200, 20
CLOSING, NEXT = "邻玉社工站", "江阳总站"
PATIENCE_SECONDS = 600
# An open need whose station neither is open nor closes while its people serve.
UNSERVED = """
    SELECT COUNT(*) FROM need n JOIN station s ON s.id = n.station_id
    WHERE n.ended_at IS NULL AND s.status NOT IN ('open', 'closing')
"""
MOVED = "SELECT COUNT(*) FROM need_event WHERE kind = 'rerouted'"
# What a job runner that died leaves behind ends at last: this is the moment when it does.
END_LEASES = "UPDATE job SET leased_until = due_at WHERE kind = 'reroute_needs' AND state = 'waiting'"


@dataclass
class Town:
    """A station with many open needs, the people who file, an officer and a worker."""

    database: Database
    station_id: int = 0
    officer: str = ""
    worker: str = ""
    residents: list[str] = field(default_factory=list)
    filed: int = 0

    async def settle(self) -> None:
        now = datetime.now(UTC)
        async with db.connected(self.database.url, pool=4):
            city = await factories.city(now)
            self.station_id = city.stations[CLOSING].id
            self.officer = await sign_in(city.staff["冯科长"].person_id, now)
            self.worker = await sign_in(city.staff["陈社工"].person_id, now)
            self.residents = [await sign_in(one.id, now) for one in await crowd(city, "resident", PEOPLE, now)]
            for number in range(OPEN_NEEDS):
                need = await city.need()
                if number % 10 == 0:
                    await (steps.start_need, steps.resolve_need)[number % 20 // 10](city, need, now)

    def next_filing(self) -> Wanted:
        number, self.filed = self.filed, self.filed + 1
        return Wanted(SUBMIT, self.residents[number % PEOPLE], "/needs", f"need-number-{number:06}", NEED)

    def count(self, statement: str) -> int:
        return int(self.database.ask(statement)[0])

    def is_closed(self) -> bool:
        return self.count(f"SELECT status = 'closed' FROM station WHERE id = {self.station_id}") == 1

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait, and check all the time that each open need has a station whose people serve it."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert self.count(UNSERVED) == 0
            assert time.monotonic() < ends, f"{self.count(MOVED)} needs moved"
            time.sleep(0.02)


def test_station_closes_while_phones_file_and_the_job_runner_is_killed(
    tmp_path: Path, valkey_url: str, fake_wechat_process: Any
):
    history = History()
    with durable_database(tmp_path / "mariadb") as database, ExitStack() as running:
        town = Town(database)
        asyncio.run(town.settle())
        # A slow machine is late; it does not refuse.
        environ = environ_of(database, valkey_url, fake_wechat_process) | {"DEADLINE_SECONDS": "60"}
        urls = [one.url for one in running.enter_context(instances(2, environ, tmp_path))]
        before = database.deadlocks()
        most = PEOPLE * FILED_BY_ONE - PHONES
        with under_load(history, urls, town.next_filing, hands=PHONES, most=most) as load:
            load.wait_for(2 * PHONES)
            quiet = _slowest(history)
            assert _post(urls[0], f"/stations/{town.station_id}/closing", town.officer, {"reason": "撤并"}) == "closing"
            began = time.monotonic()
            _kill_in_the_middle(town, environ, tmp_path)
            _serve_what_has_not_moved(town, urls[1])
            database.ask(END_LEASES)
            _job_runner(environ, tmp_path, running)
            town.wait_until(town.is_closed)
            closed_after = time.monotonic() - began
            load.wait_for(PHONES)
        figures = (
            f"{OPEN_NEEDS} needs moved in {closed_after:.1f} s; {history.answered} filings, the slowest took "
            f"{_slowest(history):.2f} s, {_slowest(history) / quiet:.1f} times the slowest before; "
            f"{database.deadlocks() - before} deadlocks"
        )
        print(figures)  # noqa: T201 - what a run that fails shows
        assert set(history.statuses) == {201}, history.statuses
        # Who files shares the row of the set-up first, and portions lock needs in the order of their ids.
        assert database.deadlocks() == before, figures
        asyncio.run(_must_be_whole(town, history))


def _slowest(history: History) -> float:
    return max(told.seconds for answers in list(history.told.values()) for told in answers)


def _job_runner(environ: dict[str, str], folder: Path, running: ExitStack) -> subprocess.Popen[bytes]:
    process = programs.start([sys.executable, "-m", "server.jobs.worker"], environ=environ, log=folder / "worker.log")
    running.callback(programs.stop, process)
    return process


def _kill_in_the_middle(town: Town, environ: dict[str, str], folder: Path) -> None:
    with ExitStack() as running:
        victim = _job_runner(environ, folder, running)
        town.wait_until(lambda: town.count(MOVED) >= OPEN_NEEDS // 4)
        victim.kill()
        victim.wait()
    assert not town.is_closed(), "it was killed too late"


def _post(url: str, path: str, token: str, body: dict[str, Any]) -> str:
    """Return the status of what was changed."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
    answer = httpx.post(f"{url}{path}", json=body, headers=headers, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


def _serve_what_has_not_moved(town: Town, url: str) -> None:
    """The people of the closing station accept a need that still waits for its turn."""
    waiting = f"SELECT id FROM need WHERE station_id = {town.station_id} AND status = 'submitted' LIMIT 1"
    [need_id] = town.database.ask(waiting)
    assert _post(url, f"/station/needs/{need_id}/acceptance", town.worker, {}) == "accepted"


async def _must_be_whole(town: Town, history: History) -> None:
    """Each need moved at most once, those of the closed station exactly once, and each move was told once."""
    async with db.connected(town.database.url, pool=2):
        next_station = (await Station.get(name=NEXT)).id
        assert {one.station_id for one in await Need.all()} == {next_station}
        answered = {told["id"] for told in history.answers(SUBMIT)}
        assert len(answered) == history.answered
        moved = await NeedEvent.filter(kind="rerouted").values_list("need_id", flat=True)
        assert len(moved) == len(set(moved)) >= OPEN_NEEDS
        assert await Need.all().count() == OPEN_NEEDS + len(answered)
        # At first the phones filed at the station that closed.
        assert set(await Need.all().values_list("id", flat=True)) - set(moved) <= answered
        assert await Notice.filter(template="need_rerouted").count() == len(moved)
        assert await Notice.filter(template="need_arrived").count() == 2 * len(moved), "two people work there"
        assert await Job.exists(kind="move_volunteers", subject=str(town.station_id))
        report, audited = await invariants.check(), await ledger.audit()
    assert report.holds, str(report)
    assert audited.holds, str(audited)
