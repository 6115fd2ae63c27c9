"""The inbox through HTTP."""

import pytest

from server.database import db
from server.domain import notifications
from server.domain.needs.notifications import NEED_EXTENDED
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
