"""The life of an activity through HTTP: draft, publication, changes, end."""

from datetime import timedelta

import pytest

from server.models import Attendee, Notice, Person
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.activities import STARTS, row

DRAFT = {
    "category": "culture",
    "title": "免费体检",
    "text": "请空腹前来。",
    "place": "社工站一楼",
    "starts_at": "2026-03-13T10:00:00+08:00",
    "ends_at": "2026-03-13T12:00:00+08:00",
    "booking_opens_at": "2026-03-10T09:00:00+08:00",
    "booking_closes_at": "2026-03-13T09:00:00+08:00",
    "cancellation_until": "2026-03-12T10:00:00+08:00",
    "seats": 3,
}


@pytest.fixture
async def lin(phone_of_staff):
    return await phone_of_staff("林社工", "邻玉社工站")


@pytest.fixture
async def dance(town):
    return await activities.activity(town, seats=4)


async def ok(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


async def refused(answer):
    return await ok(answer, 409)


async def test_draft_is_published_moved_and_cancelled(town, lin):
    where = {"station_id": town.stations["邻玉社工站"].id, "area_id": town.areas["团结村"].id}
    drafted = await ok(await lin.post("/station/activities", DRAFT | where), 201)
    path = f"/station/activities/{drafted['id']}"
    assert drafted["phase"] == "draft"

    published = await ok(await lin.post(f"{path}/publication"))
    assert (published["phase"], published["published_by"]) == ("booking_open", "林社工")

    moved = await ok(await lin.post(f"{path}/changes", {"starts_at": "2026-03-14T10:00:00+08:00", "seats": 5}))
    assert (moved["ends_at"], moved["booking_closes_at"], moved["seats"]) == (
        "2026-03-14T12:00:00+08:00", "2026-03-14T09:00:00+08:00", 5
    )  # fmt: skip

    cancelled = await ok(await lin.post(f"{path}/cancellation", {"reason": "当天有暴雨"}))
    assert (cancelled["phase"], cancelled["end_reason"]) == ("cancelled", "当天有暴雨")


async def test_repeated_key_publishes_once_and_a_new_key_is_refused(town, lin):
    one = await activities.activity(town, status="draft", listed=0)
    path = f"/station/activities/{one.id}/publication"

    first, again = [await lin.post(path, key="the-same-tap") for _ in range(2)]
    assert await ok(first) == await ok(again)

    assert (await refused(await lin.post(path)))["code"] == "invalid_state"


async def test_change_has_only_the_changed_fields(dance, lin):
    changed = await ok(await lin.post(f"/station/activities/{dance.id}/changes", {"text": "可以带家人。"}))

    assert (changed["text"], changed["title"], changed["seats"]) == ("可以带家人。", dance.title, 4)


async def test_seats_below_booked_are_refused_with_the_minimum(town, dance, lin):
    await row(dance, town.grandma, size=3)

    error = await refused(await lin.post(f"/station/activities/{dance.id}/changes", {"seats": 2}))

    assert (error["code"], error["details"]) == ("below_minimum", {"minimum": 3})


@pytest.mark.parametrize(
    "wrong",
    [
        {"seats": -1},
        {"seats": "5"},
        {"starts_at": "2026-03-14T10:00"},
        {"title": ""},
        {"status": "draft"},
        {"seats": None},
    ],
)
async def test_invalid_change_is_refused(dance, lin, wrong):
    answer = await lin.post(f"/station/activities/{dance.id}/changes", wrong)

    assert (await ok(answer, 400))["code"] == "bad_input"


async def test_cancellation_needs_a_reason(dance, lin):
    for wrong in ({}, {"reason": " "}, {"reason": "长" * 201}):
        assert (await lin.post(f"/station/activities/{dance.id}/cancellation", wrong)).status_code == 400


async def test_resident_reads_the_cancellation_in_the_inbox(town, dance, lin, phone_of):
    wang = await phone_of("wangnainai")
    await row(dance, await Person.get(id=wang.person_id))

    await ok(await lin.post(f"/station/activities/{dance.id}/cancellation", {"reason": "当天有暴雨"}))

    [notice] = (await ok(await wang.get("/me/notifications")))["items"]
    assert (notice["title"], notice["reference"]) == ("活动已取消", {"kind": "activity", "id": dance.id})
    assert "当天有暴雨" in notice["body"]


async def test_finish_waits_for_the_start_and_for_people_who_may_come(town, dance, lin, clock):
    path = f"/station/activities/{dance.id}/finish"
    await row(dance, town.grandma)
    early = await refused(await lin.post(path))
    assert (early["code"], early["details"]) == ("too_early", {"possible_from": "2026-03-13T10:00:00+08:00"})

    clock.set(STARTS + timedelta(hours=1))
    undecided = await refused(await lin.post(path))
    assert (undecided["code"], undecided["details"]["missing"]) == ("too_early", 1)

    await Attendee.all().update(checked_in_at=STARTS)
    assert (await ok(await lin.post(path)))["phase"] == "finished"
    assert not await Notice.exists(person_id=town.grandma.id, created_at__gt=NOW)
