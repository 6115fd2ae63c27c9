"""The end of a task before it is served: by its station, as a no-show, or because its need moves or ends."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import ledger, station_lifecycle
from server.domain.ledger import MINUTES, account_keys
from server.domain.needs import closing, duplicates, referrals, timeline, triage
from server.domain.tasks import cancellation, check_in_out, minutes_offers, payment, publication
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import TRANSITIONS, UNSTARTED, S, move
from server.errors import Busy, InvalidTaskState, NotAllowed, NotFound, TaskTooEarly
from server.models import Hold, HoldState, MinutesOffer, Need, NeedStatus, Notice, Payer, Task, TaskStatus
from tests import steps
from tests.conftest import NOW
from tests.factories import tasks
from tests.factories.tasks import ENDS, STARTS
from tests.jobs.working import needs_follow


async def cancel(city, task, by="陈社工", now=NOW):
    return await cancellation.cancel(task.id, reason="时间有变", by=city.staff[by], now=now)


async def again(task):
    return await Task.get(id=task.id)


async def held(city):
    return (await tasks.minutes_of(city.grandma.id)).held


async def test_cancelled_task_releases_the_minutes_and_notifies_the_volunteer(city):
    task = await tasks.claimed(city, await tasks.paid_by_grandma(city))

    await cancel(city, task)

    ended = await again(task)
    assert (ended.status, ended.open, ended.ended_at) == (TaskStatus.CANCELLED, None, NOW)
    assert await held(city) == 0
    assert await MinutesOffer.exists(need_id=task.need_id)  # she may well be helped another time
    assert await Notice.exists(person_id=task.volunteer_id, template="task_cancelled")


async def test_need_can_be_published_again_after_its_task_ended(city):
    task = await cancel(city, await tasks.published(city))

    assert (await tasks.published(city, await Need.get(id=task.need_id))).id != task.id


async def test_cancellation_of_a_finished_task_or_by_another_station_is_refused(city):
    task = await tasks.finished(city)

    with pytest.raises(InvalidTaskState):
        await cancel(city, task, now=ENDS)
    for name, refusal in (("周社工", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await cancel(city, task, by=name)


async def test_task_without_check_out_can_be_cancelled(city):
    task = await tasks.started(city)

    assert (await cancel(city, task, now=ENDS)).status == TaskStatus.CANCELLED


async def test_no_show_ends_the_task_and_releases_the_minutes(city):
    task = await tasks.confirmed(city, await tasks.paid_by_grandma(city))
    with pytest.raises(TaskTooEarly):
        await cancellation.record_no_show(task.id, reason="没有来", by=city.staff["陈社工"], now=STARTS)

    gone = await cancellation.record_no_show(
        task.id, reason="没有来", by=city.staff["陈社工"], now=STARTS + timedelta(minutes=30)
    )

    assert (gone.status, gone.open) == (TaskStatus.NO_SHOW, None)
    assert await held(city) == 0
    assert await Notice.exists(person_id=task.volunteer_id, template="task_no_show")
    with pytest.raises(InvalidTaskState):
        await check_in_out.check_in(task.id, by=task.volunteer_id, now=ENDS)


async def test_no_show_of_an_unconfirmed_volunteer_is_refused(city):
    task = await tasks.claimed(city)

    with pytest.raises(InvalidTaskState):
        await cancellation.record_no_show(task.id, reason="没有来", by=city.staff["陈社工"], now=ENDS)

    assert (await again(task)).status == TaskStatus.CLAIMED
    assert not await Notice.exists(template="task_no_show")


async def withdrawn(city, need):
    await closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW)


async def declined(city, need):
    await steps.decline_need(city, need, NOW)


async def referred_and_accepted(city, need):
    there = city.stations["蓝田社工站"].id
    await referrals.refer(need.id, to_station=there, reason="已搬家", by=city.staff["陈社工"], now=NOW)
    assert (await Task.get(need_id=need.id)).open, "nothing has changed hands yet"
    await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)


async def merged(city, need):
    into = await steps.accept_need(city, await city.need(), NOW)
    await duplicates.merge(need.id, into=into.id, by=city.staff["陈社工"], now=NOW)


async def rerouted(city, need):
    await station_lifecycle.suspend(need.station_id, reason="装修", by=city.staff["冯科长"], now=NOW)
    await needs_follow()
    assert (await Need.get(id=need.id)).station_id == city.stations["江阳总站"].id


async def closed(city, need):
    for verb in (
        triage.assign(need.id, worker_id=city.staff["陈社工"].person_id, by=city.staff["赵站长"], now=NOW),
        triage.start(need.id, by=city.staff["陈社工"], now=NOW),
        triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["陈社工"], now=NOW),
    ):
        await verb
    assert (await Task.get(need_id=need.id)).open, "the resident may be helped until the need is closed"
    await _close(need.id)


@db.transaction
async def _close(need_id):
    await closing.close(await Need.get(id=need_id), text="已归档。", by=None, now=NOW)


LEAVING = [withdrawn, declined, referred_and_accepted, merged, rerouted, closed]


@pytest.mark.parametrize("leave", LEAVING, ids=lambda leave: leave.__name__)
async def test_task_that_has_not_begun_is_cancelled_with_its_need(city, leave):
    await tasks.fund(account_keys.person(city.grandma.id, MINUTES), 100, city)
    need = await tasks.accepted_need(city)
    await minutes_offers.offer_minutes(need.id, 60, by=city.grandma.id, now=NOW)
    task = await tasks.confirmed(city, await tasks.published(city, need, payer=Payer.BENEFICIARY))

    await leave(city, need)

    assert ((await again(task)).status, await held(city)) == (TaskStatus.CANCELLED, 0)
    assert await Notice.exists(person_id=task.volunteer_id, template="task_cancelled")
    said = [line.text for line in await timeline.list_entries(await Need.get(id=need.id), for_staff=False)]
    assert "需求有变动，发布给志愿者的任务已取消。" in said


async def test_task_that_has_begun_stays_with_its_station(city):
    need = await tasks.accepted_need(city)
    task = await tasks.started(city, await tasks.published(city, need))

    await referred_and_accepted(city, need)

    assert ((await again(task)).status, (await again(task)).station_id) == (TaskStatus.STARTED, need.station_id)
    await check_in_out.check_out(task.id, by=task.volunteer_id, now=ENDS)
    last = (await timeline.list_entries(await Need.get(id=need.id), for_staff=False))[-1]
    assert (last.kind, last.station_id) == ("task_finished", need.station_id)


async def test_reassigned_need_keeps_its_task(city):
    task = await tasks.claimed(city)

    await triage.assign(task.need_id, worker_id=city.staff["林社工"].person_id, by=city.staff["赵站长"], now=NOW)

    assert (await again(task)).status == TaskStatus.CLAIMED
    assert (await Need.get(id=task.need_id)).status == NeedStatus.ASSIGNED


@db.transaction
async def settle(task, minutes, now=ENDS):
    await payment.settle(task, minutes, by=None, now=now)


@pytest.mark.parametrize(("decided", "paid"), [(45, 45), (60, 60), (61, 60), (5000, 60)])
async def test_payment_never_exceeds_the_hold(city, decided, paid):
    task = await tasks.paid_by_grandma(city, minutes=60, has=100)

    await settle(task, decided)

    balance = await tasks.minutes_of(city.grandma.id)
    assert (balance.balance, balance.held) == (100 - paid, 0)
    assert (await Hold.get()).captured == paid
    assert not await MinutesOffer.exists()


async def test_settling_again_pays_nothing_more(city):
    task = await tasks.paid_by_grandma(city)

    for minutes in (30, 30, 0):
        await settle(task, minutes)

    assert (await tasks.minutes_of(city.grandma.id)).balance == 70
    assert (await ledger.audit()).holds


async def test_expired_hold_is_released_unpaid(city):
    task = await tasks.paid_by_grandma(city)

    await settle(task, 60, now=ENDS + timedelta(days=60))

    assert (await tasks.minutes_of(city.grandma.id)).spendable == 100
    assert (await Hold.get()).state == HoldState.EXPIRED


async def test_pool_pays_from_its_own_account(city):
    need = await tasks.need(city)
    await tasks.fund(account_keys.pool(need.station_id), 200, city)
    asked = tasks.content(payer=Payer.POOL, reason="低保户")
    task = await publication.publish_need(need.id, asked, by=city.staff["赵站长"], now=NOW)

    await settle(task, 70)

    lines = await ledger.list_entries(account_keys.pool(need.station_id), before=None, limit=1)
    assert [(line.amount, line.kind, line.note) for line in lines] == [(-70, "pool_paid", "陪老人取药")]


async def test_settling_a_task_without_payer_moves_nothing(city):
    task = await tasks.published(city)

    await settle(task, 90)

    assert not await Hold.exists()


async def test_transition_outside_the_table_is_refused(city):
    task = await tasks.published(city)

    with pytest.raises(InvalidTaskState):
        await _approve(task)


@db.transaction
async def _approve(task):
    await move(task, S.APPROVED, TimelineEntry("approved", None), now=NOW)


async def test_change_without_the_lock_is_refused(city):
    stale = await tasks.published(city)
    await tasks.claimed(city, stale)

    with pytest.raises(Busy):
        await leave_unlocked(stale)
    assert (await again(stale)).status == TaskStatus.CLAIMED


@db.transaction
async def leave_unlocked(stale):
    await move(stale, S.CANCELLED, TimelineEntry("cancelled", None), now=NOW)


def test_every_state_is_in_the_table_and_unfinished_ones_can_be_cancelled():
    assert set(TRANSITIONS) == set(TaskStatus)
    assert {status for status, to in TRANSITIONS.items() if not to} == {S.APPROVED, S.CANCELLED, S.NO_SHOW}
    assert {status for status, to in TRANSITIONS.items() if S.CANCELLED in to} == {
        *UNSTARTED,
        S.STARTED,
        S.FINISHED,
        S.DISPUTED,
    }
