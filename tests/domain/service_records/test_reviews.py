"""Back-entered time: two reviewers, honour only unless the head makes an exception; and refused records."""

import pytest

from server.domain import ledger
from server.domain.needs import timeline
from server.errors import (
    EarlierReviewer,
    HeadRequired,
    InvalidRecordState,
    NotAllowed,
    NotFound,
    OwnServiceRecord,
    ReviewNotNeeded,
    ReviewRequired,
)
from server.models import AuditEntry, Hold, HoldState, Notice, RecordStatus, Task, TaskStatus, Transfer, Volunteer
from tests import factories
from tests.factories import points, records, tasks, volunteers
from tests.factories.records import LATER, approve, claimed, decline, helped, kept, review


@pytest.fixture
async def li(city):
    return await records.volunteer(city)


@pytest.fixture(autouse=True)
async def _adds_up(city):
    yield
    await records.adds_up()


async def served(person):
    return (await Volunteer.get(person_id=person.id)).served_minutes


async def test_back_entered_time_counts_as_honour_after_two_reviews(city, li):
    record = await claimed(city, li)

    reviewed = await review(city, record)
    assert (reviewed.status, reviewed.reviewed_by_id) == (RecordStatus.REVIEWED, city.staff["陈社工"].person_id)
    assert (await served(li), await records.written()) == (0, ([], [], [], []))
    approved = await approve(city, record)

    assert (approved.status, approved.minutes, approved.spendable_minutes) == (RecordStatus.APPROVED, 60, 0)
    assert (await served(li), await kept(li.id), await points.has(li.id)) == (60, 0, 0)
    assert not await Transfer.exists()
    told = await Notice.get(person_id=li.id, template="service_approved_as_honour")
    assert told.body == "计入服务时长60分钟，其中0分钟存入时间银行，其余只计荣誉时长。"


async def test_approval_without_a_first_review_or_by_the_same_reviewer_is_refused(city, li):
    record = await claimed(city, li)

    with pytest.raises(ReviewRequired):
        await approve(city, record)
    await review(city, record)
    with pytest.raises(EarlierReviewer):
        await approve(city, record, "陈社工")
    with pytest.raises(InvalidRecordState):
        await review(city, record, "林社工")

    assert await served(li) == 0


async def test_exception_at_the_approval_makes_time_spendable(city, li):
    record = await claimed(city, li)
    await review(city, record)

    approved = await approve(city, record, "赵站长", exception_reason="停电，签到不成")

    assert (approved.spendable_minutes, approved.exception_reason) == (60, "停电，签到不成")
    assert (await kept(li.id), await served(li), await points.has(li.id)) == (60, 60, 0)


async def test_exception_at_the_first_review_makes_time_spendable(city, li):
    record = await claimed(city, li)
    await review(city, record, "赵站长", "停电，签到不成")

    await approve(city, record, minutes=50)

    assert (await kept(li.id), await served(li)) == (50, 50)
    assert (await AuditEntry.get(action="service_record.approved")).facts["exception"] is True


async def test_exception_by_a_worker_is_refused(city, li):
    record = await claimed(city, li)
    with pytest.raises(HeadRequired):
        await review(city, record, exception_reason="停电")
    await review(city, record, "赵站长")

    with pytest.raises(HeadRequired):
        await approve(city, record, exception_reason="停电")

    assert (await approve(city, record)).spendable_minutes == 0


async def test_approval_by_the_head_without_a_reason_is_honour(city, li):
    record = await claimed(city, li)
    await review(city, record)

    await approve(city, record, "赵站长")

    assert (await kept(li.id), await served(li)) == (0, 60)


async def test_review_of_verified_time_is_refused(city, li):
    record = await records.record(city, li)

    with pytest.raises(ReviewNotNeeded):
        await review(city, record)
    approved = await approve(city, record, exception_reason="不需要")

    assert (approved.exception_reason, approved.spendable_minutes) == ("", 60)


async def test_review_of_own_or_household_time_is_refused(city, li):
    worker = await factories.Person.get(id=city.staff["陈社工"].person_id)
    await volunteers.approved(worker, city.stations["邻玉社工站"], LATER)
    own, relatives = await claimed(city, worker), await claimed(city, li)
    await tasks.household(li, worker)

    for record in (own, relatives):
        for decide in (review, decline):
            with pytest.raises(OwnServiceRecord):
                await decide(city, record, "陈社工")
    assert await review(city, own, "林社工")


async def test_review_by_another_station_or_by_officers_is_refused(city, li):
    record = await claimed(city, li)

    for decide in (review, decline):
        with pytest.raises(NotFound):
            await decide(city, record, "周社工")
        with pytest.raises(NotAllowed):
            await decide(city, record, "冯科长")


async def test_declined_claim_shows_the_reason_and_is_final(city, li):
    record = await claimed(city, li)
    await review(city, record)

    declined = await decline(city, record)

    assert (declined.status, declined.decision, declined.counts) == (RecordStatus.DECLINED, "没有这次服务", None)
    assert await Notice.filter(person_id=li.id, template="service_declined").count() == 1
    assert await AuditEntry.filter(action="service_record.declined").count() == 1
    for decide in (approve, review, decline):
        with pytest.raises(InvalidRecordState):
            await decide(city, record, "赵站长")


async def test_declined_record_ends_its_task_unpaid(city):
    task = await tasks.paid_by_grandma(city, minutes=60, has=100)
    record = await helped(city, task)

    await decline(city, record)

    task = await Task.get(id=task.id).select_related("need")
    assert (task.status, task.open) == (TaskStatus.CANCELLED, None)
    assert (await Hold.get(id=task.hold_id)).state == HoldState.RELEASED
    assert await tasks.minutes_of(city.grandma.id) == ledger.Balance(100, 0)
    assert (await timeline.list_entries(task.need, for_staff=False))[-1].text.startswith("站点没有认定这次志愿服务")


async def test_settled_dispute_approves_the_decided_minutes(city):
    task = await tasks.paid_by_grandma(city, minutes=60, has=100)
    record = await helped(city, task)
    head = city.staff["赵站长"].person_id

    approved = await records.approval.approve_decided(record, 25, by=head, now=LATER)

    assert (approved.minutes, approved.spendable_minutes, approved.approved_by_id) == (25, 25, head)
    assert await kept(record.volunteer_id) == 25
    # The task and its hold are left to the caller that settles the dispute.
    assert (await Hold.get(id=task.hold_id)).state == HoldState.OPEN
    with pytest.raises(InvalidRecordState):
        await records.approval.approve_decided(record, 25, by=head, now=LATER)


async def test_settled_dispute_without_minutes_declines_the_record(city):
    record = await helped(city)
    head = city.staff["赵站长"].person_id

    declined = await records.approval.decline_decided(record, reason="没有来", by=head, now=LATER)

    assert (declined.status, declined.decision) == (RecordStatus.DECLINED, "没有来")
    assert await kept(record.volunteer_id) == 0
