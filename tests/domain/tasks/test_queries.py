"""Tasks in the lists of volunteers, staff and residents, and the actions that each may take."""

from datetime import timedelta

import pytest

from server.domain.ledger import MINUTES, account_keys
from server.domain.needs.resident_queries import get_detail
from server.domain.tasks import (
    cancellation,
    check_in_out,
    claims,
    dispute_decisions,
    dispute_queries,
    disputes,
    minutes_offers,
    service_confirmation,
    staff_queries,
    volunteer_queries,
)
from server.domain.tasks.disputes import Statement
from server.domain.tasks.staff_queries import TaskCriteria
from server.domain.tasks.volunteer_queries import PublishedTaskFilter
from server.errors import NotFound, VolunteerRequired
from server.models import Need, Payer, Task, TaskStatus, Volunteer
from tests.conftest import NOW
from tests.factories import tasks
from tests.factories.tasks import ENDS, STARTS

DAY = timedelta(days=1)


async def offered(volunteer, now=NOW, **sought):
    return [
        one.title
        for one in await volunteer_queries.list_published(
            PublishedTaskFilter(**sought), to=volunteer.person_id, now=now
        )
    ]


async def three(city):
    """Create elder care in 团结村 tomorrow at ten, culture in the town the day after, and again a day later at nine."""
    await tasks.published(city, title="取药")
    await tasks.station_task(city, title="布置", starts_at=STARTS + DAY, ends_at=ENDS + DAY)
    nine = STARTS + 2 * DAY - timedelta(hours=1)
    await tasks.station_task(city, title="合唱", starts_at=nine, ends_at=nine + timedelta(hours=2))


async def test_volunteer_sees_published_tasks_that_have_not_ended_earliest_first(city):
    li = await tasks.volunteer(city)
    await three(city)

    assert await offered(li) == ["取药", "布置", "合唱"]
    assert await offered(li, now=ENDS) == ["布置", "合唱"]
    await tasks.claimed(city, await Task.get(title="布置"), li)
    assert await offered(li) == ["取药", "合唱"]


async def test_person_who_is_no_approved_volunteer_sees_no_tasks(city):
    task, li = await tasks.published(city), await tasks.volunteer(city)
    await Volunteer.filter(id=li.id).update(status="banned")

    for person_id in (li.person_id, city.grandma.id):
        with pytest.raises(VolunteerRequired):
            await volunteer_queries.list_published(PublishedTaskFilter(), to=person_id, now=NOW)
        with pytest.raises(VolunteerRequired):
            await volunteer_queries.get_visible(task.id, to=person_id, now=NOW)


async def test_list_is_filtered_by_area_skill_and_time(city):
    li = await tasks.volunteer(city)
    await three(city)

    assert await offered(li, area_id=city.areas["团结村"].id) == ["取药"]
    assert await offered(li, area_id=city.areas["江阳区"].id) == ["取药", "布置", "合唱"]
    assert await offered(li, area_id=city.areas["蓝田街道"].id) == []
    assert await offered(li, skills=["culture", "tutoring"]) == ["布置", "合唱"]
    assert await offered(li, starts_from=STARTS + DAY, starts_until=STARTS + DAY + timedelta(minutes=1)) == ["布置"]
    with pytest.raises(NotFound):
        await offered(li, area_id=999_999)


async def test_mine_filters_by_skills_and_free_times(city):
    await three(city)
    thursday = {"weekday": 4, "from_minute": 600, "until_minute": 720}
    friday = {"weekday": 5, "from_minute": 541, "until_minute": 720}  # a minute late for the choir
    fits = {
        "skilled": ({"skills": ["elder_care"]}, ["取药"]),
        "free": ({"free_times": [thursday, friday]}, ["布置"]),
        "both": ({"skills": ["elder_care"], "free_times": [thursday]}, []),
        "said nothing": ({}, ["取药", "布置", "合唱"]),
    }

    for name, (says, titles) in fits.items():
        volunteer = await tasks.volunteer(city, name, **says)
        assert await offered(volunteer, mine=True) == titles, name


async def test_next_page_continues_the_list(city):
    li = await tasks.volunteer(city)
    for number in range(3):
        await tasks.station_task(city, title=f"布置{number}")

    pages, after = [], None
    for _ in range(3):
        [one] = await volunteer_queries.list_published(
            PublishedTaskFilter(after=after, limit=1), to=li.person_id, now=NOW
        )
        pages.append(one.title)
        after = (one.starts_at, one.id)

    assert sorted(pages) == ["布置0", "布置1", "布置2"]
    assert await volunteer_queries.list_published(PublishedTaskFilter(after=after), to=li.person_id, now=NOW) == []


async def test_claimed_tasks_stay_visible_after_their_end(city):
    task = await tasks.claimed(city)
    await cancellation.cancel(task.id, reason="老人住院了", by=city.staff["陈社工"], now=NOW)
    li = task.volunteer_id

    [own] = await volunteer_queries.list_details(
        await volunteer_queries.list_claimed(li, after=None, limit=9), to=li, now=NOW
    )

    assert (own.mine, own.end_reason, own.may) == (True, "老人住院了", [])
    assert (await volunteer_queries.get_visible(task.id, to=li, now=ENDS)).id == task.id
    with pytest.raises(NotFound):
        await volunteer_queries.get_visible(task.id, to=(await tasks.volunteer(city, "周小明")).person_id, now=NOW)


async def may(task, person_id, now=NOW):
    [own] = await volunteer_queries.list_details([await volunteer_queries.get_task(task.id)], to=person_id, now=now)
    return own.may


async def test_actions_of_the_volunteer_follow_the_state(city):
    task, li = await tasks.published(city), await tasks.volunteer(city)
    assert await may(task, li.person_id) == ["claim"]
    assert (await volunteer_queries.get_visible(task.id, to=li.person_id, now=NOW)).title == "陪老人取药"
    await tasks.claimed(city, task, li)
    assert await may(task, li.person_id) == ["claim-withdrawal"]
    assert await may(task, city.grandma.id) == []
    await claims.confirm(task.id, by=city.staff["陈社工"], now=NOW)
    assert await may(task, li.person_id) == ["claim-withdrawal", "contact"]
    assert await may(task, li.person_id, STARTS) == ["contact", "start"]
    await check_in_out.check_in(task.id, by=li.person_id, now=STARTS)
    assert await may(task, li.person_id, STARTS) == ["contact", "finish"]


async def test_actions_of_both_sides_follow_the_dispute(city):
    task = await tasks.finished(city)
    li, zhao = task.volunteer_id, city.staff["赵站长"]
    assert await may(task, li, ENDS) == ["dispute"]
    await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)
    assert (await may(task, li, ENDS), await residents(task, city)) == (["statement"], [])
    await dispute_decisions.decide(task.id, minutes=0, decision="没有来", by=zhao, now=ENDS)
    assert await may(task, li, ENDS) == await residents(task, city) == ["appeal"]
    await disputes.appeal(task.id, reason="不服", by=li, now=ENDS)
    assert await may(task, li, ENDS) == []
    await dispute_decisions.decide(task.id, minutes=0, decision="维持", by=city.staff["孙站长"], now=ENDS)
    assert await may(task, li, ENDS) == await residents(task, city) == []


async def residents(task, city):
    return (await get_detail(task.need_id, city.grandma.id, now=NOW)).task.may


async def test_resident_reads_the_task_in_the_thread_of_the_need(city):
    await tasks.fund(account_keys.person(city.grandma.id, MINUTES), 100, city)
    need = await tasks.need(city)
    thread = await get_detail(need.id, city.grandma.id, now=NOW)
    assert (thread.task, thread.minutes_offered) == (None, None)
    await minutes_offers.offer_minutes(need.id, 60, by=city.grandma.id, now=NOW)
    task = await tasks.finished(city, await tasks.published(city, need, payer=Payer.BENEFICIARY))

    helped = (await get_detail(need.id, city.grandma.id, now=NOW)).task

    assert (helped.task.id, helped.held_minutes, helped.served_minutes) == (task.id, 60, 60)
    assert helped.may == ["beneficiary-confirmation", "dispute"]
    await service_confirmation.confirm_by_beneficiary(task.id, by=city.grandma.id, now=ENDS)
    assert await residents(task, city) == []


async def test_station_and_its_officers_see_its_tasks(city):
    task = await tasks.claimed(city)
    await tasks.station_task(city, starts_at=STARTS + DAY, ends_at=ENDS + DAY)

    async def titles(by, **wanted):
        return len(await staff_queries.list_tasks(TaskCriteria(**wanted), by=city.staff[by]))

    assert [await titles(name) for name in ("陈社工", "冯科长", "卫处长", "周社工", "褚科长")] == [2, 2, 2, 0, 0]
    assert await titles("陈社工", statuses=[TaskStatus.CLAIMED]) == 1
    assert await titles("陈社工", need_id=task.need_id, station_id=task.station_id) == 1
    first = (await staff_queries.list_tasks(TaskCriteria(limit=1), by=city.staff["陈社工"]))[0]
    assert await titles("陈社工", after=(first.starts_at, first.id)) == 1
    for nothing in (
        staff_queries.get_task(task.id, by=city.staff["周社工"], now=NOW),
        dispute_queries.get_for_party(task.id, task.volunteer_id),
    ):
        with pytest.raises(NotFound):
            await nothing
    assert len((await staff_queries.get_task(task.id, by=city.staff["冯科长"], now=NOW)).timeline) == 2


async def test_empty_page_of_tasks_is_empty(city):
    assert await volunteer_queries.list_details([], to=city.grandma.id, now=NOW) == []
    assert await Need.all().count() == 0
