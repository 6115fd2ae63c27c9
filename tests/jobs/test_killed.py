"""Real worker processes: killed in the middle, asked to leave, several at once."""

import asyncio
import random
from datetime import timedelta
from functools import partial

import pytest

from server.adapters.clock import SystemClock
from server.domain import daily_jobs
from server.models import CrisisAlert, CrisisRing, Job, NeedEvent
from tests.jobs.working import expect_soon, work_off
from tests.scale import scaled


@pytest.fixture
async def today(city, clock):
    """The small city, and the fake clock, at the moment that real processes see. Daily jobs are done for today."""
    clock.set(SystemClock().now())
    city.now = clock.now()
    for kind in daily_jobs.RECURRING:
        await daily_jobs.plan_next(kind, now=city.now)
    return city


async def all_done():
    return not await Job.filter(kind="watch_need", state="waiting", due_at__lte=SystemClock().now()).exists()


async def done_so_far():
    return await Job.filter(kind="watch_need", state="done").count()


async def more_are_done(least):
    return await done_so_far() >= least or await all_done()


async def overdue_needs(city, count):
    """Needs that were filed a month ago and that nobody answered: each is escalated, once."""
    city.now -= timedelta(days=30)
    return [await city.need(text=f"第{number}件事，请人帮忙。") for number in range(count)]


async def test_a_worker_killed_between_claim_and_finish_loses_no_alarm(
    today, context, clock, fake_wechat, worker_process
):
    need = await today.need(text="我不想活了。")
    alert = await CrisisAlert.get(need_id=need.id)
    fake_wechat.fault("hang", times=1, path="/alarms")
    victim = worker_process()

    async def rings():
        return bool(fake_wechat.alarms())

    # The gateway has the alarm and does not answer: the job is claimed and not finished.
    await expect_soon(rings)
    victim.kill()
    job = await Job.get(kind="sound_crisis")
    assert (job.state, job.lease != "") == ("waiting", True)
    assert await work_off(context) == 0

    clock.set(job.leased_until)
    await work_off(context)

    first, second = [alarm for alarm in fake_wechat.alarms() if alarm["kind"] == "crisis"]
    assert first == second
    assert first["key"] == f"crisis:{alert.ring_id}:0"
    assert (await Job.get(kind="sound_crisis")).due_at == clock.now() + timedelta(minutes=10)


async def test_workers_killed_again_and_again_escalate_each_need_exactly_once(today, context, clock, worker_process):
    rounds = scaled(2, full=4)
    needs = await overdue_needs(today, 15 * rounds)
    chance = random.Random(7)
    for _ in range(rounds):
        victims = [worker_process() for _ in range(2)]

        await expect_soon(partial(more_are_done, await done_so_far() + 3))
        await asyncio.sleep(chance.uniform(0, 0.05))
        for victim in victims:
            victim.kill()

    # Nobody comes back; after the leases another goes on.
    clock.set(SystemClock().now() + timedelta(minutes=3))
    while await work_off(context):
        pass

    assert await Job.filter(kind="watch_need").exclude(state="done").count() == 0
    for need in needs:
        kinds = await NeedEvent.filter(need_id=need.id).order_by("number").values_list("kind", flat=True)
        assert list(kinds) == ["submitted", "response_overdue", "completion_overdue"]


async def test_two_processes_share_the_work_and_leave_when_asked(today, worker_process):
    needs = await overdue_needs(today, 20)
    workers = [worker_process() for _ in range(2)]

    async def both_began():
        return all("the job runner runs" in worker.said() for worker in workers)

    await expect_soon(both_began)
    await expect_soon(all_done)

    assert await NeedEvent.filter(kind="completion_overdue").count() == len(needs)
    for worker in workers:
        assert worker.running()
        assert worker.terminate() == 0
        assert "the job runner stops" in worker.said()
        assert "Traceback" not in worker.said()


async def test_a_worker_asked_to_leave_finishes_the_job_in_hand(today, fake_wechat, worker_process):
    await today.need(text="我不想活了。")
    fake_wechat.fault("delay", times=1, seconds=1.5, path="/alarms")
    worker = worker_process()

    async def rings():
        return bool(fake_wechat.alarms())

    await expect_soon(rings)
    assert worker.terminate() == 0

    # It waited for the gateway's answer, and planned the next ringing.
    job = await Job.get(kind="sound_crisis")
    assert (job.lease, job.attempts) == ("", 1)  # a repeat stands behind the first rings of others
    assert (await CrisisRing.get(id=int(job.subject))).sounded == 1
    assert job.due_at > SystemClock().now()


async def test_nothing_a_resident_wrote_is_in_the_workers_log(today, worker_process, fake_wechat):
    fake_wechat.fault("errcode", times=1, path="/alarms")
    await today.need(text="我不想活了，我住在团结村三组。")
    worker = worker_process()

    async def failed():
        return "CRITICAL" in worker.said()

    await expect_soon(failed)
    worker.terminate()

    assert "the gateway answered 503" in worker.said()
    for secret in ("不想活", "团结村", "王", "13812345678"):
        assert secret not in worker.said()
