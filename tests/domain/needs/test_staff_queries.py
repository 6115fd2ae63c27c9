"""The staff's list of needs: access, filters, orders and pages; duplicates."""

from datetime import timedelta

import pytest

from server.domain import staff
from server.domain.needs import (
    access,
    appeals,
    duplicates,
    referrals,
    schedule,
    staff_queries,
    timeline,
    triage,
)
from server.domain.needs.filters import DEFAULT_LOOK_BACK, ORDERS, NeedFilter, NeedScope, Sort
from server.domain.needs.staff_queries import open_need
from server.domain.needs.triage import NoteContent
from server.errors import HeadRequired, NotAllowed, NotFound, NotMergeable
from server.models import Need, NeedStatus, Notice, Reading, Urgency
from tests import factories, steps
from tests.conftest import NOW
from tests.factories.households import household
from tests.factories.needs import hear


async def listed(city, by, now=NOW, **need_filter):
    return await staff_queries.list_needs(NeedFilter(**need_filter), by=city.staff[by], now=now)


async def ids(city, by, now=NOW, **need_filter):
    return [item.need.id for item in (await listed(city, by, now, **need_filter)).items]


async def test_list_has_needs_of_own_stations_and_counties(city):
    need = await city.need()

    for name in ("陈社工", "赵站长", "冯科长", "卫处长"):
        assert await ids(city, name) == [need.id]
    for name in ("周社工", "钱社工", "褚科长"):
        assert await ids(city, name) == []
        with pytest.raises(NotFound):
            await staff_queries.get_need(need.id, by=city.staff[name])


async def test_filters_narrow_list_and_counts_ignore_status(city):
    first, second = await city.need(), await city.need(urgency=Urgency.URGENT, category="social_relief")
    await steps.accept_need(city, first, NOW)

    assert await ids(city, "陈社工", statuses=[NeedStatus.ACCEPTED]) == [first.id]
    assert await ids(city, "陈社工", urgency=Urgency.URGENT) == [second.id]
    assert await ids(city, "陈社工", categories=["social_relief"]) == [second.id]
    for statuses in ([NeedStatus.ACCEPTED], [NeedStatus.CLOSED]):
        counts = (await listed(city, "陈社工", statuses=statuses)).counts
        assert counts == {NeedStatus.ACCEPTED: 1, NeedStatus.SUBMITTED: 1}


async def test_ended_needs_are_counted_and_searched_for_a_limited_time(city):
    ended, lasting = await steps.resolve_need(city, await city.need(), NOW), await city.need()
    await schedule.do_due_actions(ended.id, now=NOW + timedelta(days=16))
    later = NOW + DEFAULT_LOOK_BACK + timedelta(minutes=1)

    for period, found in (({}, [lasting.id]), ({"submitted_from": NOW}, [lasting.id, ended.id])):
        assert set(await ids(city, "陈社工", later, text="帮忙买药", **period)) == set(found)
        counts = (await listed(city, "陈社工", later, **period)).counts
        assert sum(counts.values()) == len(found)
    assert len(await ids(city, "陈社工")) == 2


async def test_counts_come_with_the_first_page_only(city):
    needs = [await city.need() for _ in range(3)]
    first = await listed(city, "陈社工", limit=2)
    place = ORDERS[Sort.NEWEST].place(first.items[-1].need)
    following = await listed(city, "陈社工", limit=2, after=place)

    assert (first.counts, following.counts) == ({NeedStatus.SUBMITTED: len(needs)}, None)
    assert (await listed(city, "周社工")).counts == {}


async def test_ended_needs_are_counted_up_to_a_number(city, monkeypatch):
    monkeypatch.setattr(staff_queries, "MOST_ENDED_COUNTED", 1)
    for _ in range(2):
        await steps.decline_need(city, await city.need(), NOW)
        await city.need()

    assert (await listed(city, "陈社工")).counts == {NeedStatus.DECLINED: 1, NeedStatus.SUBMITTED: 2}


async def test_overdue_filter_finds_open_needs_past_a_deadline(city):
    late, done = await city.need(), await steps.resolve_need(city, await city.need(), NOW)
    await Need.filter(id__in=[late.id, done.id]).update(
        submitted_at=NOW - timedelta(hours=2),
        response_due_at=NOW - timedelta(hours=1),
        completion_due_at=NOW - timedelta(hours=1),
    )
    await Need.filter(id=late.id).update(next_due_at=NOW - timedelta(hours=1))

    assert await ids(city, "陈社工", overdue=True) == [late.id]


async def test_pages_have_no_gap_or_repetition_at_equal_times(city):
    for _ in range(7):
        await city.need()
    everything = await ids(city, "陈社工", limit=50)

    for sort in Sort:
        got, after = [], None
        while page := (await listed(city, "陈社工", sort=sort, after=after, limit=2)).items:
            needs = [item.need for item in page]
            got += [need.id for need in needs]
            after = ORDERS[sort].place(needs[-1])
        assert sorted(got) == sorted(everything)
        assert len(got) == 7


async def confidential(city):
    return await city.need(category="counselling", text="最近总是睡不好，想找人聊聊。")


@pytest.mark.parametrize(("name", "may"), [("陈社工", False), ("赵站长", True), ("冯科长", False), ("卫处长", False)])
async def test_confidential_need_shows_details_only_to_head_and_worker(city, name, may):
    need = await confidential(city)

    assert await access.may_read(need, city.staff[name]) is may


async def test_confidential_need_is_listed_by_its_category_alone(city):
    await confidential(city)

    for name in ("陈社工", "赵站长", "冯科长", "卫处长"):
        assert [item.readable for item in (await listed(city, name)).items] == [False]


async def test_reading_a_confidential_need_is_logged(city):
    need = await confidential(city)
    await steps.assign_need(city, need, NOW)

    worked = await open_need(need.id, by=city.staff["陈社工"], now=NOW)
    other = await open_need(need.id, by=city.staff["林社工"], now=NOW)

    assert (worked.shown.readable, other.shown.readable) == (True, False)
    assert await Reading.filter(what="confidential", reader_id=city.staff["陈社工"].person_id).count() == 1
    assert await Reading.filter(reader_id=city.staff["林社工"].person_id).count() == 0


async def test_search_finds_no_words_of_a_confidential_need(city):
    need = await confidential(city)
    await steps.assign_need(city, need, NOW)

    for name in ("陈社工", "赵站长", "卫处长"):
        assert await ids(city, name, text="睡不好") == []


async def test_contact_of_unreadable_need_is_not_revealed(city):
    need = await confidential(city)

    with pytest.raises(HeadRequired):
        await triage.reveal_contact(need.id, reason="好奇", by=city.staff["陈社工"], now=NOW)


async def test_search_finds_text_but_no_phone_or_slip_code(city):
    need = await city.need()

    assert await ids(city, "陈社工", text="帮忙买药") == [need.id]
    for words in ("13812345678", "1381", need.slip_code, "100%", "_"):
        assert await ids(city, "陈社工", text=words) == []


async def test_receiver_sees_referred_need(city):
    need = await city.need()
    with pytest.raises(NotFound):
        await staff_queries.get_need(need.id, by=city.staff["周社工"])
    await referrals.refer(
        need.id, to_station=city.stations["蓝田社工站"].id, reason="搬家", by=city.staff["陈社工"], now=NOW
    )

    assert (await staff_queries.get_need(need.id, by=city.staff["周社工"])).id == need.id


async def test_similar_needs_of_household_are_shown_and_merged(city):
    first = await city.need()
    second = await city.need(text="老人一个人住，腿脚不便，想请人帮忙买药。")
    await city.need(text="小区路灯坏了，晚上看不见。", category="community_governance")

    [likely] = await duplicates.find(second, by=city.staff["陈社工"])
    assert (likely.need.id, likely.same_household) == (first.id, True)
    merged = await duplicates.merge(second.id, into=first.id, by=city.staff["陈社工"], now=NOW)

    assert (merged.status, merged.merged_into_id) == (NeedStatus.MERGED, first.id)
    assert await Need.filter(id=second.id).count() == 1


async def test_needs_of_two_members_of_a_household_are_merged(city):
    granddaughter = await factories.person("王小妹", NOW, city.areas["团结村"])
    await household(city.grandma.id, granddaughter.id, now=NOW)
    first, second = await city.need(), await city.need(by=granddaughter.id, contact_phone="13900001111")

    [likely] = await duplicates.find(second, by=city.staff["陈社工"])
    assert (likely.need.id, likely.same_household) == (first.id, True)
    merged = await duplicates.merge(second.id, into=first.id, by=city.staff["陈社工"], now=NOW)
    assert merged.merged_into_id == first.id


async def test_merging_with_a_stranger_who_typed_the_same_phone_is_refused(city):
    stranger = await factories.person("路人", NOW, city.areas["团结村"])
    hers = await city.need()
    typed = await city.need(by=stranger.id, contact_phone=hers.contact_phone)

    assert [one.same_household for one in await duplicates.find(typed, by=city.staff["陈社工"])] == [False]
    with pytest.raises(NotMergeable):
        await duplicates.merge(typed.id, into=hers.id, by=city.staff["陈社工"], now=NOW)


async def test_merging_different_households_is_refused(city):
    neighbour = await factories.person("李婆婆", NOW, city.areas["团结村"])
    own, neighbours = await city.need(), await city.need(by=neighbour.id, contact_phone="13900001111")

    for into in (neighbours.id, own.id):
        with pytest.raises(NotMergeable):
            await duplicates.merge(own.id, into=into, by=city.staff["陈社工"], now=NOW)


async def test_unreadable_need_is_not_shown_as_duplicate(city):
    await city.need(category="counselling")
    open_one = await city.need()

    for name in ("陈社工", "赵站长"):
        assert await duplicates.find(open_one, by=city.staff[name]) == []


async def check_notified_staff_can_read(need):
    notices = await Notice.all().values_list("person_id", "template")
    staff_notices = [(person_id, template) for person_id, template in notices if person_id != need.person_id]
    assert staff_notices
    for person_id, template in staff_notices:
        assert (await staff_queries.get_need(need.id, by=await staff.of_person(person_id))).id == need.id, template


async def test_notified_workers_can_open_and_acknowledge_crisis(city):
    need = await city.need(urgency=Urgency.EMERGENCY)

    await check_notified_staff_can_read(need)
    await hear(need, city.staff["孙站长"], NOW)

    assert await ids(city, "孙站长", scope=NeedScope.OVERSEEN) == [need.id]
    with pytest.raises(NotAllowed):
        await triage.accept(need.id, by=city.staff["孙站长"], now=NOW)


async def test_notified_workers_can_open_overdue_need(city):
    need = await city.need()
    await schedule.do_due_actions(need.id, now=need.completion_due_at + timedelta(minutes=1))

    await check_notified_staff_can_read(need)


async def test_deciding_worker_can_open_appealed_need(city):
    need = await steps.decline_need(city, await city.need(), NOW)
    await appeals.submit(need.id, reason="我符合条件", by=city.grandma.id, now=NOW)

    assert (await staff_queries.get_need(need.id, by=city.staff["孙站长"])).id == need.id


async def test_referred_scope_lists_needs_for_receiver(city):
    need = await city.need()
    await referrals.refer(
        need.id, to_station=city.stations["蓝田社工站"].id, reason="搬家", by=city.staff["陈社工"], now=NOW
    )
    assert await ids(city, "周社工", scope=NeedScope.REFERRED) == [need.id]

    await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)

    assert await ids(city, "周社工", scope=NeedScope.REFERRED) == []
    assert (await timeline.list_entries(need, for_staff=False))[-1].station.name == "蓝田社工站"


async def test_new_need_notifies_station_or_stand_ins(city):
    await city.need()
    await city.need(area_id=city.areas["和平社区"].id)

    notified = await Notice.filter(template="need_submitted").values_list("person_id", flat=True)

    # The head stands in for the room below, as the officer does.
    names = ("陈社工", "林社工", "赵站长", "赵站长", "冯科长")
    assert sorted(notified) == sorted(city.staff[name].person_id for name in names)


async def test_overseer_cannot_read_confidential_need(city):
    need = await city.need(category="counselling", text="不想活了")

    assert (
        await access.may_read(await staff_queries.get_need(need.id, by=city.staff["孙站长"]), city.staff["孙站长"])
        is False
    )


async def test_search_longer_than_a_slip_code_finds_text(city):
    need = await city.need(text="我的腿脚不便，想请人帮忙买高血压的药，还有感冒药。")

    assert await ids(city, "陈社工", text="想请人帮忙买高血压的药，还有感冒药") == [need.id]


async def test_worker_who_cannot_read_can_neither_decline_nor_add_note(city):
    need = await confidential(city)
    words = {"reason": "x", "alternative_help": "y"}

    with pytest.raises(HeadRequired):
        await triage.decline(need.id, **words, by=city.staff["陈社工"], now=NOW)
    with pytest.raises(HeadRequired):
        await triage.add_note(need.id, NoteContent(message="您好"), by=city.staff["陈社工"], now=NOW)


async def test_duplicate_of_same_person_is_found_in_busy_community(city):
    first = await city.need()
    neighbour = await factories.person("李婆婆", NOW, city.areas["团结村"])
    for _ in range(duplicates.MAX_COMPARED + 1):
        city.now += timedelta(seconds=1)
        await city.need(
            text="小区路灯坏了", category="community_governance", contact_phone="13900000000", by=neighbour.id
        )
    again = await city.need()

    found = await duplicates.find(again, by=city.staff["陈社工"])

    assert first.id in {one.need.id for one in found}
