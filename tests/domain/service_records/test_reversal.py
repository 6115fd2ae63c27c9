"""An approval turned back: everything it moved returns, once, or nothing does."""

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


async def test_minutes_points_and_served_time_are_taken_back(city):
    record = await helped(city)
    await approve(city, record)

    turned = await reverse(city, record)

    assert (turned.status, turned.decision, turned.counts) == (RecordStatus.REVERSED, "时间记错了", None)
    volunteer = record.volunteer_id
    assert (await kept(volunteer), await points.has(volunteer), await served(volunteer)) == (0, 0, 0)
    assert (await Earning.get()).status == "reversed"
    assert await Notice.filter(person_id=volunteer, template="service_reversed").count() == 1
    assert await AuditEntry.filter(action="service_record.reversed").count() == 1


async def test_the_beneficiary_has_back_what_they_paid_and_reads_so(city):
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


async def test_it_is_turned_back_once(city):
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


async def test_minutes_that_were_given_away_are_not_taken_back_and_nothing_changes(city):
    record = await helped(city)
    await approve(city, record)
    await timebank.donate(1, station_id=record.station_id, by=record.volunteer_id, now=LATER)
    before = await records.written()

    with pytest.raises(NotEnoughMinutes):
        await reverse(city, record)

    assert await records.written() == before
    assert (await records.ServiceRecord.get(id=record.id)).status == RecordStatus.APPROVED
    assert await served(record.volunteer_id) == 60


async def test_points_that_were_spent_keep_the_whole_approval_as_it_is(city):
    record = await helped(city)
    await approve(city, record)
    await points.spend(record.volunteer_id, record.station_id, 1, LATER)

    with pytest.raises(NotEnoughPoints):
        await reverse(city, record)

    assert (await kept(record.volunteer_id), await served(record.volunteer_id)) == (60, 60)


async def test_honour_that_moved_nothing_is_turned_back_as_well(city):
    li = await records.volunteer(city)
    record = await claimed(city, li)
    await review(city, record)
    await approve(city, record)

    await reverse(city, record)

    assert await served(li.id) == 0
    assert not await Transfer.exists()
    assert (await claimed(city, li)).minutes == 60  # the time is free again


async def test_only_the_head_of_the_station_turns_back(city):
    record = await helped(city)
    await approve(city, record)

    for name, kind in {"陈社工": HeadRequired, "吴站长": NotFound, "孙站长": NotFound, "冯科长": NotAllowed}.items():
        with pytest.raises(kind):
            await reverse(city, record, name)
    assert await kept(record.volunteer_id) == 60


async def decided_above(city, by="孙站长"):
    """An hour that the station above said was served, for good."""
    task = await appealed(city)
    await arguing.decide(city, task, 60, by=by)
    return await of_task(task)


async def test_what_the_station_above_decided_is_not_undone_by_who_was_overruled(city):
    record = await decided_above(city)

    for name, kind in {"赵站长": NotAllowed, "陈社工": HeadRequired, "郑社工": NotFound, "吴站长": NotFound}.items():
        with pytest.raises(kind):
            await reverse(city, record, name)
    assert await kept(record.volunteer_id) == 60

    assert (await queries.one(record.id, by=city.staff["孙站长"])).approved_by_id == city.staff["孙站长"].person_id
    assert (await reverse(city, record, "孙站长")).status == RecordStatus.REVERSED
    task = await Task.get(id=record.task_id).select_related("need")
    assert (await timeline.list_entries(task.need, for_staff=True))[-1].station_id == city.stations["江阳总站"].id


async def test_what_the_city_desk_decided_only_the_city_turns_back(city):
    record = await decided_above(city)
    await Dispute.filter(task_id=record.task_id).update(station_id=city.stations["市级服务台"].id)

    for name in ("赵站长", "冯科长"):
        with pytest.raises(NotAllowed):
            await reverse(city, record, name)
    assert (await reverse(city, record, "卫处长")).status == RecordStatus.REVERSED


async def test_what_nobody_appealed_against_the_station_turns_back_itself(city):
    task = await decided(city)
    await reminders.do_due_actions(task.id, now=arguing.LATER + arguing.WEEK)

    with pytest.raises(NotFound):
        await reverse(city, await of_task(task), "孙站长")
    assert (await reverse(city, await of_task(task))).status == RecordStatus.REVERSED


async def test_a_head_does_not_turn_back_what_their_household_served(city):
    record = await helped(city)
    await approve(city, record)
    await tasks.household(record.volunteer_id, city.staff["赵站长"].person_id)

    with pytest.raises(OwnServiceRecord):
        await reverse(city, record)
