"""Bookings of a station through HTTP."""

import pytest

from server.models import Notice, Person, Reading
from tests.factories.activities import activity
from tests.factories.bookings import CHILD, book_party, check_counts, create_residents


@pytest.fixture
async def one(town):
    return await activity(town, seats=1)


@pytest.fixture
async def chen(phone_of_staff):
    return await phone_of_staff("陈秀", "邻玉社工站")


async def test_list_shows_booked_and_waiting_people_with_masked_names(town, one, chen):
    await book_party(one, town.grandma)
    for person in await create_residents(town, 2):
        await book_party(one, person)

    found = (await chen.get(f"/station/activities/{one.id}/bookings")).json()["items"]

    assert [(each["number"], each["status"], each["waiting_position"]) for each in found] == [
        (1, "booked", None),
        (2, "waiting", 1),
        (3, "waiting", 2),
    ]
    assert (found[0]["person"], found[0]["attendees"][0]["name"]) == ("王**", "王**")
    assert "phone" not in found[0]


async def test_list_is_filtered_and_paged(town, one, chen):
    for person in await create_residents(town, 4):
        await book_party(one, person)
    path = f"/station/activities/{one.id}/bookings"

    booked = (await chen.get(f"{path}?status=booked&status=offered")).json()
    first = (await chen.get(f"{path}?sort=waiting_list&limit=2")).json()
    rest = (await chen.get(f"{path}?sort=waiting_list&limit=2&after={first['next']}")).json()

    assert [each["number"] for each in booked["items"]] == [1]
    assert [each["number"] for each in first["items"] + rest["items"]] == [2, 3, 4]
    assert rest["next"] is None


async def test_new_person_is_booked_at_the_counter_and_again_by_id(town, one, chen):
    home = town.areas["团结村"].id
    newcomer = {"name": "刘大爷", "phone": "0830-2345678", "area_id": home, "birth_year": 1948}

    made = await chen.post(f"/station/activities/{one.id}/bookings", {"newcomer": newcomer, "channel": "telephone"})
    other = await activity(town)
    again = await chen.post(
        f"/station/activities/{other.id}/bookings",
        {"person_id": made.json()["person_id"], "channel": "counter", "attendees": [{"me": True}]},
    )

    assert (made.status_code, made.json()["status"], made.json()["channel"]) == (201, "booked", "telephone")
    assert (made.json()["person"], again.json()["person_id"]) == ("刘**", made.json()["person_id"])
    assert await Person.filter(name="刘大爷").count() == 1
    await check_counts(one)


async def test_future_birth_year_of_a_new_person_is_refused(town, one, chen):
    newcomer = {"name": "刘", "phone": "0830-2345678", "area_id": town.areas["团结村"].id, "birth_year": 2027}
    along = [{"me": True}, {"name": "张", "birth_year": 2030}]

    told = {"newcomer": newcomer, "channel": "counter", "attendees": along}
    refused = await chen.post(f"/station/activities/{one.id}/bookings", told)

    wrong = [each["field"] for each in refused.json()["details"]["fields"]]
    assert (refused.status_code, wrong) == (400, ["body.attendees.1.birth_year", "body.newcomer.birth_year"])


@pytest.mark.parametrize(
    ("whom", "field"),
    [
        ({}, "person_id"),
        ({"person_id": 7, "newcomer": {"name": "刘", "phone": "13812345678", "area_id": 1}}, "newcomer"),
        ({"newcomer": {"name": "刘", "phone": "123", "area_id": 1}}, "newcomer.phone"),
    ],
)
async def test_counter_booking_needs_exactly_one_person(one, chen, whom, field):
    answer = await chen.post(f"/station/activities/{one.id}/bookings", {"channel": "counter"} | whom)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert [each["field"] for each in answer.json()["details"]["fields"]] == [f"body.{field}"]


async def test_cancellation_by_the_station_is_read_by_the_person(town, one, chen, phone_of):
    grandma = await phone_of("wangnainai")
    made = (await grandma.post(f"/activities/{one.id}/bookings")).json()

    ended = await chen.post(f"/station/bookings/{made['id']}/cancellation", {"reason": "按您电话中的要求取消"})

    seen = (await grandma.get(f"/bookings/{made['id']}")).json()
    assert (ended.json()["status"], seen["status"], seen["reason"]) == (
        "cancelled",
        "cancelled",
        "按您电话中的要求取消",
    )
    notices = (await grandma.get("/me/notifications")).json()["items"]
    assert [each["template"] for each in notices] == ["booking_cancelled_by_station"]


async def test_contact_needs_a_reason_and_each_reading_is_logged(town, one, chen):
    two = await activity(town)
    made = await book_party(two, town.grandma, None, CHILD)

    answers = [await chen.post(f"/station/bookings/{made.id}/contact", {"reason": "通知改期"}) for _ in range(2)]

    said = answers[0].json()
    assert said["person"] == {"name": "王秀英", "phone": "13812345678", "birth_year": None}
    assert {"name": "李小明", "phone": None, "birth_year": 2018} in said["attendees"]
    assert await Reading.filter(person_id=town.grandma.id, reader_id=chen.person_id, what="contact").count() == 2
    told = await Notice.filter(person_id=town.grandma.id, template="booking_contact_read")
    assert [each.body for each in told] == ["工作人员查看了您报名“免费体检”时留下的联系方式，原因：通知改期。"] * 2
    assert (told[0].subject_kind, told[0].subject_id) == ("booking", made.id)
