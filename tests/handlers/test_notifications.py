"""The inbox through HTTP."""

import pytest

from server.database import db
from server.domain import notifications
from server.domain.needs import submit, triage
from server.domain.needs.notifications import NEED_EXTENDED
from server.domain.needs.submit import NeedSubmission
from server.models import Channel, Notice, Urgency
from tests.conftest import NOW


@pytest.fixture
async def grandma(phone_of):
    """王奶奶's phone, with three notices."""
    phone = await phone_of("wangnainai")

    @db.transaction
    async def notify(number):
        people, day = [phone.person_id], f"第{number}天"
        await notifications.notify(people, NEED_EXTENDED, subject_id=number, now=NOW, day=day)

    for number in (1, 2, 3):
        await notify(number)
    return phone


async def test_inbox_is_paged_and_counts_unread_notices(grandma):
    first = (await grandma.get("/me/notifications", params={"limit": 2})).json()
    rest = (await grandma.get("/me/notifications", params={"limit": 2, "after": first["next"]})).json()

    found = first["items"] + rest["items"]
    assert {notice["body"][-4:] for notice in found} == {"第1天。", "第2天。", "第3天。"}
    assert (first["unread"], rest["next"]) == (3, None)
    assert found[0]["created_at"] == "2026-03-10T10:00:00+08:00"
    assert {(notice["template"], notice["reference"]["kind"], notice["reference"]["id"]) for notice in found} == {
        ("need_extended", "need", number) for number in (1, 2, 3)
    }
    assert found[0]["read_at"] is None


async def test_second_reading_of_a_notice_changes_nothing(grandma, clock):
    notice = (await grandma.get("/me/notifications")).json()["items"][0]
    path = f"/me/notifications/{notice['id']}/reading"

    first = (await grandma.put(path)).json()
    clock.forward(hours=1)
    second = (await grandma.put(path)).json()

    assert first == second == {**notice, "read_at": "2026-03-10T10:00:00+08:00"}
    unread = (await grandma.get("/me/notifications", params={"unread": "true"})).json()
    assert (len(unread["items"]), unread["unread"]) == (2, 2)


async def test_inbox_of_another_person_is_not_shown(grandma, phone_of):
    stranger = await phone_of("luren")
    notice = (await grandma.get("/me/notifications")).json()["items"][0]

    assert (await stranger.get("/me/notifications")).json() == {"items": [], "next": None, "unread": 0}
    assert (await stranger.put(f"/me/notifications/{notice['id']}/reading")).status_code == 404


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 51}, {"after": "nonsense"}, {"unread": "maybe"}])
async def test_invalid_page_is_refused(grandma, query):
    assert (await grandma.get("/me/notifications", params=query)).status_code == 400


async def test_all_notices_are_read_at_once(town, phone_of):
    li, other = await phone_of("xiaoli"), await phone_of("luren")
    for phone in (li, li, other):
        await Notice.create(
            person_id=phone.person_id, template="points_expired", title="一", body="二。", created_at=NOW
        )

    answer = await li.post("/me/notifications/reading")

    assert (answer.status_code, answer.json()) == (200, {"read": 2})
    assert (await li.get("/me/notifications")).json()["unread"] == 0
    assert (await other.get("/me/notifications")).json()["unread"] == 1


async def test_notices_say_which_need_where_and_until_when(town):
    need = await town.need(text="家里老人独居，腿脚不便，想请人帮忙买药。")
    await triage.accept(need.id, by=town.staff["陈社工"], now=NOW)

    [accepted] = await Notice.filter(person_id=town.grandma.id, template="need_accepted")
    [arrived] = await Notice.filter(person_id=town.staff["林社工"].person_id, template="need_submitted")
    assert (
        accepted.body == "“家里老人独居，腿脚不便，…”（养老服务）：您的需求已由邻玉社工站受理，最晚3月17日17:30办结。"
    )
    assert arrived.body == "养老服务：请在3月11日17:30前受理并答复居民。"


async def test_worker_who_enters_a_need_gets_no_notice_of_it(town):
    said = NeedSubmission("elder_care", "买药", Urgency.URGENT, "刘桂英", "13900001111", town.areas["团结村"].id)
    await submit.submit_by_staff(said, by=town.staff["陈社工"], for_person=None, channel=Channel.COUNTER, now=NOW)

    told = await Notice.filter(template="need_submitted").values_list("person_id", flat=True)
    assert set(told) == {town.staff[name].person_id for name in ("林社工", "赵站长")}
