"""Claims: the first volunteer gets the task, and only a confirmed volunteer reads the contact."""

from datetime import timedelta

import pytest

from server.domain.needs import timeline
from server.domain.tasks import claims, volunteer_queries
from server.domain.tasks.timeline import list_events
from server.domain.volunteers import bans
from server.errors import (
    ContactNotReadable,
    DeadlinePassed,
    InvalidTaskState,
    NotAllowed,
    NotFound,
    OwnTask,
    PersonalDataInText,
    TaskOverlaps,
    TaskTaken,
    VolunteerRequired,
)
from server.models import Notice, Person, Reading, Task, TaskStatus, Volunteer
from tests import factories
from tests.conftest import NOW
from tests.factories import tasks, volunteers
from tests.factories.tasks import ENDS, STARTS


async def claim(task, volunteer, now=NOW):
    return await claims.claim(task.id, by=volunteer.person_id, now=now)


async def notices(person_id):
    return [one.template for one in await Notice.filter(person_id=person_id)]


async def test_claim_notifies_the_station(city):
    li = await tasks.volunteer(city)

    task = await tasks.claimed(city, by=li)

    assert (task.status, task.volunteer_id) == (TaskStatus.CLAIMED, li.person_id)
    assert "task_claimed" in await notices(city.staff["林社工"].person_id)
    assert (await timeline.list_entries(task.need, for_staff=False))[-1].text == "志愿者李**报名帮助您，等待站点确认。"


async def test_claim_by_a_person_who_is_no_volunteer_is_refused(city):
    task, luren = await tasks.published(city), await factories.person("路人", NOW)

    with pytest.raises(VolunteerRequired):
        await claims.claim(task.id, by=luren.id, now=NOW)


async def test_second_claim_is_refused(city):
    task = await tasks.claimed(city)

    with pytest.raises(TaskTaken):
        await claim(task, await tasks.volunteer(city, "周小明"))
    with pytest.raises(InvalidTaskState):
        await claims.claim(task.id, by=task.volunteer_id, now=NOW)


async def test_claim_after_the_end_of_the_task_is_refused(city):
    task = await tasks.published(city)

    with pytest.raises(DeadlinePassed):
        await claim(task, await tasks.volunteer(city), now=ENDS)


async def test_claim_of_a_need_of_the_own_household_is_refused(city):
    task = await tasks.published(city)
    await volunteers.approved(city.grandma, city.stations["邻玉社工站"], NOW)
    daughter = await tasks.volunteer(city, "王小妹")
    await tasks.household(city.grandma, daughter.person_id)

    for person_id in (city.grandma.id, daughter.person_id):
        with pytest.raises(OwnTask):
            await claims.claim(task.id, by=person_id, now=NOW)


async def test_claim_of_overlapping_tasks_is_refused(city):
    li = await tasks.volunteer(city)
    await tasks.claimed(city, by=li)
    overlapping = await tasks.station_task(
        city, starts_at=ENDS - timedelta(minutes=1), ends_at=ENDS + timedelta(hours=2)
    )
    following = await tasks.station_task(city, starts_at=ENDS, ends_at=ENDS + timedelta(hours=2))

    with pytest.raises(TaskOverlaps):
        await claim(overlapping, li)
    assert (await claim(following, li)).status == TaskStatus.CLAIMED


async def test_withdrawn_claim_frees_the_task(city):
    task = await tasks.confirmed(city)

    free = await claims.withdraw(task.id, by=task.volunteer_id, now=NOW)

    assert (free.status, free.volunteer_id, free.confirmed_at) == (TaskStatus.PUBLISHED, None, None)
    assert "claim_withdrawn" in await notices(city.staff["陈社工"].person_id)
    assert (await claim(task, await tasks.volunteer(city, "周小明"))).status == TaskStatus.CLAIMED


async def test_withdrawal_after_the_start_or_by_another_person_is_refused(city):
    task = await tasks.confirmed(city)

    with pytest.raises(DeadlinePassed):
        await claims.withdraw(task.id, by=task.volunteer_id, now=STARTS)
    with pytest.raises(NotFound):
        await claims.withdraw(task.id, by=city.grandma.id, now=NOW)


async def test_claim_is_confirmed_once_and_both_sides_are_notified(city):
    task = await tasks.confirmed(city)

    assert (task.status, task.confirmed_by_id) == (TaskStatus.CONFIRMED, city.staff["陈社工"].person_id)
    assert await notices(task.volunteer_id) == ["task_confirmed"]
    assert "need_volunteer_confirmed" in await notices(city.grandma.id)
    with pytest.raises(InvalidTaskState):
        await claims.confirm(task.id, by=city.staff["赵站长"], now=NOW)


async def test_confirmation_by_staff_of_another_station_is_refused(city):
    task = await tasks.claimed(city)

    for name, refusal in (("周社工", NotFound), ("冯科长", NotAllowed), ("钱社工", NotFound)):
        with pytest.raises(refusal):
            await claims.confirm(task.id, by=city.staff[name], now=NOW)


async def test_confirmation_of_oneself_or_a_relative_is_refused(city):
    chen = await Person.get(id=city.staff["陈社工"].person_id)
    volunteer = await volunteers.approved(chen, city.stations["邻玉社工站"], NOW)
    task = await tasks.claimed(city, by=volunteer)
    await tasks.household(chen, city.staff["林社工"].person_id)

    for name in ("陈社工", "林社工"):
        with pytest.raises(OwnTask):
            await claims.confirm(task.id, by=city.staff[name], now=NOW)
    assert await claims.confirm(task.id, by=city.staff["赵站长"], now=NOW)


async def test_volunteer_who_moved_in_or_was_banned_after_the_claim_is_not_confirmed(city):
    moved_in, banned = await tasks.volunteer(city), await tasks.volunteer(city, "周小明")
    first, second = await tasks.claimed(city, by=moved_in), await tasks.station_task(city)
    await claim(second, banned)
    await tasks.household(city.grandma, moved_in.person_id)
    await bans.ban(banned.id, reason="多次失约", by=city.staff["赵站长"], now=NOW)

    with pytest.raises(OwnTask):
        await claims.confirm(first.id, by=city.staff["陈社工"], now=NOW)
    with pytest.raises(VolunteerRequired):
        await claims.confirm(second.id, by=city.staff["陈社工"], now=NOW)


async def test_confirmation_after_the_end_of_the_task_is_refused(city):
    task = await tasks.claimed(city)

    with pytest.raises(DeadlinePassed):
        await claims.confirm(task.id, by=city.staff["陈社工"], now=ENDS)


async def test_refused_claim_frees_the_task_and_the_volunteer_reads_the_reason(city):
    task = await tasks.claimed(city)
    volunteer_id = task.volunteer_id

    free = await claims.refuse(task.id, reason="需要女性志愿者", by=city.staff["陈社工"], now=NOW)

    assert (free.status, free.volunteer_id) == (TaskStatus.PUBLISHED, None)
    told = await Notice.get(person_id=volunteer_id, template="claim_refused")
    assert told.body == "站点没有确认您的认领，原因：需要女性志愿者。"


async def test_reason_with_a_name_is_refused(city):
    task = await tasks.claimed(city)

    with pytest.raises(PersonalDataInText) as refused:
        await claims.refuse(task.id, reason="王秀英不愿意", by=city.staff["陈社工"], now=NOW)
    assert refused.value.details["fields"] == [{"field": "body.reason", "problem": "含有姓名"}]


async def test_contact_is_readable_after_the_confirmation_and_each_reading_is_logged(city):
    task = await tasks.claimed(city)
    with pytest.raises(ContactNotReadable):
        await claims.read_contact(task.id, reason="明天上门", by=task.volunteer_id, now=NOW)
    await claims.confirm(task.id, by=city.staff["陈社工"], now=NOW)

    for reason in ("明天上门", "再确认时间"):
        told = await claims.read_contact(task.id, reason=reason, by=task.volunteer_id, now=NOW)

    assert told.need.contact_phone == "13812345678"
    reasons = await Reading.filter(person_id=city.grandma.id, reader_id=task.volunteer_id, what="contact")
    assert [one.reason for one in reasons] == ["明天上门", "再确认时间"]
    assert [one.kind for one in await timeline.list_entries(told.need, for_staff=False)][-2:] == [
        "task_contact_read"
    ] * 2


async def test_contact_is_refused_to_a_banned_volunteer_and_to_staff(city):
    task = await tasks.confirmed(city)
    volunteer = await Volunteer.get(person_id=task.volunteer_id)
    await bans.ban(volunteer.id, reason="多次失约", by=city.staff["赵站长"], now=NOW)

    with pytest.raises(VolunteerRequired):
        await claims.read_contact(task.id, reason="上门", by=task.volunteer_id, now=NOW)
    with pytest.raises(NotFound):
        await claims.read_contact(task.id, reason="上门", by=city.staff["陈社工"].person_id, now=NOW)
    assert not await Reading.exists()


async def test_contact_of_a_station_task_is_the_station(city):
    task = await tasks.confirmed(city, await tasks.station_task(city))

    told = await claims.read_contact(task.id, reason="问路", by=task.volunteer_id, now=NOW)

    assert (told.need, told.station.name, told.place) == (None, "邻玉社工站", "老年活动中心二楼")
    assert not await Reading.exists()
    assert [line.kind for line in await list_events(task.id)] == ["published", "claimed", "confirmed", "contact_read"]


async def test_unknown_task_is_not_found(city):
    with pytest.raises(NotFound):
        await claims.claim(1, by=city.grandma.id, now=NOW)
    with pytest.raises(NotFound):
        await claims.confirm(1, by=city.staff["陈社工"], now=NOW)
    assert (
        await Task.all().count() == len(await volunteer_queries.list_claimed(city.grandma.id, after=None, limit=9)) == 0
    )
