"""Races about tasks on several connections: one call wins, the others are refused, and the ledger stays consistent."""

from datetime import timedelta

from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys
from server.domain.needs import closing
from server.domain.service_records import approval
from server.domain.service_records.approval import Approval
from server.domain.tasks import (
    cancellation,
    check_in_out,
    claims,
    dispute_decisions,
    disputes,
    minutes_offers,
    publication,
    reminders,
    service_confirmation,
)
from server.domain.tasks.disputes import Statement
from server.domain.tasks.timeline import list_events
from server.errors import (
    AlreadyDecided,
    InvalidRecordState,
    InvalidTaskState,
    NotEnoughMinutes,
    TaskOpen,
    TaskOverlaps,
    TaskTaken,
)
from server.models import Dispute, Payer, RecordStatus, ServiceRecord, Task, TaskStatus, Transfer, TransferKind
from tests.concurrency import won_and_refused
from tests.conftest import NOW
from tests.factories import tasks as make_tasks
from tests.factories.tasks import ENDS, STARTS, content

ROUNDS = 4
S = TaskStatus


async def whole(task):
    """Return the task as stored, after checking that its timeline has no gap and ends in its state."""
    task, lines = await Task.get(id=task.id), await list_events(task.id)
    assert [line.number for line in lines] == list(range(1, task.event_count + 1))
    assert [line.to_status for line in lines if line.to_status][-1] == task.status
    return task


def day(number):
    """The times of a round, which overlap no other round's."""
    return {"starts_at": STARTS + timedelta(days=number), "ends_at": ENDS + timedelta(days=number)}


async def wish(city, number):
    return await make_tasks.station_task(city, **day(number))


async def test_claims_at_once_give_the_task_to_one_volunteer(city):
    people = [await make_tasks.volunteer(city, f"志愿者{number}") for number in range(6)]
    for number in range(ROUNDS):
        task = await wish(city, number)

        won, refused = await won_and_refused(*(claims.claim(task.id, by=one.person_id, now=NOW) for one in people))

        assert (won, refused) == (1, {TaskTaken})
        assert (await whole(task)).status == S.CLAIMED


async def test_claims_of_overlapping_tasks_at_once_give_one_task(city):
    for number in range(ROUNDS):
        li, tasks = await make_tasks.volunteer(city), [await wish(city, number) for _ in range(2)]

        won, refused = await won_and_refused(*(claims.claim(task.id, by=li.person_id, now=NOW) for task in tasks))

        assert (won, refused) == (1, {TaskOverlaps})


async def test_claim_cancellation_and_withdrawal_at_once_leave_nothing_on_hold(city):
    li, chen = await make_tasks.volunteer(city), city.staff["陈社工"]
    task = await make_tasks.paid_by_grandma(city)

    await won_and_refused(
        claims.claim(task.id, by=li.person_id, now=NOW),
        cancellation.cancel(task.id, reason="不用了", by=chen, now=NOW),
        closing.withdraw(task.need_id, reason="", by=city.grandma.id, now=NOW),
    )

    assert (await whole(task)).status == S.CANCELLED
    assert (await make_tasks.minutes_of(city.grandma.id)).held == 0
    assert (await ledger.audit()).holds


async def test_confirmation_and_withdrawal_at_once_leave_the_task_free(city):
    li, chen = await make_tasks.volunteer(city), city.staff["陈社工"]
    for number in range(ROUNDS):
        task = await make_tasks.claimed(city, await wish(city, number), li)

        won, refused = await won_and_refused(
            claims.confirm(task.id, by=chen, now=NOW), claims.withdraw(task.id, by=li.person_id, now=NOW)
        )

        # Withdrawn first, there is nothing to confirm; confirmed first, it is given back all the same.
        assert (won, refused) in [(2, set()), (1, {InvalidTaskState})]
        free = await whole(task)
        assert (free.status, free.volunteer_id, free.confirmed_by_id) == (S.PUBLISHED, None, None)


async def test_check_outs_at_once_make_one_record(city):
    task = await make_tasks.started(city)

    won, refused = await won_and_refused(
        *(check_in_out.check_out(task.id, by=task.volunteer_id, now=ENDS) for _ in range(5))
    )

    assert (won, refused) == (1, {InvalidTaskState})
    assert await ServiceRecord.filter(task_id=task.id).count() == 1


async def test_confirmations_and_approvals_at_once_pay_once(city):
    task = await make_tasks.finished(city, await make_tasks.paid_by_grandma(city))
    record = await ServiceRecord.get(task_id=task.id)

    confirmed = await won_and_refused(
        *(service_confirmation.confirm_by_beneficiary(task.id, by=city.grandma.id, now=ENDS) for _ in range(5))
    )
    staff = [city.staff[name] for name in ("陈社工", "林社工", "赵站长")]
    approved = await won_and_refused(*(approval.approve(record.id, Approval(), by=one, now=ENDS) for one in staff))

    assert (confirmed, approved[0]) == ((1, {InvalidRecordState}), 1)
    assert (await make_tasks.minutes_of(task.volunteer_id)).balance == 60
    assert (await make_tasks.minutes_of(city.grandma.id)).balance == 40
    assert await Transfer.filter(kind=TransferKind.HELP_PAID).count() == 1
    assert ((await whole(task)).status, (await ledger.audit()).holds) == (S.APPROVED, True)


async def test_confirmation_and_dispute_at_once_leave_one_of_them(city):
    grandma = city.grandma.id
    for number in range(ROUNDS):
        need = await make_tasks.need(city, text=f"第{number}件事")
        li = await make_tasks.volunteer(city)
        task = await make_tasks.finished(city, await make_tasks.published(city, need, **day(number)), li)

        won, _ = await won_and_refused(
            service_confirmation.confirm_by_beneficiary(task.id, by=grandma, now=ENDS),
            disputes.raise_dispute(task.id, Statement("不对"), by=grandma, now=ENDS),
        )

        disputed = await Dispute.exists(task_id=task.id)
        record = await ServiceRecord.get(task_id=task.id)
        assert (won, record.status) == (1, RecordStatus.CLAIMED if disputed else RecordStatus.CONFIRMED)
        assert (await whole(task)).status == (S.DISPUTED if disputed else S.FINISHED)


async def test_decisions_at_once_decide_and_settle_once(city):
    task = await make_tasks.finished(city, await make_tasks.paid_by_grandma(city))
    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)
    zhao, later = city.staff["赵站长"], ENDS + timedelta(days=7)

    decided = await won_and_refused(
        *(
            dispute_decisions.decide(task.id, minutes=minutes, decision="好", by=zhao, now=ENDS)
            for minutes in (10, 20, 30)
        )
    )
    settled = await won_and_refused(*(reminders.do_due_actions(task.id, now=later) for _ in range(3)))

    assert (decided, settled) == ((1, {AlreadyDecided}), (3, set()))
    minutes = (await Dispute.get(task_id=task.id)).minutes
    assert (await make_tasks.minutes_of(task.volunteer_id)).balance == minutes
    assert (await make_tasks.minutes_of(city.grandma.id)).spendable == 100 - minutes
    assert ((await whole(task)).status, (await ledger.audit()).holds) == (S.APPROVED, True)


async def test_appeal_at_the_last_moment_and_settlement_leave_one_of_them(city):
    task = await make_tasks.finished(city)
    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)
    await dispute_decisions.decide(task.id, minutes=5, decision="好", by=city.staff["赵站长"], now=ENDS)
    over = ENDS + timedelta(days=7)

    await won_and_refused(
        disputes.appeal(task.id, reason="不服", by=city.grandma.id, now=over - timedelta(seconds=1)),
        reminders.do_due_actions(task.id, now=over),
    )

    dispute = await Dispute.get(task_id=task.id)
    assert (dispute.appealed_at is None) == ((await whole(task)).status == S.APPROVED)
    assert (dispute.appealed_at is None) == (dispute.settled_at is not None)


async def test_publications_at_once_publish_one_task(city):
    for number in range(ROUNDS):
        need = await make_tasks.need(city, text=f"第{number}件事")

        won, refused = await won_and_refused(
            *(
                publication.publish_need(need.id, content(), by=city.staff[name], now=NOW)
                for name in ("陈社工", "赵站长") * 2
            )
        )

        assert (won, refused) == (1, {TaskOpen})
        assert await Task.filter(need_id=need.id).count() == 1


async def test_offers_of_the_same_minutes_at_once_pay_for_one_need(city):
    needs = [await make_tasks.need(city, text=text) for text in ("买药", "打扫屋子", "修水管")]
    await make_tasks.fund(account_keys.person(city.grandma.id, MINUTES), 100, city)
    for need in needs:
        await minutes_offers.offer_minutes(need.id, 60, by=city.grandma.id, now=NOW)
    told = content(payer=Payer.BENEFICIARY)

    won, refused = await won_and_refused(
        *(publication.publish_need(need.id, told, by=city.staff["陈社工"], now=NOW) for need in needs)
    )

    assert (won, refused) == (1, {NotEnoughMinutes})
    assert (await make_tasks.minutes_of(city.grandma.id)).held == 60
    assert (await Task.all().count(), (await ledger.audit()).holds) == (1, True)


async def test_no_show_and_check_in_at_once_leave_one_of_them(city):
    chen = city.staff["陈社工"]
    for number in range(ROUNDS):
        li = await make_tasks.volunteer(city, f"李{number}")
        task = await make_tasks.confirmed(city, await wish(city, number), li)

        won, refused = await won_and_refused(
            check_in_out.check_in(task.id, by=li.person_id, now=task.ends_at),
            cancellation.record_no_show(task.id, reason="没有来", by=chen, now=task.ends_at),
        )

        assert (won, refused) == (1, {InvalidTaskState})
        assert (await whole(task)).status in {S.STARTED, S.NO_SHOW}
