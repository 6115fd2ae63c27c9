"""Daily jobs: tomorrow is planned before today's work, also when this fails for good."""

from datetime import timedelta

import pytest

from server.domain import daily_jobs, job_queue
from server.jobs import kinds
from server.jobs.execution import run_next
from server.jobs.kinds import JobKind
from server.models import Account, Job, Notice
from tests.conftest import NOW
from tests.domain.ledger.moving import give, points_of
from tests.jobs.working import work_off

TODAY, TOMORROW = "2026-03-10 03", "2026-03-11 03"


@pytest.fixture
def broken_audit(monkeypatch):
    """An audit that always fails, and the tomorrows that were planned when it began."""
    planned = []

    async def fail(job, _):
        planned.append(await Job.exists(kind="audit_ledger", subject=TOMORROW))
        raise ValueError

    monkeypatch.setitem(kinds.KINDS, "audit_ledger", JobKind(fail))
    return planned


async def test_next_day_is_planned_before_todays_work_begins(database, context, broken_audit):
    await daily_jobs.seed(now=NOW)

    await work_off(context)

    assert broken_audit == [True]


async def test_audit_that_failed_twelve_times_is_tried_the_next_day(database, context, clock, broken_audit):
    await daily_jobs.seed(now=NOW)
    for _ in range(12):
        await work_off(context)
        clock.forward(minutes=59)

    states = dict(await Job.filter(kind="audit_ledger").values_list("subject", "state"))

    assert states == {TODAY: "parked", TOMORROW: "waiting"}


async def test_audit_that_succeeds_closes_those_parked_before(database, context, clock):
    await daily_jobs.seed(now=NOW)
    await Job.filter(kind="audit_ledger").update(state="parked")
    await daily_jobs.plan_next("audit_ledger", now=NOW)

    clock.set((await Job.get(kind="audit_ledger", state="waiting")).due_at)
    await work_off(context)

    assert not await Job.exists(kind="audit_ledger", state="parked")


async def test_daily_job_that_was_lost_is_planned_by_the_next_runner(database, clock):
    await daily_jobs.seed(now=NOW)
    await Job.filter(kind="audit_ledger").update(state="parked")

    await daily_jobs.seed(now=NOW)

    assert (await Job.get(kind="audit_ledger", state="waiting")).subject == TOMORROW


async def test_parked_deadline_is_tried_again_each_day(city, context, clock):
    need = await city.need()
    await Job.filter(kind="watch_need").update(state="parked", attempts=12)
    clock.set(need.response_due_at + timedelta(days=1))

    await daily_jobs.retry_parked(now=clock.now())
    await work_off(context)

    assert await Notice.exists(template="response_overdue")
    # It goes on to the deadline of completion.
    assert (await Job.get(kind="watch_need")).state == "waiting"


async def test_parked_job_that_fails_again_is_parked_again_after_one_attempt(database, context, clock, monkeypatch):
    async def fail(*_):
        raise ValueError

    monkeypatch.setitem(kinds.KINDS, "broken", JobKind(fail))
    await Job.create(kind="broken", subject="7", due_at=NOW, leased_until=NOW, state="parked", attempts=12)

    await daily_jobs.retry_parked(now=NOW)
    assert await run_next(context)

    assert (await Job.get()).state == "parked"


async def test_parked_audit_of_a_day_is_not_tried_again(database):
    await Job.create(kind="audit_ledger", subject=TODAY, due_at=NOW, leased_until=NOW, state="parked", attempts=12)

    assert await job_queue.retry_parked(but=daily_jobs.SUPERSEDED_DAILY, now=NOW) == 0


async def test_officers_learn_of_a_broken_ledger_while_the_gateway_is_away(city, context, clock, fake_wechat):
    fake_wechat.fault("errcode", times=3, path="/alarms")
    await give(100, points_of(1))
    await Account.filter(owner=points_of(1).owner).update(balance=1000)
    await daily_jobs.seed(now=NOW)

    for _ in range(3):
        await work_off(context)
        clock.forward(seconds=10)

    assert fake_wechat.alarms() == []
    assert await Notice.filter(template="ledger_broken").count() == 1
    assert (await Job.get(kind="audit_ledger", subject=TODAY)).state == "done"


def test_every_verb_of_a_daily_job_has_its_recurrence():
    verbs = {name for name in kinds.KINDS if hasattr(daily_jobs, name)}

    assert verbs <= set(daily_jobs.RECURRING)
