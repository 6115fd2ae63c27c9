"""Races about service records on several connections: each ends as if the calls had come one after the other."""

from datetime import timedelta

from server.domain import ledger
from server.errors import (
    InvalidRecordState,
    InvalidTaskState,
    ServiceDayLimit,
    ServiceMonthLimit,
    ServiceOverlaps,
)
from server.models import Policy, RecordStatus, ServiceRecord, Transfer, Volunteer
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.factories import records as make_records
from tests.factories import tasks, timebank
from tests.factories.records import (
    LATER,
    THEN,
    approve,
    claimed,
    decline,
    helped,
    kept,
    record,
    reverse,
    review,
    volunteer,
)

ROUNDS = 4


async def served(person_id):
    return (await Volunteer.get(person_id=person_id)).served_minutes


async def test_approvals_at_once_pay_once(city):
    for number in range(ROUNDS):
        li = await volunteer(city, f"志愿者{number}")
        one = await record(city, li, began=THEN)

        answers = await at_once(*(approve(city, one, name) for name in ("陈社工", "林社工", "赵站长") * 2))

        assert refused(answers, InvalidRecordState) == 5
        assert (await kept(li.id), await served(li.id)) == (60, 60)
    await make_records.adds_up()


async def test_confirmations_at_once_confirm_once(city):
    task = await tasks.finished(city)

    answers = await at_once(*(make_records.confirm(task, city.grandma.id) for _ in range(5)))

    assert refused(answers, InvalidRecordState) == 4


async def test_approvals_at_once_pay_from_the_hold_once(city):
    one = await helped(city, await tasks.paid_by_grandma(city, minutes=60, has=100))

    await at_once(*(approve(city, one, name) for name in ("林社工", "赵站长") * 3))

    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(40, 0)
    assert await Transfer.filter(kind="help_paid").count() == 1
    assert await kept(one.volunteer_id) == 60
    await make_records.adds_up()


async def test_approval_and_refusal_at_once_leave_one_of_them(city):
    for number in range(ROUNDS):
        li = await volunteer(city, f"志愿者{number}")
        one = await record(city, li)

        answers = await at_once(approve(city, one), decline(city, one, "赵站长"))

        assert refused(answers, InvalidRecordState) == 1
        status = (await ServiceRecord.get(id=one.id)).status
        assert await kept(li.id) == (60 if status == RecordStatus.APPROVED else 0)
    await make_records.adds_up()


async def test_approval_and_refusal_of_a_task_at_once_leave_one_of_them(city):
    one = await helped(city, await tasks.paid_by_grandma(city, minutes=60, has=100))

    answers = await at_once(approve(city, one), decline(city, one, "赵站长"))

    assert refused(answers, InvalidRecordState, InvalidTaskState) == 1
    given = await kept(one.volunteer_id)
    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(100 - given, 0)
    await make_records.adds_up()


async def test_approval_and_reversals_at_once_take_back_only_what_was_given(city):
    for number in range(ROUNDS):
        li = await volunteer(city, f"志愿者{number}")
        one = await record(city, li)

        await at_once(approve(city, one), reverse(city, one), reverse(city, one))

        status = (await ServiceRecord.get(id=one.id)).status
        assert await kept(li.id) == (60 if status == RecordStatus.APPROVED else 0)
    await make_records.adds_up()


async def test_reversals_at_once_take_back_once(city):
    one = await helped(city, await tasks.paid_by_grandma(city, minutes=60, has=100))
    await approve(city, one)

    answers = await at_once(*(reverse(city, one) for _ in range(4)))

    assert refused(answers, InvalidRecordState) == 3
    assert await Transfer.filter(kind="reversal", target__owner=f"person:{city.grandma.id}").count() == 1
    assert (await kept(one.volunteer_id), await kept(city.grandma.id)) == (0, 100)
    await make_records.adds_up()


async def test_overlapping_claims_at_once_leave_one(city):
    stations = [city.stations[name] for name in ("邻玉社工站", "蓝田社工站")]
    for number in range(ROUNDS):
        li = await volunteer(city, f"志愿者{number}")
        await record(city, li, began=THEN - timedelta(days=2), station=stations[1])

        answers = await at_once(
            *(
                claimed(city, li, began=THEN + timedelta(minutes=10 * n), station_id=stations[n % 2].id)
                for n in range(6)
            )
        )

        assert refused(answers, ServiceOverlaps) == 5
        assert await ServiceRecord.filter(volunteer_id=li.id, source="claim").count() == 1


async def test_claims_at_once_keep_to_the_daily_limit(city):
    li = await volunteer(city)
    midnight = NOW - timedelta(hours=10)

    answers = await at_once(
        *(claimed(city, li, began=midnight - timedelta(minutes=151 * n), minutes=150) for n in range(1, 9))
    )

    assert refused(answers, ServiceDayLimit) == 4
    assert sum(await ServiceRecord.all().values_list("minutes", flat=True)) == 600


async def test_claims_at_once_keep_to_the_monthly_limit(city):
    await Policy.create(name="monthly_back_entry_minutes_limit", scope="city", value=130, source="测试")
    li = await volunteer(city)

    answers = await at_once(*(claimed(city, li, began=THEN - timedelta(days=n)) for n in range(6)))

    assert refused(answers, ServiceMonthLimit) == 4
    assert await ServiceRecord.all().count() == 2


async def test_approvals_at_once_keep_to_the_balance_limit(city):
    li = await volunteer(city)
    await timebank.minutes(89_900, li.id, city.stations["邻玉社工站"], NOW)
    records = [await record(city, li, began=THEN - timedelta(days=n)) for n in range(4)]

    await at_once(*(approve(city, one) for one in records))

    assert (await kept(li.id), await served(li.id)) == (90_000, 240)
    assert sum(await ServiceRecord.all().values_list("spendable_minutes", flat=True)) == 100
    await make_records.adds_up()


async def test_reviews_at_once_leave_one_reviewer(city):
    li = await volunteer(city)
    one = await claimed(city, li)

    answers = await at_once(review(city, one), review(city, one, "赵站长"), approve(city, one))

    assert refused(answers, InvalidRecordState) == 1
    assert (await ServiceRecord.get(id=one.id)).status in {RecordStatus.REVIEWED, RecordStatus.APPROVED}
    await make_records.adds_up()


async def test_approvals_of_people_who_pay_each_other_do_not_deadlock(city):
    """Each of the two pays with the account that the other approval credits."""
    people = [await volunteer(city, name) for name in ("李志强", "吴敏")]
    records = []
    for helper, helped_one in (people, people[::-1]):
        await timebank.minutes(100, helped_one.id, city.stations["邻玉社工站"], NOW)
        need = await tasks.need(city, by=helped_one.id, area_id=city.areas["团结村"].id)
        await tasks.minutes_offers.offer_minutes(need.id, 60, by=helped_one.id, now=NOW)
        task = await tasks.published(city, need, payer="beneficiary")
        task = await tasks.finished(city, task, await Volunteer.get(person_id=helper.id))
        records.append(await make_records.confirm(task, helped_one.id))

    await at_once(*(approve(city, one) for one in records for _ in range(2)))

    assert [await kept(person.id) for person in people] == [100, 100]
    assert await ServiceRecord.filter(status=RecordStatus.APPROVED, approved_at=LATER).count() == 2
    await make_records.adds_up()
