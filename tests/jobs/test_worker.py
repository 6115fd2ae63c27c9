"""The worker in this process: it outlives its database's absence, says so once, and leaves when told."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pymysql
import pytest

from scripts.services import MariaDB
from server.domain import daily_jobs
from server.domain.daily_jobs import RECURRING
from server.jobs import kinds
from server.jobs import worker as working
from server.jobs.context import JobContext
from server.jobs.kinds import JobKind, Lane
from server.jobs.worker import JobRunner
from server.loops import run_together
from tests.adapters.proxy import Proxy
from tests.conftest import FakeClock
from tests.jobs.working import expect_soon
from tests.services import migrated_database, prepared_sqlite

Tells = Callable[[], list[str]]


@contextlib.asynccontextmanager
async def at_work(url: str, context: JobContext) -> AsyncIterator[None]:
    worker = JobRunner(url, context)
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running


@pytest.fixture
def tells(caplog: pytest.LogCaptureFixture) -> Tells:
    """Return the log lines of the job runner about its database, from INFO on."""
    caplog.set_level(logging.INFO, "server.jobs")
    own = ("server.jobs", "worker")
    lines = lambda: [record.message for record in caplog.records if (record.name, record.module) == own]  # noqa: E731
    return lambda: [line for line in lines() if line == "working again" or line.endswith("the way to the database")]


def told(tells: Tells, *lines: str) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return tells() == list(lines)

    return holds


@pytest.fixture
def new_database(tmp_path: Path) -> str:
    """The address of a database nobody has worked on yet; made here, where no loop runs."""
    prepared_sqlite(tmp_path / "new.db")
    return f"sqlite:///{tmp_path}/new.db"


async def test_first_runner_of_a_new_database_plans_and_runs_daily_jobs(
    new_database: str, context: JobContext, clock: FakeClock
):
    async with at_work(new_database, context):

        async def planned_for_tomorrow() -> bool:
            later = f"state = 'waiting' AND due_at > '{clock.now():%Y-%m-%d %H:%M:%S}'"
            with contextlib.closing(sqlite3.connect(new_database.removeprefix("sqlite:///"))) as link:
                planned = link.execute(f"SELECT kind FROM job WHERE {later} ORDER BY kind").fetchall()
            return planned == [(chore,) for chore in sorted(RECURRING)]

        await expect_soon(planned_for_tomorrow)


async def test_a_worker_that_comes_before_the_tables_waits_for_them_and_says_so_once(
    tmp_path: Path, context: JobContext, tells: Tells
):
    url = f"sqlite:///{tmp_path}/new.db"
    async with at_work(url, context):
        await expect_soon(told(tells, "OperationalError on the way to the database"))
        await asyncio.sleep(2.2)
        assert len(tells()) == 1

        prepared_sqlite(tmp_path / "tables.db")
        copy_tables(tmp_path / "tables.db", tmp_path / "new.db")

        await expect_soon(told(tells, "OperationalError on the way to the database", "working again"))


def copy_tables(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as tables, contextlib.closing(sqlite3.connect(target)) as link:
        tables.backup(link)


@pytest.fixture
async def far(mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """A proxy to a migrated database `far` of MariaDB, for a worker that gives up after a second."""
    monkeypatch.setattr(working, "STEP_SECONDS", dict.fromkeys(Lane, 1))
    monkeypatch.setattr(working, "CONNECT_SECONDS", 1)
    migrated_database(mariadb, "far")
    async with Proxy(urlsplit(mariadb.url).port or 0) as proxy:
        yield proxy


def ask(mariadb: MariaDB, statement: str) -> int:
    link = pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root", database="far", autocommit=True)
    with link, link.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()[0][0] if cursor.description else cursor.rowcount


def has_a_job_done(mariadb: MariaDB) -> Callable[[], Awaitable[bool]]:
    """Plan another job from elsewhere; holds once the worker has done it."""
    moment = "'2026-03-01'"
    ask(mariadb, "INSERT INTO job (kind, subject, due_at, leased_until, lease, attempts, state, last_error)"
        f" VALUES ('delete_photo', UUID(), {moment}, {moment}, '', 0, 'waiting', '')")  # fmt: skip

    async def holds() -> bool:
        return ask(mariadb, "SELECT COUNT(*) FROM job WHERE kind = 'delete_photo' AND state = 'waiting'") == 0

    return holds


async def test_runner_survives_a_silent_database(far: Proxy, mariadb: MariaDB, context: JobContext, tells: Tells):
    async with at_work(f"mysql://root@127.0.0.1:{far.port}/far", context):
        await expect_soon(has_a_job_done(mariadb))
        # A busy machine may have made it late before.
        earlier, before = len(tells()), far.connections
        far.stall()

        async def came_again() -> bool:
            return far.connections >= before + 2

        await expect_soon(came_again)
        assert tells()[earlier:] == ["TimeoutError on the way to the database"]
        far.flow()

        await expect_soon(has_a_job_done(mariadb))

        async def works_again() -> bool:
            return "working again" in tells()[earlier:]

        await expect_soon(works_again)


async def test_runner_survives_a_database_that_disconnects(far: Proxy, mariadb: MariaDB, context: JobContext):
    async with at_work(f"mysql://root@127.0.0.1:{far.port}/far", context):
        for _ in range(3):
            await expect_soon(has_a_job_done(mariadb))
            await far.cut()

        await expect_soon(has_a_job_done(mariadb))


async def test_runner_has_a_heartbeat_while_it_runs_and_none_after_it_stopped(new_database: str, context: JobContext):
    async with at_work(new_database, context):

        async def beats() -> bool:
            return rows(new_database, "SELECT doing FROM job_runner_heartbeat WHERE doing LIKE 'crises: %'") != []

        await expect_soon(beats)

    assert rows(new_database, "SELECT id FROM job_runner_heartbeat") == []


def rows(url: str, statement: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as link:
        return link.execute(statement).fetchall()


async def test_runner_that_is_asked_to_stop_serves_alarms_until_its_long_job_is_done(
    city, context: JobContext, fake_wechat, monkeypatch: pytest.MonkeyPatch
):
    began, may_end = asyncio.Event(), asyncio.Event()

    async def last(*_: object) -> None:
        began.set()
        await may_end.wait()

    monkeypatch.setitem(kinds.KINDS, "watch_stock", JobKind(last, seconds=600))
    await daily_jobs.plan_next("watch_stock", now=context.clock.now() - timedelta(days=1))
    worker = JobRunner("", context)
    crises = partial(worker._serve, Lane.CRISES, worker._last_lane_ended)
    running = asyncio.create_task(run_together(crises, worker._serve_others))
    await began.wait()
    worker.stop()
    await city.need(text="我不想活了。")

    async def rings() -> bool:
        return bool(fake_wechat.alarms())

    await expect_soon(rings)
    may_end.set()
    await running
