"""Jobs about deadlines of needs: a reopening, a hand-over, a referral that nobody answers."""

from datetime import timedelta

from server.domain.needs import referrals
from server.models import Need, NeedEvent, NeedStatus, Notice, Referral
from tests import steps
from tests.conftest import NOW
from tests.domain.needs.test_new_completion_time import (
    NEW_DEADLINE,
    WEEK_LATER,
    kept,
    kinds_of,
    low_rated_a_week_later,
    run_at,
)
from tests.domain.needs.test_recall import expect_back_at_sender, referred
from tests.jobs.working import work_off

S = NeedStatus


async def test_need_reopened_a_week_after_it_was_resolved_in_time_is_not_overdue(city, context, clock):
    need = await low_rated_a_week_later(city, await steps.resolve_need(city, await city.need(), NOW))
    assert (need.status, need.completion_due_at.isoformat()) == ("reopened", NEW_DEADLINE)
    assert need.next_due_at == need.completion_due_at
    clock.set(WEEK_LATER)

    await work_off(context)

    need = await kept(need)
    assert (need.escalated_at, need.overseer_id) == (None, None)
    assert not {"completion_nearly_due", "completion_overdue"} & set(await kinds_of(need))


async def test_overdue_need_that_another_station_takes_is_overseen_by_its_parent(city, context, clock):
    need = await steps.accept_need(city, await city.need(), NOW)
    late = need.completion_due_at + timedelta(minutes=1)
    await run_at(need, late)
    to = city.stations["龙马潭总站"].id
    await referrals.refer(need.id, to_station=to, reason="搬家", by=city.staff["陈社工"], now=late)
    await referrals.accept(need.id, by=city.staff["钱社工"], now=late)
    clock.set(late)

    await work_off(context)

    need = await kept(need)
    assert need.overseer_id == city.stations["市级服务台"].id
    assert (await kinds_of(need)).count("completion_overdue") == 2
    assert need.escalated_at == late


async def test_resident_is_told_of_an_escalation_only_when_the_new_time_is_over(city, context, clock):
    need = await low_rated_a_week_later(city, await steps.resolve_need(city, await city.need(), NOW))

    for moment, told in ((WEEK_LATER, False), (need.completion_due_at, True)):
        clock.set(moment)
        await work_off(context)
        assert await Notice.exists(person_id=city.grandma.id, template="need_escalated") is told


async def test_unanswered_referral_recalls_itself_when_the_response_time_has_passed(city, context, clock):
    need = await referred(city, await steps.assign_need(city, await city.need(), NOW))
    referral = await Referral.get(need_id=need.id)
    assert referral.answer_due_at == need.response_due_at
    clock.set(referral.answer_due_at - timedelta(seconds=1))
    await work_off(context)
    assert (await Need.get(id=need.id)).status == S.REFERRED

    clock.set(referral.answer_due_at)
    await work_off(context)

    await expect_back_at_sender(city, need, S.ASSIGNED)
    assert await NeedEvent.exists(need_id=need.id, kind="referral_recalled", actor_id=None)
    assert await Notice.exists(template="referral_unanswered", person_id=city.staff["陈社工"].person_id)
    assert await Notice.exists(template="referral_recalled", person_id=city.staff["吴站长"].person_id)
