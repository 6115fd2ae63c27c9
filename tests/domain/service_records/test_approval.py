"""Approval: service becomes minutes and points, once, and only by staff without a part in it."""

from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys
from server.domain.needs import timeline
from server.errors import (
    ConfirmationMissing,
    EarlierReviewer,
    InvalidRecordState,
    InvalidTaskState,
    MinutesExceedServed,
    NotAllowed,
    NotConfirmedYet,
    NotFound,
    OwnServiceRecord,
)
from server.models import (
    AuditEntry,
    Notice,
    Policy,
    RecordStatus,
    ServiceRecord,
    Task,
    TaskStatus,
    Transfer,
    TransferKind,
    Volunteer,
)
from tests import factories
from tests.factories import points, tasks, timebank, volunteers
from tests.factories import records as make_records
from tests.factories.records import LATER, approve, helped, kept, of_task


@pytest.fixture(autouse=True)
async def _adds_up(city):
    yield
    await make_records.adds_up()


async def test_approved_service_is_worth_its_minutes(city):
    record = await helped(city, minutes=95)

    approved = await approve(city, record)

    assert (approved.status, approved.minutes, approved.spendable_minutes) == (RecordStatus.APPROVED, 95, 95)
    assert await kept(record.volunteer_id) == 95
    move = await Transfer.get(kind=TransferKind.SERVICE)
    assert (move.cause, move.amount, move.note) == (f"service_record:{record.id}:approved", 95, "陪老人取药")
    assert move.by_id == approved.approved_by_id == city.staff["林社工"].person_id
    assert (await Volunteer.get(person_id=record.volunteer_id)).served_minutes == 95


async def test_approval_ends_the_task_and_notifies_everyone_concerned(city):
    record = await helped(city)

    await approve(city, record)

    task = await Task.get(id=record.task_id).select_related("need")
    assert (task.status, task.open, task.ended_at) == (TaskStatus.APPROVED, None, LATER)
    assert (await timeline.list_entries(task.need, for_staff=False))[-1].text == "志愿服务已核实，共60分钟。"
    told = await Notice.get(person_id=record.volunteer_id, template="service_approved")
    assert told.body == "计入服务时长60分钟，其中60分钟存入时间银行。"
    told = await Notice.get(person_id=city.grandma.id, template="need_service_approved")
    assert told.body.endswith("：志愿服务已核实，共60分钟。")
    entry = await AuditEntry.get(action="service_record.approved")
    assert (entry.subject, entry.facts["minutes"]) == (f"service_record:{record.id}", 60)


async def test_approved_hour_earns_points(city):
    record = await helped(city)

    await approve(city, record)

    assert await points.has(record.volunteer_id) == 10


async def test_second_approval_is_refused_and_pays_nothing(city):
    record = await helped(city)
    await approve(city, record)
    before = await make_records.written()

    for name in ("林社工", "赵站长"):
        with pytest.raises(InvalidRecordState):
            await approve(city, record, name)

    assert await make_records.written() == before
    assert await kept(record.volunteer_id) == 60


async def test_approval_of_fewer_minutes_counts_only_these(city):
    record = await helped(city, minutes=90)

    approved = await approve(city, record, minutes=45)

    assert (approved.minutes, await kept(record.volunteer_id)) == (45, 45)
    assert (await Volunteer.get(person_id=record.volunteer_id)).served_minutes == 45


async def test_approval_of_more_minutes_than_recorded_is_refused(city):
    record = await helped(city)

    with pytest.raises(MinutesExceedServed) as refused:
        await approve(city, record, minutes=61)

    assert refused.value.details == {"served": 60}
    assert (await of_task(await Task.get())).status == RecordStatus.CONFIRMED


async def test_service_on_a_full_day_is_approved_without_minutes(city):
    li = await tasks.volunteer(city)
    person = await li.person
    await make_records.record(city, person, began=tasks.STARTS - timedelta(minutes=600), minutes=600)
    task = await tasks.published(city)
    record = await make_records.confirm(await tasks.finished(city, task, li), city.grandma.id)

    await approve(city, record)

    assert (await Task.get(id=task.id)).status == TaskStatus.APPROVED
    assert await kept(person.id) == 0


async def test_minutes_beyond_the_balance_limit_are_honour(city):
    record = await helped(city)
    await timebank.minutes(89_980, record.volunteer_id, city.stations["邻玉社工站"], LATER)

    approved = await approve(city, record)

    assert (approved.minutes, approved.spendable_minutes) == (60, 20)
    assert await kept(record.volunteer_id) == 90_000
    assert (await Volunteer.get(person_id=record.volunteer_id)).served_minutes == 60
    told = await Notice.get(person_id=record.volunteer_id, template="service_approved_as_honour")
    assert told.body == "计入服务时长60分钟，其中20分钟存入时间银行，其余只计荣誉时长。"


async def test_service_of_a_volunteer_at_the_balance_limit_is_honour(city):
    record = await helped(city)
    await timebank.minutes(90_050, record.volunteer_id, city.stations["邻玉社工站"], LATER)

    approved = await approve(city, record)

    assert approved.spendable_minutes == 0
    assert await kept(record.volunteer_id) == 90_050


async def test_approval_pays_from_the_hold_and_releases_the_rest(city):
    task = await tasks.paid_by_grandma(city, minutes=90, has=100)
    record = await helped(city, task)

    await approve(city, record)

    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(40, 0)
    [paid] = await Transfer.filter(kind=TransferKind.HELP_PAID)
    assert (paid.amount, paid.hold_id) == (60, task.hold_id)
    assert await kept(record.volunteer_id) == 60


async def test_payment_never_exceeds_the_hold(city):
    task = await tasks.paid_by_grandma(city, minutes=30, has=100)
    record = await helped(city, task, minutes=110)

    await approve(city, record)

    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(70, 0)
    assert await kept(record.volunteer_id) == 110
    issuing = await ledger.get_balance(account_keys.issuing(record.station_id, MINUTES))
    assert issuing.balance == -100 - 110 + 30


async def test_approval_of_own_or_household_service_is_refused(city):
    worker, person = city.staff["林社工"], await make_records.volunteer(city)
    colleague = await factories.Person.get(id=worker.person_id)
    await volunteers.approved(colleague, city.stations["邻玉社工站"], LATER)
    records = [await make_records.record(city, one) for one in (person, colleague)]
    await tasks.household(person, colleague)
    before = await make_records.written()

    for record in records:
        with pytest.raises(OwnServiceRecord):
            await approve(city, record)
    assert await make_records.written() == before


async def test_approval_by_the_household_of_the_beneficiary_is_refused(city):
    record = await helped(city)
    await tasks.household(city.grandma, city.staff["林社工"].person_id)

    with pytest.raises(OwnServiceRecord):
        await approve(city, record)

    assert await approve(city, record, "赵站长")


async def test_approval_by_the_worker_who_confirmed_is_refused(city):
    record = await make_records.confirm(await tasks.finished(city), city.staff["林社工"].person_id)

    with pytest.raises(EarlierReviewer):
        await approve(city, record)

    assert (await approve(city, record, "赵站长")).status == RecordStatus.APPROVED


async def test_approval_without_confirmation_needs_a_week_and_a_reason(city):
    task = await tasks.finished(city)
    record, until = await of_task(task), task.finished_at + timedelta(days=7)

    with pytest.raises(NotConfirmedYet) as refused:
        await approve(city, record, now=until - timedelta(seconds=1), reason="电话没人接")
    assert refused.value.details == {"possible_from": until}
    with pytest.raises(ConfirmationMissing):
        await approve(city, record, now=until)

    approved = await approve(city, record, now=until, reason="邻居可以证明")
    assert approved.status == RecordStatus.APPROVED
    assert (await AuditEntry.get(action="service_record.approved")).facts["reason"] == "邻居可以证明"


async def test_time_to_confirm_is_the_stations_policy(city):
    await Policy.create(
        name="confirmation_days", scope=f"station:{city.stations['邻玉社工站'].id}", value=1, source="测试"
    )
    task = await tasks.finished(city)

    record = await approve(city, await of_task(task), now=task.finished_at + timedelta(days=1), reason="无法联系")

    assert record.status == RecordStatus.APPROVED


async def test_station_task_needs_no_confirmation(city):
    task = await tasks.finished(city, await tasks.station_task(city))

    record = await approve(city, await of_task(task))

    assert await kept(record.volunteer_id) == 60
    assert (await Task.get(id=task.id)).status == TaskStatus.APPROVED


@pytest.mark.parametrize("alone", ["published_by_id", "confirmed_by_id"])
async def test_station_task_is_not_approved_by_who_published_or_confirmed_it(city, alone):
    """A task of the station itself helps no one who could object."""
    task = await tasks.finished(city, await tasks.station_task(city))
    others = {"published_by_id", "confirmed_by_id"} - {alone}
    await Task.filter(id=task.id).update(**dict.fromkeys(others, city.staff["赵站长"].person_id))

    with pytest.raises(EarlierReviewer):
        await approve(city, await of_task(task), "陈社工")

    assert await kept(task.volunteer_id) == 0
    await approve(city, await of_task(task))
    assert await kept(task.volunteer_id) == 60


async def test_publisher_of_a_need_may_approve_after_the_confirmation(city):
    record = await helped(city)

    assert (await approve(city, record, "陈社工")).status == RecordStatus.APPROVED


async def test_activity_time_needs_no_confirmation(city):
    person = await make_records.volunteer(city)

    await approve(city, await make_records.record(city, person))

    assert await kept(person.id) == 60
    assert (await Transfer.get(kind=TransferKind.SERVICE)).note == "志愿服务"


async def test_disputed_service_is_neither_approved_nor_declined(city):
    record = await helped(city)
    await Task.filter(id=record.task_id).update(status=TaskStatus.DISPUTED)

    for decide in (approve, make_records.decline):
        with pytest.raises(InvalidTaskState):
            await decide(city, record)
    assert await kept(record.volunteer_id) == 0


async def test_volunteer_banned_after_the_service_gets_the_minutes(city):
    record = await helped(city)
    await Volunteer.filter(person_id=record.volunteer_id).update(status="banned")

    await approve(city, record)

    assert await kept(record.volunteer_id) == 60


async def test_approval_by_another_station_or_by_officers_is_refused(city):
    record = await helped(city)

    for name in ("周社工", "孙站长", "褚科长"):
        with pytest.raises(NotFound):
            await approve(city, record, name)
    for name in ("冯科长", "卫处长"):
        with pytest.raises(NotAllowed):
            await approve(city, record, name)
    assert (await ServiceRecord.get(id=record.id)).status == RecordStatus.CONFIRMED
