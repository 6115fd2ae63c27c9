"""A new completion time begins with a reopening and a granted appeal, and with nothing else."""

from datetime import timedelta

import pytest

from server.domain import station_lifecycle
from server.domain.needs import appeals, closing, deadlines, extensions, referrals, schedule, triage
from server.domain.satisfaction import need_rating
from server.domain.working_time import Unit
from server.errors import DeadlinePassed
from server.models import Extension, Job, Need, NeedEvent, Urgency
from tests import steps
from tests.conftest import NOW
from tests.factories import ratings
from tests.jobs.working import needs_follow

WEEK = timedelta(days=7)
# Five working days from Tuesday, 17 March 2026, ten in the morning.
WEEK_LATER, NEW_DEADLINE = NOW + WEEK, "2026-03-24T09:30:00+00:00"


async def kept(need):
    return await Need.get(id=need.id)


async def kinds_of(need):
    return [event.kind for event in await NeedEvent.filter(need_id=need.id).order_by("number")]


async def run_at(need, moment):
    await schedule.do_due_actions(need.id, now=moment)
    return await kinds_of(need)


async def low_rated_a_week_later(city, need):
    await need_rating.rate(need.id, ratings.stars(2), by=city.grandma.id, now=WEEK_LATER)
    return await kept(need)


async def test_worker_of_a_reopened_need_is_reminded_at_eighty_percent_of_the_new_time(city):
    need = await low_rated_a_week_later(city, await steps.resolve_need(city, await city.need(), NOW))
    remind = (await Job.get(kind="watch_need", subject=str(need.id))).due_at
    clock = await deadlines.get_clock()

    assert remind == clock.moment_at_percent(WEEK_LATER, need.completion_due_at, 80, Unit.WORKING_DAYS)
    assert "completion_nearly_due" not in await run_at(need, remind - timedelta(seconds=1))
    assert "completion_nearly_due" in await run_at(need, remind)


async def test_reopened_need_past_its_new_time_is_escalated_once_more(city):
    need = await steps.start_need(city, await city.need(), NOW)
    late = need.completion_due_at + timedelta(hours=1)
    await run_at(need, late)
    chen = city.staff["陈社工"]
    await triage.resolve(need.id, outcome="好", service_minutes=1, by=chen, now=late)
    assert (await kept(need)).escalated_at == late
    need = await closing.reopen(need.id, reason="没有解决", by=city.grandma.id, now=late)
    assert ((await kept(need)).escalated_at, (await kept(need)).overseer_id) == (None, None)

    kinds = await run_at(need, need.completion_due_at)

    assert kinds.count("completion_overdue") == 2
    assert (await kept(need)).escalated_at == need.completion_due_at
    assert (await kept(need)).overseer_id == city.stations["江阳总站"].id


async def test_reopened_emergency_stays_overseen_by_the_head_station(city):
    need = await steps.resolve_need(city, await city.need(urgency=Urgency.EMERGENCY), NOW)

    need = await closing.reopen(need.id, reason="没有解决", by=city.grandma.id, now=WEEK_LATER)

    assert need.overseer_id == city.stations["江阳总站"].id
    assert need.completion_due_at > WEEK_LATER


async def test_granted_appeal_begins_a_new_completion_time(city):
    need = await steps.decline_need(city, await city.need(), NOW)
    appeal = await appeals.submit(need.id, reason="我符合条件", by=city.grandma.id, now=NOW)

    await appeals.decide(appeal.id, grant=True, decision="应予受理", by=city.staff["孙站长"], now=WEEK_LATER)

    need = await kept(need)
    assert need.completion_due_at.isoformat() == need.next_due_at.isoformat() == NEW_DEADLINE
    assert (need.escalated_at, need.overseer_id) == (None, None)
    assert "completion_overdue" not in await run_at(need, WEEK_LATER)
    assert "completion_overdue" in await run_at(need, need.completion_due_at)


async def test_hand_over_and_referral_keep_the_clock(city):
    need = await steps.start_need(city, await city.need(), NOW)
    due = need.completion_due_at
    to, zhou = city.stations["蓝田社工站"].id, city.staff["周社工"]
    later = NOW + timedelta(days=2)
    await referrals.refer(need.id, to_station=to, reason="搬家", by=city.staff["陈社工"], now=later)
    await referrals.accept(need.id, by=zhou, now=later)
    assert (await kept(need)).next_due_at == due

    await station_lifecycle.suspend(to, reason="装修", by=city.staff["冯科长"], now=later)
    await needs_follow(later)

    need = await kept(need)
    assert need.station_id != to
    assert (need.completion_due_at, need.completion_since) == (due, None)


async def test_extension_granted_after_the_deadline_ends_the_escalation(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    until, chen = need.completion_due_at + timedelta(days=3), city.staff["陈社工"]
    request = await extensions.request(need.id, until=until, reason="等医院回复", by=chen, now=NOW)
    late = need.completion_due_at + timedelta(hours=1)
    await run_at(need, late)
    assert (await kept(need)).escalated_at is not None

    await extensions.decide(request.id, grant=True, reason="属实", by=city.staff["赵站长"], now=late)

    need = await kept(need)
    assert (need.escalated_at, need.overseer_id, need.next_due_at) == (None, None, until)
    await run_at(need, until)
    assert (await kept(need)).escalated_at == until


async def test_undecided_extension_lapses_when_a_new_time_begins(city):
    need = await steps.start_need(city, await city.need(), NOW)
    until, chen = need.completion_due_at + timedelta(days=1), city.staff["陈社工"]
    await extensions.request(need.id, until=until, reason="等医院回复", by=chen, now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=1, by=chen, now=NOW)

    need = await closing.reopen(need.id, reason="没有解决", by=city.grandma.id, now=WEEK_LATER)

    assert await Extension.filter(need_id=need.id).count() == 0
    assert await extensions.list_pending(city.staff["冯科长"]) == []


async def test_extension_of_the_former_time_is_refused_with_the_new_deadline(city):
    need = await steps.resolve_need(city, await city.need(), NOW)
    need = await closing.reopen(need.id, reason="没有解决", by=city.grandma.id, now=WEEK_LATER)
    await triage.start(need.id, by=city.staff["赵站长"], now=WEEK_LATER)

    with pytest.raises(DeadlinePassed) as refusal:
        await extensions.request(
            need.id,
            until=need.completion_due_at + timedelta(days=1),
            reason="等医院回复",
            by=city.staff["赵站长"],
            now=need.completion_due_at,
        )
    assert refusal.value.details["until"] == need.completion_due_at
