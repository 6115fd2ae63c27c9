"""The job runner is killed or frozen while a person may be in danger: an instance rings in its place, once."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymysql
import pytest

from scripts import programs
from server.database import db
from server.models import Need
from tests import factories
from tests.faults.instances import Database, durable_database, environ_of, instances
from tests.services import chosen_database
from tests.wechat import FakeWeChat

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several processes share a MariaDB")

PATIENCE_SECONDS = 300
IN_DANGER = "我不想活了。"
# The claim of a runner that died or froze ends at last: this is the moment when it does.
END_CLAIMS = "UPDATE job SET leased_until = due_at WHERE kind = 'sound_crisis' AND state = 'waiting'"
AGE_HEARTBEATS = "UPDATE job_runner_heartbeat SET beat_at = beat_at - INTERVAL 1 MINUTE"
CLAIMED = "SELECT COUNT(*) FROM job WHERE kind = 'sound_crisis' AND lease <> ''"
PLANNED_AGAIN = "SELECT COUNT(*) FROM job WHERE kind = 'sound_crisis' AND due_at > UTC_TIMESTAMP()"
# It has claimed the alarm, and reads whether the need that it is about is live.
READS_NEED = """
    SELECT COUNT(*) FROM information_schema.processlist
    WHERE state LIKE 'Waiting for table%' AND info LIKE 'SELECT%crisis_alert%'
"""
IDLE_SINCE = "SELECT COUNT(*) FROM job_runner_heartbeat WHERE beat_at > '{}' AND doing LIKE 'crises: idle%'"


class Danger:
    """A town in which a person asks for help, with an alarm that is overdue from the beginning."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._city: factories.City

    async def settle(self) -> None:
        async with db.connected(self._database.url, pool=2):
            self._city = await factories.city(datetime.now(UTC))

    async def ask(self, ago: timedelta, *, by: str = "") -> str:
        """File a need with words of crisis so long ago. Return its slip code, which the alarm names."""
        async with db.connected(self._database.url, pool=2):
            self._city.now = datetime.now(UTC) - ago
            person = {"by": self._city.staff[by].person_id, "area_id": self._city.areas["团结村"].id} if by else {}
            need: Need = await self._city.need(text=IN_DANGER, **person)
            return need.slip_code

    def count(self, statement: str) -> int:
        return int(self._database.ask(statement)[0])


@pytest.fixture
def danger(tmp_path: Path) -> Iterator[tuple[Danger, Database]]:
    with durable_database(tmp_path / "mariadb") as database:
        town = Danger(database)
        asyncio.run(town.settle())
        yield town, database


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.05)


@contextmanager
def _runner(environ: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = programs.start([sys.executable, "-m", "server.jobs.worker"], environ=environ, log=folder / "worker.log")
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        programs.stop(process)


def _settings(database: Database, valkey_url: str, fake: FakeWeChat) -> dict[str, str]:
    return environ_of(database, valkey_url, fake) | {"ALARM_URL": f"{fake.url}/alarms"}


def _says_runner(url: str) -> Any:
    answer = httpx.get(f"{url}/ready", trust_env=False)
    assert answer.status_code == 200
    return answer.json()["job_runner"]


def _rung(fake: FakeWeChat) -> list[str]:
    """Return the slip codes of the crisis alarms that the gateway has. Others are about the system itself."""
    texts = [alarm["text"] for alarm in fake.alarms() if alarm["kind"] == "crisis"]
    return [re.search(r"查询码([^，、]+)", text)[1] for text in texts]  # type: ignore[index]


def test_killed_runner_is_named_and_instances_ring_once_in_its_place(
    tmp_path: Path, valkey_url: str, fake_wechat: FakeWeChat, danger: tuple[Danger, Database]
):
    town, database = danger
    environ = _settings(database, valkey_url, fake_wechat)
    with instances(2, environ, tmp_path) as servers:
        with _runner(environ, tmp_path) as runner:
            _until(lambda: all(_says_runner(one.url) for one in servers))
            runner.kill()
            runner.wait()
        database.ask(AGE_HEARTBEATS)
        assert [_says_runner(one.url) for one in servers] == [False, False]

        first = asyncio.run(town.ask(timedelta(minutes=1)))
        _until(lambda: _rung(fake_wechat) == [first])
        # When the next one has rung, both instances have looked again.
        second = asyncio.run(town.ask(timedelta(minutes=1), by="周社工"))
        _until(lambda: len(_rung(fake_wechat)) > 1)

        assert _rung(fake_wechat) == [first, second]


def test_frozen_runner_that_wakes_rings_no_second_time(
    tmp_path: Path, valkey_url: str, fake_wechat: FakeWeChat, danger: tuple[Danger, Database]
):
    town, database = danger
    environ = _settings(database, valkey_url, fake_wechat)
    alarm = asyncio.run(town.ask(timedelta(minutes=1)))
    with _frozen_before_it_rings(town, database, environ, tmp_path) as runner:
        assert _rung(fake_wechat) == []
        database.ask(END_CLAIMS)
        with instances(1, environ, tmp_path):
            _until(lambda: town.count(PLANNED_AGAIN) == 1)
            assert _rung(fake_wechat) == [alarm]

            runner.send_signal(signal.SIGCONT)
            woken = IDLE_SINCE.format(datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"))
            _until(lambda: town.count(woken) == 1)

        assert _rung(fake_wechat) == [alarm]


@contextmanager
def _frozen_before_it_rings(
    town: Danger, database: Database, environ: dict[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Freeze a job runner between the claim of the alarm and the call of the gateway."""
    with (
        pymysql.connect(host="127.0.0.1", port=database.port, user="root", database="stations") as link,
        link.cursor() as cursor,
    ):
        cursor.execute("LOCK TABLES need WRITE")
        with _runner(environ, folder) as runner:
            _until(lambda: town.count(CLAIMED) == 1 and town.count(READS_NEED) > 0)
            runner.send_signal(signal.SIGSTOP)
            cursor.execute("UNLOCK TABLES")
            yield runner


def test_instance_rings_once_the_gateway_is_back(
    tmp_path: Path, valkey_url: str, fake_wechat: FakeWeChat, danger: tuple[Danger, Database]
):
    town, database = danger
    fake_wechat.fault("errcode", times=2, path="/alarms")
    with instances(2, _settings(database, valkey_url, fake_wechat), tmp_path):
        alarm = asyncio.run(town.ask(timedelta(minutes=1)))

        _until(lambda: town.count(PLANNED_AGAIN) == 1)

    assert _rung(fake_wechat) == [alarm]
    assert town.count("SELECT COUNT(*) FROM notice WHERE template = 'crisis_call_failed'") > 0
