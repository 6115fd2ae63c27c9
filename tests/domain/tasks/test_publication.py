"""Publication of tasks: with consent, without personal data, one at a time, with the payment on hold."""

from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.ledger import account_keys
from server.domain.needs import timeline, triage
from server.domain.tasks import minutes_offers, publication, staff_queries, volunteer_queries
from server.domain.tasks.publication import StationTask
from server.domain.tasks.timeline import list_events
from server.errors import (
    AssigneeRequired,
    CategoryNotAvailable,
    ConfidentialNeed,
    ConsentRequired,
    HeadRequired,
    InvalidNeedState,
    InvalidTaskTime,
    MinutesOfferRequired,
    NotAllowed,
    NotEnoughMinutes,
    NotFound,
    OwnNeed,
    PersonalDataInText,
    StationNotOperating,
    TaskOpen,
)
from server.models import AuditEntry, Category, Job, MinutesOffer, Need, Payer, Person, Station, Task, TaskStatus
from tests import steps
from tests.conftest import NOW
from tests.factories import tasks, timebank
from tests.factories.tasks import ENDS, STARTS, content


async def publish(city, need, by="陈社工", **told):
    return await publication.publish_need(need.id, content(**told), by=city.staff[by], now=NOW)


async def test_published_need_becomes_a_task_and_the_resident_reads_it(city):
    need = await tasks.need(city)

    task = await publish(city, need)

    assert (task.status, task.open) == (TaskStatus.PUBLISHED, 1)
    assert (task.station_id, task.category_id, task.area_id) == (need.station_id, need.category_id, need.area_id)
    assert (task.weekday, task.from_minute, task.until_minute) == (3, 600, 720)
    assert (await timeline.list_entries(need, for_staff=False))[-1].text == "已将您的需求匿名发布给志愿者：陪老人取药。"
    assert (await Job.get(kind="watch_task", subject=str(task.id))).due_at == ENDS


async def test_publication_without_consent_is_refused(city):
    need = await tasks.need(city, may_share_contact=False)

    with pytest.raises(ConsentRequired):
        await publish(city, need)
    assert not await Task.exists()


async def test_publication_of_a_confidential_need_is_refused(city):
    need = await tasks.need(city, category="counselling")

    with pytest.raises(ConfidentialNeed):
        await publish(city, need)


async def test_second_open_task_of_a_need_is_refused(city):
    task = await tasks.published(city)

    with pytest.raises(TaskOpen):
        await publish(city, await Need.get(id=task.need_id))


async def test_publication_by_staff_without_the_need_is_refused(city):
    need = await tasks.need(city)

    for name, refusal in (("林社工", AssigneeRequired), ("周社工", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await publish(city, need, by=name)
    assert await publish(city, need, by="赵站长")


async def test_any_worker_of_the_station_publishes_an_unassigned_need(city):
    assert await publish(city, await tasks.accepted_need(city), by="林社工")


async def test_publication_of_an_own_need_is_refused(city):
    need = await tasks.accepted_need(city, by=city.staff["林社工"].person_id, area_id=city.areas["团结村"].id)

    with pytest.raises(OwnNeed):
        await publish(city, need, by="林社工")


async def test_publication_before_acceptance_or_after_resolution_is_refused(city):
    waiting = await city.need(may_share_contact=True)
    resolved = await steps.resolve_need(city, await city.need(may_share_contact=True), NOW)

    for need in (waiting, resolved):
        with pytest.raises(InvalidNeedState):
            await publish(city, need)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("找王秀英奶奶", "姓名"),
        ("找王 秀\u200b英", "姓名"),
        ("电话138-1234-5678", "电话"),
        ("打 １３８ １２３４ ５６７８", "电话"),
        ("幺三八一二三四五六七八", "电话"),
        ("尾号是 1234 5678", "电话"),
        ("也可以打15900001111", "电话"),
        ("座机 234 5678", "电话"),
        ("老人家 王大娘", "姓名"),
        ("到酒城大道 3 号 2 单元", "具体地点"),
    ],
)
async def test_text_with_personal_data_is_refused_by_field(city, words, what):
    await Person.filter(id=city.grandma.id).update(name="王大娘")
    need = await tasks.need(city, place="酒城大道3号2单元")

    with pytest.raises(PersonalDataInText) as refused:
        await publish(city, need, text=words)
    assert refused.value.details == {"fields": [{"field": "body.text", "problem": f"含有{what}"}]}
    with pytest.raises(PersonalDataInText) as refused:
        await publish(city, need, title=words)
    assert refused.value.details["fields"][0]["field"] == "body.title"


async def test_dates_and_times_are_no_personal_data(city):
    need = await tasks.need(city, contact_name="王")  # one letter is in every text

    assert await publish(city, need, title="3月12日陪同", text="2026-03-12 09:00-11:00，王家附近，60-70岁老人。")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_at": NOW}, "body.starts_at"),
        ({"ends_at": STARTS}, "body.ends_at"),
        ({"ends_at": STARTS + timedelta(hours=24, seconds=1)}, "body.ends_at"),
        ({"expected_minutes": 121}, "body.expected_minutes"),
    ],
)
async def test_invalid_times_are_refused_by_field(city, wrong, field):
    need = await tasks.need(city)

    with pytest.raises(InvalidTaskTime) as refused:
        await publish(city, need, **wrong)
    assert refused.value.details["fields"][0]["field"] == field


async def test_expected_minutes_may_fill_the_whole_time(city):
    assert await publish(city, await tasks.need(city), expected_minutes=120)


async def test_offered_minutes_are_held_until_long_after_the_task(city):
    task = await tasks.paid_by_grandma(city, minutes=60, has=100)

    balance = await tasks.minutes_of(city.grandma.id)
    assert (balance.balance, balance.held, balance.spendable) == (100, 60, 40)
    hold = await (await Task.get(id=task.id)).hold
    assert (hold.cause, hold.expires_at) == (f"task:{task.id}:payment", ENDS + timedelta(days=60))


async def test_publication_beyond_the_balance_is_refused(city):
    with pytest.raises(NotEnoughMinutes):
        await tasks.paid_by_grandma(city, minutes=101, has=100)

    assert not await Task.exists()
    assert (await tasks.minutes_of(city.grandma.id)).held == 0


async def test_payment_by_the_beneficiary_without_an_offer_is_refused(city):
    with pytest.raises(MinutesOfferRequired):
        await publish(city, await tasks.need(city), payer=Payer.BENEFICIARY)


async def test_pool_payment_is_for_the_head_and_staff_read_the_reason(city):
    need = await tasks.need(city)
    await tasks.fund(account_keys.pool(need.station_id), 90, city)
    for_hardship = {"payer": Payer.POOL, "reason": "低保户"}
    with pytest.raises(HeadRequired):
        await publish(city, need, **for_hardship)

    task = await publish(city, need, by="赵站长", **for_hardship)

    assert (await ledger.get_balance(account_keys.pool(need.station_id))).held == task.expected_minutes == 90
    assert (await list_events(task.id))[0].note == "低保户"
    assert (await AuditEntry.get(action="task.published")).facts == {"payer": "pool", "need": need.id}


async def test_payment_from_an_empty_pool_is_refused(city):
    with pytest.raises(NotEnoughMinutes):
        await publish(city, await tasks.need(city), by="赵站长", payer=Payer.POOL, reason="低保户")


async def test_offer_of_more_minutes_than_there_are_is_refused_at_once(city):
    need = await tasks.need(city)
    await timebank.minutes(240, city.grandma.id, city.stations["邻玉社工站"], NOW)

    with pytest.raises(NotEnoughMinutes) as refused:
        await minutes_offers.offer_minutes(need.id, 500, by=city.grandma.id, now=NOW)

    assert refused.value.details == {"spendable": 240}
    assert not await MinutesOffer.exists()


async def test_offer_can_be_replaced_and_withdrawn_without_an_open_task(city):
    need = await tasks.need(city)
    await timebank.minutes(60, city.grandma.id, city.stations["邻玉社工站"], NOW)
    await minutes_offers.offer_minutes(need.id, 30, by=city.grandma.id, now=NOW)
    await minutes_offers.offer_minutes(need.id, 45, by=city.grandma.id, now=NOW)
    assert [one.minutes for one in await MinutesOffer.all()] == [45]

    await minutes_offers.withdraw(need.id, by=city.grandma.id, now=NOW)

    assert not await MinutesOffer.exists()
    with pytest.raises(NotFound):
        await minutes_offers.withdraw(need.id, by=city.grandma.id, now=NOW)
    said = [line.kind for line in await timeline.list_entries(need, for_staff=False)]
    assert said[-3:] == ["minutes_offered", "minutes_offered", "offer_withdrawn"]


async def test_offer_cannot_change_while_a_task_is_open(city):
    task = await tasks.paid_by_grandma(city)

    with pytest.raises(TaskOpen):
        await minutes_offers.offer_minutes(task.need_id, 1, by=city.grandma.id, now=NOW)
    with pytest.raises(TaskOpen):
        await minutes_offers.withdraw(task.need_id, by=city.grandma.id, now=NOW)


async def test_offer_by_another_person_or_after_resolution_is_refused(city):
    need = await tasks.need(city)
    with pytest.raises(NotFound):
        await minutes_offers.offer_minutes(need.id, 30, by=city.staff["陈社工"].person_id, now=NOW)
    await triage.start(need.id, by=city.staff["陈社工"], now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["陈社工"], now=NOW)

    with pytest.raises(InvalidNeedState):
        await minutes_offers.offer_minutes(need.id, 30, by=city.grandma.id, now=NOW)


async def test_station_publishes_a_task_of_its_own(city):
    task = await tasks.station_task(city)

    assert (task.need_id, task.station_id, task.place) == (None, city.stations["邻玉社工站"].id, "老年活动中心二楼")
    assert [
        one.id for one in await staff_queries.list_tasks(staff_queries.TaskCriteria(), by=city.staff["林社工"])
    ] == [task.id]


async def test_station_task_with_a_place_or_phone_in_its_text_is_refused(city):
    for words in ("请到老年活动中心 二楼", "联系 0830-2345678"):
        with pytest.raises(PersonalDataInText):
            await tasks.station_task(city, text=words)


async def test_station_task_requires_an_operating_own_station_and_a_known_category(city):
    here, area = city.stations["邻玉社工站"].id, city.areas["团结村"].id

    async def published(station_id, category, by):
        wish = StationTask(station_id, area, category, "大院")
        return await publication.publish_station_task(wish, content(), by=city.staff[by], now=NOW)

    with pytest.raises(NotAllowed):
        await published(here, "culture", "周社工")
    with pytest.raises(CategoryNotAvailable):
        await published(here, "dancing", "陈社工")
    for status in ("suspended", "closing"):
        await Station.filter(id=here).update(status=status)
        with pytest.raises(StationNotOperating):
            await published(here, "culture", "陈社工")


async def test_task_of_a_need_that_became_confidential_is_read_by_its_readers_alone(city):
    task = await publish(city, await tasks.need(city))
    volunteer = await tasks.volunteer(city)
    await Category.filter(id=task.category_id).update(confidential=True)

    seen = {
        name: len(await staff_queries.list_tasks(staff_queries.TaskCriteria(), by=city.staff[name]))
        for name in ("陈社工", "林社工", "赵站长", "冯科长", "卫处长")
    }

    assert seen == {"陈社工": 1, "林社工": 0, "赵站长": 1, "冯科长": 0, "卫处长": 0}
    published = volunteer_queries.PublishedTaskFilter()
    assert await volunteer_queries.list_published(published, to=volunteer.person_id, now=NOW) == []
    with pytest.raises(NotFound):
        await volunteer_queries.get_visible(task.id, to=volunteer.person_id, now=NOW)
