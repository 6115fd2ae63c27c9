"""Lanes: a long job delays no alarm, and a silent gateway delays no deadline."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest

from server.database import db
from server.domain import job_queue
from server.domain.activities.attendance_points import JOB_KIND as REWARD
from server.jobs import kinds
from server.jobs.context import JobContext
from server.jobs.kinds import KINDS, JobKind, Lane
from server.jobs.worker import JobRunner
from server.loops import run_together
from server.models import Job, Notice
from tests import factories
from tests.conftest import NOW
from tests.jobs.working import expect_soon

TIMELY = {"watch_need", "watch_task", "watch_activity", "expire_offer", "serve_line", "expire_order"}


@contextlib.asynccontextmanager
async def served(context: JobContext, *lanes: Lane, spare: int = 0) -> AsyncIterator[None]:
    """Serve lanes beside each other, as a job runner does; `spare`: with more servers of the first one."""
    runner, stopping = JobRunner("", context), asyncio.Event()
    loops = [partial(runner._serve, lane, stopping) for lane in lanes]
    loops += [partial(runner._serve, lanes[0], stopping, spare=True)] * spare
    serving = asyncio.create_task(run_together(*loops))
    try:
        yield
    finally:
        stopping.set()
        await serving


@pytest.fixture
def long_job(monkeypatch):
    """A kind of job that ends when the test allows it; returns (began, may_end)."""
    began, may_end = asyncio.Event(), asyncio.Event()

    async def last(*_):
        began.set()
        await may_end.wait()

    monkeypatch.setitem(kinds.KINDS, "long", JobKind(last, seconds=600))
    return began, may_end


@db.transaction
async def plan(kind, subject):
    await job_queue.plan(kind, subject, due=NOW)


async def is_done(kind):
    return await Job.exists(kind=kind, state="done")


async def test_alarm_rings_while_a_long_job_runs(city, context, fake_wechat, long_job):
    began, may_end = long_job
    await plan("long", 7)
    async with served(context, Lane.OTHERS, Lane.CRISES):
        await began.wait()
        await city.need(text="我不想活了。")

        async def rings():
            return bool(fake_wechat.alarms())

        await expect_soon(rings)
        assert not await is_done("long")
        may_end.set()

    assert await is_done("long")


async def test_deadline_is_watched_while_a_long_job_runs(city, context, clock, long_job):
    began, may_end = long_job
    need = await city.need()
    await plan("long", 7)
    clock.set(need.completion_due_at + timedelta(minutes=1))
    async with served(context, Lane.OTHERS, Lane.TIMELY):
        await began.wait()

        await expect_soon(partial(Notice.exists, template="completion_overdue"))
        assert not await is_done("long")
        may_end.set()


async def test_deadline_is_watched_while_the_gateway_is_silent(city, context, clock, fake_wechat):
    fake_wechat.fault("hang", times=1, path="/alarms")
    need = await city.need()
    clock.set(need.completion_due_at)
    city.now = clock.now()
    await city.need(text="我不想活了。")
    async with served(context, Lane.CRISES, Lane.TIMELY):

        async def rings():
            return bool(fake_wechat.alarms())

        await expect_soon(rings)

        await expect_soon(partial(Notice.exists, template="completion_overdue"))
        assert not await is_done("sound_crisis")


async def test_alarm_rings_while_the_gateway_is_slow_about_another(city, context, fake_wechat):
    fake_wechat.fault("hang", times=1, path="/alarms")
    neighbour = await factories.person("刘婶", NOW, city.areas["团结村"])
    for person in (city.grandma, neighbour):
        await city.need(by=person.id, text="我不想活了。")
    async with served(context, Lane.CRISES, spare=1):

        async def rings():
            return bool(fake_wechat.alarms())

        await expect_soon(rings)
        assert await Job.exists(kind="sound_crisis", due_at=NOW, leased_until__gt=NOW, last_error="")


def test_crises_offers_and_deadlines_have_loops_of_their_own():
    assert {name for name, kind in KINDS.items() if kind.lane is Lane.CRISES} == {"sound_crisis"}
    assert {name for name, kind in KINDS.items() if kind.lane is Lane.TIMELY} >= TIMELY
    assert KINDS["audit_ledger"].lane is KINDS["check_data"].lane is KINDS[REWARD].lane is Lane.OTHERS


async def test_job_that_cannot_be_claimed_in_one_lane_stops_no_other(city, context, fake_wechat, monkeypatch, caplog):
    due = job_queue.due

    async def fails_for_others(now, **wanted):
        if wanted["kinds"].excluded:
            raise ValueError
        return await due(now, **wanted)

    monkeypatch.setattr(job_queue, "due", fails_for_others)
    async with served(context, Lane.OTHERS, Lane.CRISES):
        await expect_soon(lambda: _says(caplog, "ValueError on the way to the next of others"))
        await city.need(text="我不想活了。")

        async def rings():
            return bool(fake_wechat.alarms())

        await expect_soon(rings)


async def _says(caplog, words):
    return words in caplog.text
