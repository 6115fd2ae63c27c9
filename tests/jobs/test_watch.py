"""An instance of the server watches over the job runners: it rings in their place, once, and shows what is late."""

from datetime import timedelta
from functools import partial

import pytest
from prometheus_client import REGISTRY

from server.domain import job_queue, job_runners, policies
from server.domain.job_runners import Identity
from server.domain.policies import Scope
from server.jobs import alarms
from server.jobs.context import job_context
from server.jobs.kinds import KINDS
from server.jobs.watch import JobWatch
from server.models import Job, JobRunnerHeartbeat, Notice
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.jobs.working import work_off


@pytest.fixture
def watch(context):
    return JobWatch(context)


async def overdue_alarm(city, clock, seconds=30):
    """A crisis alarm that nobody has sounded for so long."""
    need = await city.need(text="我不想活了。")
    clock.forward(seconds=seconds)
    return need


async def test_instance_rings_a_crisis_that_is_overdue(city, watch, clock, fake_wechat):
    need = await overdue_alarm(city, clock)

    await watch.look()

    [alarm] = fake_wechat.alarms()
    assert need.slip_code in alarm["text"]


async def test_instance_leaves_a_crisis_that_is_not_overdue_to_the_runner(city, watch, clock, fake_wechat):
    await overdue_alarm(city, clock, seconds=29)

    await watch.look()

    assert fake_wechat.alarms() == []


async def test_instance_waits_as_long_as_the_policy_says(city, watch, clock, fake_wechat):
    officer = city.staff["卫处长"]
    await policies.set_value("crisis_takeover_seconds", 60, scope=Scope(), source="测试", by=officer, now=NOW)
    await overdue_alarm(city, clock, seconds=59)
    await watch.look()
    assert fake_wechat.alarms() == []

    clock.forward(seconds=1)
    await watch.look()

    assert len(fake_wechat.alarms()) == 1


async def test_instance_runs_no_other_job_than_alarms(city, watch, clock):
    need = await city.need()
    clock.set(need.completion_due_at)

    await watch.look()

    assert not await Notice.exists(template="completion_overdue")


async def test_two_instances_that_look_at_once_ring_once(city, settings, clock, fake_wechat):
    contexts = [job_context(settings, clock) for _ in range(4)]
    await overdue_alarm(city, clock)

    await at_once(*(JobWatch(context).look() for context in contexts))

    assert len(fake_wechat.alarms()) == 1
    for context in contexts:
        await context.close()


async def test_runner_that_comes_after_the_instance_rings_only_the_next_time(city, watch, context, clock, fake_wechat):
    await overdue_alarm(city, clock)
    await watch.look()

    await work_off(context)
    assert len(fake_wechat.alarms()) == 1

    clock.forward(minutes=10)
    await work_off(context)
    assert len(fake_wechat.alarms()) == 2


async def test_runner_frozen_before_it_rang_does_not_ring_when_it_wakes(city, watch, context, clock, fake_wechat):
    await city.need(text="我不想活了。")
    job = await Job.get(kind="sound_crisis")
    job.lease = await job_queue.claim(job, kept=KINDS["sound_crisis"].lease, now=NOW)
    clock.forward(seconds=30)
    await watch.look()
    assert len(fake_wechat.alarms()) == 1

    await alarms.sound_crisis(job, context)

    assert len(fake_wechat.alarms()) == 1
    assert (await Job.get(kind="sound_crisis")).due_at == clock.now() + timedelta(minutes=10)


async def test_runner_that_still_has_its_claim_rings(city, context, fake_wechat):
    await city.need(text="我不想活了。")
    job = await Job.get(kind="sound_crisis")
    job.lease = await job_queue.claim(job, kept=KINDS["sound_crisis"].lease, now=NOW)

    await alarms.sound_crisis(job, context)

    assert len(fake_wechat.alarms()) == 1


async def test_instance_rings_with_the_key_of_the_runner_that_got_no_answer(city, watch, context, clock, fake_wechat):
    fake_wechat.fault("reset", times=1, path="/alarms")
    await city.need(text="我不想活了。")
    await work_off(context)
    clock.forward(seconds=30)

    await watch.look()

    runner, instance = fake_wechat.alarms()
    assert runner["key"] == instance["key"]


async def test_instance_tries_again_until_the_gateway_is_back(city, watch, clock, fake_wechat):
    await overdue_alarm(city, clock)
    fake_wechat.fault("errcode", times=1, path="/alarms")
    await watch.look()
    assert fake_wechat.alarms() == []

    clock.forward(seconds=5)
    await watch.look()

    assert len(fake_wechat.alarms()) == 1


def shown(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


async def test_metrics_show_the_age_of_the_newest_heartbeat(database, watch, clock):
    await job_runners.beat(Identity(1, "host:1", NOW), "", now=NOW)
    await watch.look()

    clock.forward(seconds=90)

    assert shown("job_runner_heartbeat_age_seconds") == 90


async def test_metrics_show_an_endless_age_without_any_runner(database, watch):
    await watch.look()

    assert shown("job_runner_heartbeat_age_seconds") == float("inf")


async def test_metrics_show_waiting_overdue_and_parked_jobs_by_kind(city, watch, clock):
    need = await city.need()
    await Job.create(kind="delete_photo", subject="1", due_at=NOW, leased_until=NOW, state="parked")
    await watch.look()
    counts = partial(shown, "jobs", kind="watch_need")
    assert (counts(state="waiting"), counts(state="overdue")) == (1, 0)
    assert shown("jobs", kind="delete_photo", state="parked") == 1

    clock.set(need.completion_due_at)
    await watch.look()
    assert (counts(state="waiting"), counts(state="overdue")) == (1, 1)

    await Job.all().delete()
    await watch.look()
    assert (counts(state="waiting"), counts(state="overdue")) == (0, 0)


async def test_runner_seen_long_ago_is_forgotten(database, clock):
    await job_runners.beat(Identity(1, "host:1", NOW), "", now=NOW)
    await job_runners.beat(Identity(2, "host:2", NOW), "", now=clock.forward(hours=25))

    assert await job_runners.forget_old(now=clock.now()) == 1

    assert [one.label for one in await JobRunnerHeartbeat.all()] == ["host:2"]


async def test_heartbeat_of_a_clock_that_is_ahead_hides_no_dead_runner(database, clock):
    await job_runners.beat(Identity(1, "host:1", NOW), "", now=NOW + timedelta(hours=3))

    assert not await job_runners.is_any_alive(now=NOW)
