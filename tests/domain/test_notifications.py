"""Notices: written with the change, one a person, read in the inbox."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import notifications
from server.domain.notifications import NoticeTemplate
from server.errors import NotFound
from server.models import Notice, Role
from tests import factories
from tests.conftest import NOW


@pytest.fixture
def template():
    made = NoticeTemplate("test_subject", title="{title}", body="内容。", opens="need")
    yield made
    del notifications._templates["test_subject"]


@pytest.fixture
async def people(database):
    return [await factories.person(name, NOW) for name in ("王奶奶", "小李")]


@pytest.fixture
def notify(template):
    @db.transaction
    async def notify(people, title="标题", now=NOW):
        await notifications.notify(people, template, subject_id=7, now=now, title=title)

    return notify


async def inbox(person, **how):
    return await notifications.inbox(person.id, **{"before": None, "limit": 50, "unread_only": False, **how})


async def titles(person, **how):
    return [notice.title for notice in (await inbox(person, **how)).notices]


async def test_each_person_gets_one_notice_even_if_named_twice(people, notify):
    grandma, li = people

    await notify([grandma.id, li.id, grandma.id])

    assert await titles(grandma) == await titles(li) == ["标题"]


async def test_empty_list_of_recipients_writes_no_notice(database, notify):
    await notify([])

    assert await Notice.all().count() == 0


async def test_notice_is_rolled_back_with_its_change(people, notify):
    @db.transaction
    async def fails():
        await notify([people[0].id])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()

    assert await Notice.all().count() == 0


async def test_a_notice_is_written_inside_a_transaction_only(people, template):
    with pytest.raises(AssertionError):
        await notifications.notify([people[0].id], template, subject_id=7, now=NOW, title="标题")


async def test_the_inbox_is_newest_first_and_its_pages_join_at_equal_times(people, notify):
    grandma = people[0]
    for number in range(7):
        await notify([grandma.id], str(number), NOW + timedelta(minutes=number // 3))

    found, before = [], None
    while page := (await inbox(grandma, before=before, limit=2)).notices:
        found += [notice.title for notice in page]
        before = (page[-1].created_at, page[-1].id)

    assert sorted(found) == [str(number) for number in range(7)]
    assert [int(title) // 3 for title in found] == [2, 1, 1, 1, 0, 0, 0]


async def test_read_notice_keeps_its_first_reading_time(people, notify):
    grandma = people[0]
    await notify([grandma.id], "一")
    await notify([grandma.id], "二")
    first = await Notice.get(title="一")

    await notifications.mark_read(first.id, of=grandma.id, now=NOW + timedelta(hours=1))
    again = await notifications.mark_read(first.id, of=grandma.id, now=NOW + timedelta(hours=2))

    assert again.read_at == NOW + timedelta(hours=1)
    assert (await inbox(grandma)).unread == 1
    assert await titles(grandma, unread_only=True) == ["二"]


async def test_notice_of_another_person_is_not_found(people, notify):
    grandma, li = people
    await notify([grandma.id])

    with pytest.raises(NotFound):
        await notifications.mark_read((await Notice.get()).id, of=li.id, now=NOW)

    assert (await inbox(grandma)).unread == 1


async def test_notice_keeps_its_template_text_and_subject(people, template):
    await db.transaction(notifications.notify)([people[0].id], template, subject_id=7, now=NOW, title="标题")

    [notice] = (await inbox(people[0], unread_only=True)).notices
    assert (notice.template, notice.title, notice.body) == ("test_subject", "标题", "内容。")
    assert (notice.subject_kind, notice.subject_id) == ("need", 7)


async def test_notice_without_its_subject_is_refused(people, template):
    with pytest.raises(ValueError, match="opens need"):
        await db.transaction(notifications.notify)([people[0].id], template, now=NOW, title="标题")


async def test_station_is_notified_except_some_and_officers_where_nobody_works(city, template):
    notify = db.transaction(notifications.notify_station)
    station, worker = city.stations["邻玉社工站"], city.staff["陈社工"].person_id

    await notify(station.id, template, subject_id=7, but={worker}, now=NOW, title="标题")
    recipients = set(await Notice.all().values_list("person_id", flat=True))
    assert recipients == {city.staff[name].person_id for name in ("林社工", "赵站长")}

    await Role.filter(station_id=station.id).update(current=None)
    await notify(station.id, template, subject_id=7, now=NOW, title="标题")
    officer = await Notice.get(person_id=city.staff["冯科长"].person_id)
    assert officer.body == "邻玉社工站目前没有工作人员，请您代为办理。内容。"
