"""Reversal of an approval: everything it moved goes back, once, or nothing does."""

import pytest

from server.domain import ledger, timebank
from server.domain.needs import timeline
from server.domain.service_records import queries
from server.domain.tasks import reminders
from server.errors import (
    AlreadyReversed,
    HeadRequired,
    InvalidRecordState,
    NotAllowed,
    NotEnoughMinutes,
    NotEnoughPoints,
    NotFound,
    OwnServiceRecord,
)
from server.models import AuditEntry, Dispute, Earning, Notice, RecordStatus, Task, TaskStatus, Transfer, Volunteer
from tests.domain.tasks import arguing
from tests.domain.tasks.arguing import appealed, decided
from tests.factories import points, records, tasks
from tests.factories.records import LATER, approve, claimed, helped, kept, of_task, reverse, review


@pytest.fixture(autouse=True)
async def _adds_up(city):
    yield
    await records.adds_up()


async def served(person_id):
    return (await Volunteer.get(person_id=person_id)).served_minutes


async def test_reversal_takes_back_minutes_points_and_served_time(city):
    record = await helped(city)
    await approve(city, record)

    turned = await reverse(city, record)

    assert (turned.status, turned.decision, turned.counts) == (RecordStatus.REVERSED, "时间记错了", None)
    volunteer = record.volunteer_id
    assert (await kept(volunteer), await points.has(volunteer), await served(volunteer)) == (0, 0, 0)
    assert (await Earning.get()).status == "reversed"
    assert await Notice.filter(person_id=volunteer, template="service_reversed").count() == 1
    assert await AuditEntry.filter(action="service_record.reversed").count() == 1


async def test_reversal_refunds_the_beneficiary_and_notifies_them(city):
    task = await tasks.paid_by_grandma(city, minutes=60, has=100)
    record = await helped(city, task)
    await approve(city, record, minutes=40)
    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(60, 0)

    await reverse(city, record)

    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(100, 0)
    assert await Notice.filter(person_id=city.grandma.id, template="need_service_reversed").count() == 1
    task = await Task.get(id=task.id).select_related("need")
    assert task.status == TaskStatus.APPROVED
    assert (await timeline.list_entries(task.need, for_staff=False))[-1].text.startswith("站点撤销了这次志愿服务的认定")


async def test_second_reversal_is_refused(city):
    record = await helped(city)
    with pytest.raises(InvalidRecordState):
        await reverse(city, record)
    await approve(city, record)
    await reverse(city, record)
    before = await records.written()

    for decide in (reverse, approve):
        with pytest.raises(InvalidRecordState):
            await decide(city, record)

    assert await records.written() == before
    issued = await Transfer.get(kind="service")
    with pytest.raises(AlreadyReversed):
        await ledger.reverse(issued.id, note="", by=None, now=LATER)


async def test_reversal_of_minutes_given_away_is_refused_and_changes_nothing(city):
    record = await helped(city)
    await approve(city, record)
    await timebank.donate(1, station_id=record.station_id, by=record.volunteer_id, now=LATER)
    before = await records.written()

    with pytest.raises(NotEnoughMinutes):
        await reverse(city, record)

    assert await records.written() == before
    assert (await records.ServiceRecord.get(id=record.id)).status == RecordStatus.APPROVED
    assert await served(record.volunteer_id) == 60


async def test_reversal_of_points_spent_is_refused_and_changes_nothing(city):
    record = await helped(city)
    await approve(city, record)
    await points.spend(record.volunteer_id, record.station_id, 1, LATER)

    with pytest.raises(NotEnoughPoints):
        await reverse(city, record)

    assert (await kept(record.volunteer_id), await served(record.volunteer_id)) == (60, 60)


async def test_honour_is_reversed(city):
    li = await records.volunteer(city)
    record = await claimed(city, li)
    await review(city, record)
    await approve(city, record)

    await reverse(city, record)

    assert await served(li.id) == 0
    assert not await Transfer.exists()
    assert (await claimed(city, li)).minutes == 60  # the time can be claimed again


async def test_reversal_by_anyone_but_the_head_is_refused(city):
    record = await helped(city)
    await approve(city, record)

    for name, kind in {"陈社工": HeadRequired, "吴站长": NotFound, "孙站长": NotFound, "冯科长": NotAllowed}.items():
        with pytest.raises(kind):
            await reverse(city, record, name)
    assert await kept(record.volunteer_id) == 60


async def decided_above(city, by="孙站长"):
    """An hour that the station above approved for good."""
    task = await appealed(city)
    await arguing.decide(city, task, 60, by=by)
    return await of_task(task)


async def test_decision_after_an_appeal_is_reversed_only_by_the_station_above(city):
    record = await decided_above(city)

    for name, kind in {"赵站长": NotAllowed, "陈社工": HeadRequired, "郑社工": NotFound, "吴站长": NotFound}.items():
        with pytest.raises(kind):
            await reverse(city, record, name)
    assert await kept(record.volunteer_id) == 60

    assert (await queries.get_for_staff(record.id, by=city.staff["孙站长"])).approved_by_id == city.staff[
        "孙站长"
    ].person_id
    assert (await reverse(city, record, "孙站长")).status == RecordStatus.REVERSED
    task = await Task.get(id=record.task_id).select_related("need")
    assert (await timeline.list_entries(task.need, for_staff=True))[-1].station_id == city.stations["江阳总站"].id


async def test_decision_of_the_city_desk_is_reversed_only_by_the_city(city):
    record = await decided_above(city)
    await Dispute.filter(task_id=record.task_id).update(station_id=city.stations["市级服务台"].id)

    for name in ("赵站长", "冯科长"):
        with pytest.raises(NotAllowed):
            await reverse(city, record, name)
    assert (await reverse(city, record, "卫处长")).status == RecordStatus.REVERSED


async def test_decision_without_appeal_is_reversed_by_the_station_itself(city):
    task = await decided(city)
    await reminders.do_due_actions(task.id, now=arguing.LATER + arguing.WEEK)

    with pytest.raises(NotFound):
        await reverse(city, await of_task(task), "孙站长")
    assert (await reverse(city, await of_task(task))).status == RecordStatus.REVERSED


async def test_reversal_of_household_service_is_refused(city):
    record = await helped(city)
    await approve(city, record)
    await tasks.household(record.volunteer_id, city.staff["赵站长"].person_id)

    with pytest.raises(OwnServiceRecord):
        await reverse(city, record)
