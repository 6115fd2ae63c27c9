"""Booking through HTTP: the answer, repeated requests, and what is hidden."""

from datetime import timedelta

import pytest

from server.domain.activities import cancel_and_finish
from server.domain.bookings import tickets
from server.models import Attendee, Booking, Person
from tests.conftest import NOW
from tests.factories import activities, volunteers
from tests.factories.activities import STARTS, activity
from tests.factories.bookings import check_counts, family


@pytest.fixture
async def one(town):
    return await activity(town, seats=2)


@pytest.fixture
async def grandma(town, phone_of):
    phone = await phone_of("wangnainai")
    await Person.filter(id=phone.person_id).update(name="王秀英", birth_year=1950, home_id=town.areas["团结村"].id)
    return phone


async def book(phone, one, json=None, **more):
    return await phone.post(f"/activities/{one.id}/bookings", json or {}, **more)


async def test_booking_answer_is_the_same_when_read_later(one, grandma):
    child = {"name": "李小明", "birth_year": 2018}

    answer = await book(grandma, one, {"attendees": [child, {"me": True}]})

    assert answer.status_code == 201
    said = answer.json()
    assert (said["status"], said["status_words"], said["seats"], said["bookings_ahead"]) == (
        "booked",
        "报名成功",
        2,
        None,
    )
    assert (said["activity"]["title"], said["activity"]["station"]["name"]) == ("免费体检", "邻玉社工站")
    assert (said["is_mine"], said["post"], said["offer"], said["allowed_actions"]) == (
        True,
        None,
        None,
        ["cancellation"],
    )
    later = (await grandma.get(f"/bookings/{said['id']}")).json()
    assert [attendee["person_id"] for attendee in said["attendees"]] == [None, grandma.person_id]
    assert later == said


async def test_each_seat_has_its_own_ticket(one, grandma):
    child = {"name": "李小明", "birth_year": 2018}

    said = (await book(grandma, one, {"attendees": [{"me": True}, child]})).json()

    shown = {attendee["id"]: attendee["ticket"] for attendee in said["attendees"]}
    assert shown == {each.id: tickets.code(one, each.id) for each in await Attendee.filter(activity_id=one.id)}
    assert len(set(shown.values())) == 2


async def test_waiting_booking_has_its_place_and_no_ticket(one, grandma, phone_of):
    await book(await phone_of("zhang"), one, {"attendees": [{"me": True}, {"name": "张小妹", "birth_year": 2018}]})
    await book(await phone_of("li"), one)

    said = (await book(grandma, one)).json()

    assert (said["status"], said["bookings_ahead"]) == ("waiting", 1)
    assert said["attendees"][0]["ticket"] is None
    assert (await grandma.get("/bookings")).json()["items"] == [said]


async def test_repeated_request_returns_the_same_booking(one, grandma):
    first = await book(grandma, one, key="a" * 16)
    again = await book(grandma, one, key="a" * 16)
    other = await book(grandma, one, {"attendees": [{"me": True}, {"name": "张", "birth_year": 2018}]}, key="a" * 16)

    assert again.json() == first.json()
    assert other.json()["code"] == "idempotency_key_reused"
    assert await Booking.filter(activity_id=one.id).count() == 1


async def test_relative_books_for_grandma_who_sees_and_cancels_it(one, grandma, phone_of):
    son = await phone_of("wangqiang")
    await family(*await Person.filter(id__in=[grandma.person_id, son.person_id]))

    said = (await book(son, one, {"attendees": [{"person_id": grandma.person_id}]})).json()
    seen = (await grandma.get("/bookings")).json()["items"]
    cancelled = await grandma.post(f"/bookings/{said['id']}/cancellation")

    assert said["is_mine"] is False
    assert [(each["id"], each["is_mine"]) for each in seen] == [(said["id"], True)]
    assert (cancelled.json()["status"], cancelled.json()["allowed_actions"]) == ("cancelled", [])


async def test_part_of_a_party_is_cancelled(one, grandma):
    said = (await book(grandma, one, {"attendees": [{"me": True}, {"name": "张", "birth_year": 2018}]})).json()
    child = next(each["id"] for each in said["attendees"] if each["person_id"] is None)

    left = (await grandma.post(f"/bookings/{said['id']}/cancellation", {"attendee_ids": [child]})).json()

    assert (left["status"], left["seats"]) == ("booked", 1)
    assert [each["person_id"] for each in left["attendees"]] == [grandma.person_id]
    await check_counts(one)


async def test_cancelling_again_repeats_by_key_and_is_refused_otherwise(one, grandma):
    path = f"/bookings/{(await book(grandma, one)).json()['id']}/cancellation"

    first = await grandma.post(path, key="b" * 16)
    again = await grandma.post(path, key="b" * 16)
    other = await grandma.post(path)

    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (409, "invalid_state")


async def test_cancelled_activity_shows_the_reason_in_the_booking(one, grandma, town):
    said = (await book(grandma, one)).json()
    await cancel_and_finish.cancel(one.id, reason="场地停电", by=town.staff["陈社工"], now=NOW)

    seen = (await grandma.get(f"/bookings/{said['id']}")).json()

    assert (said["activity"]["phase"], said["activity"]["end_reason"]) == ("booking_open", "")
    assert (seen["status"], seen["reason"], seen["activity"]["phase_words"]) == ("cancelled", "", "已取消")
    assert seen["activity"]["end_reason"] == "场地停电"


async def test_freed_seat_is_shown_as_an_offer(grandma, town, phone_of):
    one, zhang = await activity(town, seats=1), await phone_of("zhang")
    had = (await book(zhang, one)).json()
    made = (await book(grandma, one)).json()

    await zhang.post(f"/bookings/{had['id']}/cancellation")
    seen = (await grandma.get(f"/bookings/{made['id']}")).json()

    assert (seen["status"], seen["offer"]["seats"], seen["bookings_ahead"]) == ("offered", 1, None)
    assert seen["allowed_actions"] == ["cancellation", "acceptance", "refusal"]


async def test_volunteer_takes_a_post_by_the_same_operation(one, grandma, town):
    place = await activities.post(one)
    person = await Person.get(id=grandma.person_id)

    refused = await book(grandma, one, {"post_id": place.id})
    await volunteers.approved(person, town.stations["邻玉社工站"], NOW)
    said = (await book(grandma, one, {"post_id": place.id})).json()

    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")
    assert (said["status"], said["post"]) == ("booked", {"id": place.id, "title": "签到"})
    assert said["attendees"][0]["ticket"]


@pytest.mark.parametrize(
    "body",
    [
        {"attendees": []},
        {"attendees": [{}]},
        {"attendees": [{"me": True, "person_id": 7}]},
        {"attendees": [{"name": "张"}]},
        {"attendees": [{"me": True, "birth_year": 1950}]},
        {"attendees": [{"me": True}, {"me": True}]},
        {"attendees": [{"person_id": 7}, {"person_id": 7}]},
        {"post_id": 7, "attendees": [{"person_id": 8}]},
        {"post_id": 7, "answers": {"breakfast": True}},
        {"answers": {"breakfast": 0.5}},
    ],
)
async def test_invalid_request_is_refused(one, grandma, body):
    answer = await book(grandma, one, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_booking_is_hidden_from_strangers(one, grandma, phone_of):
    stranger, path = await phone_of("luren"), f"/bookings/{(await book(grandma, one)).json()['id']}"

    answers = [await stranger.get(path), await stranger.post(f"{path}/cancellation"), await stranger.get(path + "1")]

    assert [each.status_code for each in answers] == [404] * 3
    assert (await stranger.get("/bookings")).json()["items"] == []


async def test_bookings_continue_on_the_next_page(town, grandma, clock):
    for _ in range(3):
        await book(grandma, await activity(town))
        clock.forward(seconds=1)

    first = (await grandma.get("/bookings?limit=2")).json()
    rest = (await grandma.get(f"/bookings?limit=2&after={first['next']}")).json()

    ids = [each["id"] for each in first["items"] + rest["items"]]
    assert (len(set(ids)), rest["next"]) == (3, None)


async def test_late_cancellation_says_until_when_it_was_possible(one, grandma, clock):
    path = f"/bookings/{(await book(grandma, one)).json()['id']}/cancellation"
    clock.set(STARTS + timedelta(seconds=1))

    answer = await grandma.post(path)

    assert answer.json()["code"] == "deadline_passed"
    assert answer.json()["details"] == {"until": "2026-03-13T10:00:00+08:00"}


async def test_future_birth_year_is_refused(one, grandma):
    child = {"name": "李小明", "birth_year": 2027}

    refused = await book(grandma, one, {"attendees": [{"me": True}, child]})
    born = await book(grandma, one, {"attendees": [{"me": True}, child | {"birth_year": 2026}]})

    problem = {"field": "body.attendees.1.birth_year", "problem": "出生年份不能晚于今年"}
    assert (refused.status_code, refused.json()["details"]) == (400, {"fields": [problem]})
    assert born.status_code == 201


@pytest.mark.parametrize("answer", ["长" * 201, "空\x00", 1.5, [True], None])
async def test_wrong_answer_has_one_field_and_one_sentence(one, grandma, answer):
    refused = await book(grandma, one, {"answers": {"breakfast": answer}})

    problem = "应为是或否、整数，或不超过200个字的文字"
    assert refused.json()["details"] == {"fields": [{"field": "body.answers.breakfast", "problem": problem}]}


@pytest.mark.parametrize("name", ["X y", "a" * 31, ""])
async def test_answer_without_a_question_is_named_as_it_was_sent(one, grandma, name):
    refused = await book(grandma, one, {"answers": {name: True}})

    assert refused.json()["details"] == {"fields": [{"field": f"body.answers.{name}", "problem": "没有这个问题"}]}


# Who of grandmother and child has checked in, and who cancels: both, or the one who has not come.
@pytest.mark.parametrize(
    ("came", "cancels", "shown"),
    [([], None, True), ([1], None, False), ([1], [0], False), ([0], [1], True), ([0, 1], [1], False)],
)
async def test_cancellation_after_check_in_is_shown_while_a_part_can_leave(one, grandma, came, cancels, shown):
    party = {"attendees": [{"me": True}, {"name": "李小明", "birth_year": 2018}]}
    said = (await book(grandma, one, party)).json()
    ids = [each["id"] for each in said["attendees"]]
    await Attendee.filter(id__in=[ids[number] for number in came] or [0]).update(checked_in_at=NOW)

    seen = (await grandma.get(f"/bookings/{said['id']}")).json()
    body = {} if cancels is None else {"attendee_ids": [ids[number] for number in cancels]}
    answer = await grandma.post(f"/bookings/{said['id']}/cancellation", body)

    assert ("cancellation" in seen["allowed_actions"]) is shown
    assert answer.is_success is shown, answer.text
