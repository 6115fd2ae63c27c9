"""Public notices 公示: waiting points are listed masked, and granted at the end without an objection."""

import pytest

from server.domain import ledger
from server.domain.points import deeds, earning, objections, public_notices
from server.domain.points.grants import S
from server.errors import HeadRequired, NotFound, NothingToPublish
from server.models import Earning, Entry, Job, Notice, PublicNotice, RuleKind
from tests import factories
from tests.conftest import NOW
from tests.factories import points
from tests.factories.points import has


async def publish(city, by="赵站长", station="邻玉社工站"):
    return await public_notices.publish(
        city.stations[station].id, title="三月积分公示", by=city.staff[by], now=city.now
    )


@pytest.fixture
async def rule(city):
    return await points.rule(city, public_notice=True, daily_cap=1000, monthly_cap=1000)


async def test_notice_lists_all_waiting_points_and_later_ones_wait(city, rule):
    first = await points.approved(city, rule)
    notice = await publish(city)
    second = await points.approved(city, rule)

    shown = await public_notices.list_entries(notice.id, after=0, limit=10)

    assert [line.id for line in shown] == [first.id]
    assert (await Earning.get(id=second.id)).status == S.WAITING
    assert await Notice.filter(person_id=city.grandma.id, template="points_listed").count() == 1
    assert await has(city.grandma.id) == 0


async def test_notice_ends_at_closing_time_of_the_fifth_working_day(city, rule):
    await points.approved(city, rule)

    notice = await publish(city)

    # From Tuesday over a weekend to Tuesday, half past five in Shanghai.
    assert notice.ends_at.isoformat() == "2026-03-17T09:30:00+00:00"
    job = await Job.get(kind="end_public_notice")
    assert (job.subject, job.due_at) == (str(notice.id), notice.ends_at)


async def test_notice_by_anyone_but_the_head_is_refused(city, rule):
    await points.approved(city, rule)

    for name in ("陈社工", "吴站长", "冯科长", "卫处长"):
        with pytest.raises(HeadRequired):
            await publish(city, by=name)


async def test_notice_without_waiting_points_is_refused(city, rule):
    await points.claimed(city, rule)
    with pytest.raises(NothingToPublish):
        await publish(city)
    assert await PublicNotice.all().count() == 0


async def test_notice_lists_at_most_its_limit(city, rule, monkeypatch):
    monkeypatch.setattr(public_notices, "MAX_ENTRIES", 2)
    for _ in range(3):
        await points.approved(city, rule)

    await publish(city)
    await publish(city)

    assert sorted([await Earning.filter(public_notice_id=one.id).count() for one in await PublicNotice.all()]) == [1, 2]


async def test_end_grants_entries_without_objections(city, rule):
    lines = [await points.approved(city, rule) for _ in range(3)]
    notice = await publish(city)
    await objections.submit(lines[0].id, reason="不是本人做的", by=city.staff["周社工"].person_id, now=NOW)

    assert await public_notices.end(notice.id, now=notice.ends_at) == 2

    assert await has(city.grandma.id) == 10
    assert (await Earning.get(id=lines[0].id)).status == S.FROZEN
    assert (await PublicNotice.get()).ended_at == notice.ends_at
    assert (await ledger.audit()).holds


async def test_long_notice_is_granted_in_parts_once(city, rule, monkeypatch):
    monkeypatch.setattr(public_notices, "GRANTS_PER_RUN", 2)
    for _ in range(4):
        await points.approved(city, rule)
    notice = await publish(city)

    given = [await public_notices.end(notice.id, now=notice.ends_at) for _ in range(4)]

    assert given == [2, 2, 0, 0]
    assert await has(city.grandma.id) == 20
    assert (await PublicNotice.get()).ended_at == notice.ends_at


async def test_long_notice_schedules_its_next_part(city, rule, monkeypatch):
    monkeypatch.setattr(public_notices, "GRANTS_PER_RUN", 1)
    await points.approved(city, rule)
    notice = await publish(city)
    later = notice.ends_at.replace(hour=20)

    await public_notices.end(notice.id, now=later)

    assert (await Job.get(kind="end_public_notice")).due_at == later
    assert (await PublicNotice.get()).ended_at is None


async def test_notice_does_not_end_early(city, rule):
    await points.approved(city, rule)
    notice = await publish(city)

    with pytest.raises(AssertionError, match="not over"):
        await public_notices.end(notice.id, now=NOW)
    assert await Entry.all().count() == 0


async def test_points_of_a_reversed_record_are_never_granted(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)
    record = await points.served(city, 60)
    notice = await publish(city)
    await earning.take_back_for_record(record, by=city.staff["赵站长"].person_id, now=NOW)

    assert await public_notices.end(notice.id, now=notice.ends_at) == 0

    assert await has(city.grandma.id) == 0
    assert await public_notices.list_entries(notice.id, after=0, limit=10) == []


async def test_points_granted_after_a_notice_can_be_taken_back(city):
    await points.rule(city, RuleKind.HOUR, public_notice=True)
    record = await points.served(city, 60)
    notice = await publish(city)
    await public_notices.end(notice.id, now=notice.ends_at)
    assert await has(city.grandma.id) == 5

    await earning.take_back_for_record(record, by=city.staff["赵站长"].person_id, now=NOW)

    assert await has(city.grandma.id) == 0


async def test_entries_of_several_people_are_granted_to_each(city, rule):
    neighbour = await factories.person("刘婶", NOW)
    await points.approved(city, rule)
    await points.approved(city, rule, by=neighbour.id)
    notice = await publish(city)

    await public_notices.end(notice.id, now=notice.ends_at)

    assert [await has(city.grandma.id), await has(neighbour.id)] == [5, 5]
    assert await Notice.filter(person_id=neighbour.id, template="points_granted").count() == 1


async def test_notices_are_listed_newest_first_with_entries_page_by_page(city, rule):
    made = []
    for hour in range(2):
        await points.approved(city, rule)
        await points.approved(city, rule)
        city.now = NOW.replace(hour=3 + hour)
        made.append(await publish(city))
    station = city.stations["邻玉社工站"].id

    [newest] = await public_notices.list_for_station(station, before=None, limit=1)
    [older] = await public_notices.list_for_station(station, before=(newest.published_at, newest.id), limit=5)

    assert [newest.id, older.id] == [made[1].id, made[0].id]
    [first] = await public_notices.list_entries(older.id, after=0, limit=1)
    [second] = await public_notices.list_entries(older.id, after=first.id, limit=5)
    assert first.id < second.id


async def test_unknown_notice_is_not_found(city):
    with pytest.raises(NotFound):
        await public_notices.get_notice(1)


async def test_text_of_a_deed_is_not_published(city, rule):
    made = await points.approved(city, rule, text="照顾住院的张某某")

    assert (await deeds.list_for_person(city.grandma.id, before=None, limit=1))[0].text == "照顾住院的张某某"
    assert "张某某" not in str(await Notice.all().values_list("title", "body"))
    assert made.status == S.WAITING
