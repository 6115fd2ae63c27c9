"""One job: claimed by one, done once, tried again later each time, parked in sight."""

import asyncio
import logging
from datetime import timedelta

import pytest

from server.database import db
from server.domain import job_queue
from server.domain.job_queue import RetryPolicy
from server.errors import NotFound
from server.jobs import kinds
from server.jobs.execution import run_next
from server.jobs.kinds import JobKind, Lane
from server.models import CrisisRing, Job
from tests import factories
from tests.conftest import NOW
from tests.jobs.working import work_off

KEPT = timedelta(minutes=2)


@db.transaction
async def plan(kind, subject, due=NOW):
    await job_queue.plan(kind, subject, due=due)


async def the_job():
    return await Job.get()


@pytest.fixture
def done(monkeypatch):
    """Subjects of jobs of the kind `noted`, in the order in which they were done."""
    subjects = []

    async def do(job, _):
        subjects.append(job.subject)

    monkeypatch.setitem(kinds.KINDS, "noted", JobKind(do))
    return subjects


@pytest.fixture
def broken(monkeypatch):
    """A kind of job that always fails."""

    async def do(job, _):
        raise ValueError(job.subject)

    monkeypatch.setitem(kinds.KINDS, "broken", JobKind(do))


async def test_a_due_job_is_done_once(database, context, done):
    await plan("noted", 7)

    assert await work_off(context) == 1
    assert await work_off(context) == 0

    job = await the_job()
    assert done == ["7"]
    assert (job.state, job.done_at) == ("done", NOW)


async def test_a_job_waits_for_its_time(database, context, done, clock):
    await plan("noted", 7, NOW + timedelta(hours=1))

    assert await run_next(context) is False
    clock.forward(hours=1)

    assert await run_next(context) is True


async def test_lease_from_a_clock_ahead_does_not_delay_a_job(database, context, done, clock):
    await plan("noted", 7)
    clock.forward(hours=3)
    assert await job_queue.claim(await the_job(), kept=KEPT, now=clock.now())

    clock.set(NOW)

    assert await run_next(context) is True
    assert done == ["7"]


async def test_a_failure_while_the_clock_was_ahead_is_tried_again_once_it_is_right(database, context, broken, clock):
    await plan("broken", 7)
    clock.forward(hours=3)
    assert await run_next(context) is True
    assert await run_next(context) is False

    clock.set(NOW)

    assert await run_next(context) is True


async def test_the_oldest_comes_first(database, context, done):
    for minutes in (1, 3, 2):
        await plan("noted", minutes, NOW - timedelta(minutes=minutes))

    await work_off(context)

    assert done == ["3", "2", "1"]


async def test_planned_again_it_has_its_new_time_alone(database, context, done, clock):
    await plan("noted", 7)
    await plan("noted", 7, NOW + timedelta(hours=1))
    assert await work_off(context) == 0

    clock.forward(hours=1)

    assert await work_off(context) == 1


async def test_job_ensured_twice_keeps_its_time(database):
    @db.transaction
    async def ensure(due):
        return await job_queue.ensure("noted", 7, due=due)

    assert await ensure(NOW) is True
    assert await ensure(NOW + timedelta(hours=1)) is False
    assert (await the_job()).due_at == NOW


async def test_many_workers_do_each_job_once(database, context, done):
    for subject in range(20):
        await plan("noted", subject)

    await asyncio.gather(*(work_off(context) for _ in range(4)))

    while await run_next(context):
        pass
    assert sorted(done, key=int) == [str(subject) for subject in range(20)]


async def test_a_job_of_a_dead_worker_is_anothers_after_its_lease(database, context, done, clock):
    await plan("noted", 7)
    assert await job_queue.claim(await the_job(), kept=KEPT, now=NOW)

    clock.forward(seconds=119)
    assert await work_off(context) == 0
    clock.forward(seconds=1)

    assert await work_off(context) == 1
    assert done == ["7"]


async def test_runner_that_lost_its_lease_changes_nothing(database):
    await plan("noted", 7)
    first = await job_queue.claim(await the_job(), kept=KEPT, now=NOW)
    stale = await the_job()
    second = await job_queue.claim(stale, kept=KEPT, now=NOW + KEPT)

    assert await job_queue.claim(stale, kept=KEPT, now=NOW + KEPT) is None
    assert await job_queue.finish(stale, first, now=NOW + KEPT) is False
    assert await job_queue.fail(stale, first, "late", retry=RetryPolicy(attempts=1), now=NOW + KEPT) is False
    assert await job_queue.finish(stale, second, now=NOW + KEPT) is True


async def test_a_job_that_plans_itself_again_is_not_marked_as_done(database, context, clock, monkeypatch):
    async def tomorrow(job, _):
        await plan(job.kind, job.subject, NOW + timedelta(days=1))

    monkeypatch.setitem(kinds.KINDS, "daily", JobKind(tomorrow))
    await plan("daily", 1)

    assert await work_off(context) == 1

    job = await the_job()
    assert (job.state, job.due_at, job.attempts) == ("waiting", NOW + timedelta(days=1), 0)


async def test_a_failed_job_is_tried_again_later_each_time(database, context, broken, clock):
    await plan("broken", 7)
    waits = []
    for _ in range(4):
        await run_next(context)
        until = (await the_job()).leased_until
        waits.append((until - clock.now()).total_seconds())
        clock.set(until)

    assert waits == [2, 4, 8, 16]


async def test_after_the_last_attempt_it_is_parked_with_one_error_and_an_administrator_sees_it(
    database, context, broken, clock, caplog
):
    caplog.set_level(logging.INFO, "server.jobs")
    await plan("broken", 7)
    for _ in range(20):
        await run_next(context)
        clock.forward(hours=2)

    [job] = await job_queue.parked()
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (job.subject, job.attempts) == ("7", 12)
    assert len(errors) == 1
    assert "parked" in errors[0].message


async def test_the_trouble_says_what_and_where_and_nothing_anybody_told_us(database, context, caplog):
    caplog.set_level(logging.INFO, "server.jobs")
    await plan("watch_need", "13812345678 is no id")

    await run_next(context)

    job = await the_job()
    assert job.last_error.startswith("ValueError in kinds.py:")
    assert "no id" not in job.last_error
    assert "failed and is retried: ValueError" in caplog.text


async def test_an_administrator_has_a_parked_job_tried_again(database, context, done):
    await plan("noted", 7)
    job = await the_job()
    with pytest.raises(NotFound):
        await job_queue.release(job.id, now=NOW)
    await Job.filter(id=job.id).update(state="parked", attempts=12, leased_until=NOW + timedelta(hours=1))
    assert await work_off(context) == 0

    assert (await job_queue.release(job.id, now=NOW)).attempts == 0

    assert await work_off(context) == 1


async def test_a_kind_that_only_a_newer_version_knows_is_left_to_it(database, context):
    await plan("from_the_future", 7)

    await run_next(context)

    job = await the_job()
    assert job.state == "waiting"
    assert job.last_error.startswith("UnknownJobKind")


async def test_a_job_that_does_not_end_is_given_up_and_tried_again(database, context, monkeypatch):
    async def hang(*_):
        await asyncio.Event().wait()

    monkeypatch.setitem(kinds.KINDS, "hangs", JobKind(hang, seconds=0))
    await plan("hangs", 7)

    assert await run_next(context) is True

    assert (await the_job()).last_error.startswith("TimeoutError")


async def test_job_claimed_by_another_runner_is_skipped(database, context, done, monkeypatch):
    await plan("noted", 7)
    stale = await the_job()
    await job_queue.claim(stale, kept=KEPT, now=NOW)

    async def due(*_, **__):
        return [stale]

    monkeypatch.setattr(job_queue, "due", due)

    assert await run_next(context) is False
    assert done == []


async def test_jobs_that_were_done_long_ago_are_forgotten_and_others_stay(database, context, done, clock):
    await plan("noted", 1)
    await work_off(context)
    await plan("noted", 2, clock.forward(days=29))
    await work_off(context)
    await plan("noted", 3, NOW)

    assert await job_queue.forget_done(now=clock.forward(days=2)) == 1

    assert sorted(await Job.all().values_list("subject", flat=True)) == ["2", "3"]


async def test_ring_that_was_never_tried_comes_before_those_that_fail(city, context, fake_wechat):
    neighbour = await factories.person("刘婶", NOW, city.areas["团结村"])
    for person in (city.grandma, neighbour):
        await city.need(by=person.id, text="我不想活了。")
    first, second = await Job.filter(kind="sound_crisis").order_by("id")
    await Job.filter(id=first.id).update(attempts=7, due_at=NOW - timedelta(minutes=5))
    started = []

    await run_next(context, [Lane.CRISES], started=started.append)

    assert [one.id for one in started] == [second.id]


async def test_first_ring_of_a_person_comes_before_the_second_ring_of_another(city, context):
    places = ("团结村", "宪桥社区", "码头社区")
    for place in places:
        await city.need(text=f"救命{place}", urgency="emergency", area_id=city.areas[place].id)
    fresh = await factories.person("刘婶", NOW, city.areas["团结村"])
    await city.need(by=fresh.id, text="他要杀我", urgency="emergency")
    ring = await CrisisRing.get(person_id=fresh.id)
    started = []

    for _ in range(2):
        await run_next(context, [Lane.CRISES], started=started.append)

    assert str(ring.id) in [one.subject for one in started]
