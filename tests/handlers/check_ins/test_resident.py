"""Check-in and check-out on an own phone through HTTP; each refusal has its own code."""

import asyncio

import pytest

from server.models import BookingStatus, Person, ServiceRecord
from tests import factories
from tests.conftest import NOW
from tests.factories import activities, check_ins, volunteers
from tests.factories.check_ins import ENDS, STARTS, code, minutes, seat


@pytest.fixture
async def activity(town):
    return await check_ins.health_check(town)


@pytest.fixture
async def li(phone_of, town, activity):
    """Return 小李, a volunteer with a post."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李志强")
    person = await Person.get(id=phone.person_id)
    await volunteers.approved(person, town.stations[check_ins.HERE], NOW)
    phone.row = await seat(activity, person, post=await activities.post(activity))
    return phone


@pytest.fixture
async def wang(phone_of, activity):
    """Return 王大爷, who has a seat."""
    phone = await phone_of("wangdaye")
    await Person.filter(id=phone.person_id).update(name="王大爷")
    phone.row = await seat(activity, await Person.get(id=phone.person_id))
    return phone


async def check_in(phone, activity, **body):
    return await phone.post(f"/activities/{activity.id}/check-ins", body)


async def check_out(phone, activity, **body):
    return await phone.post(f"/activities/{activity.id}/check-outs", body)


async def test_phone_that_scans_the_stations_code_is_checked_in(wang, activity, phone_of_staff, clock):
    clock.set(STARTS)
    worker = await phone_of_staff("吴社工", check_ins.HERE)
    shown = (await worker.get(f"/station/activities/{activity.id}/check-in-code")).json()

    answer = await check_in(wang, activity, code=shown["code"])

    assert (shown["step_seconds"], shown["server_time"]) == (30, "2026-03-13T10:00:00+08:00")
    assert shown["changes_at"] == "2026-03-13T10:00:30+08:00"
    assert answer.json() == {
        "people": [
            {
                "attendee_id": wang.row.id,
                "name": "王**",
                "post": None,
                "checked_in_at": "2026-03-13T10:00:00+08:00",
                "checked_out_at": None,
            }
        ]
    }


async def test_code_image_changes_every_half_minute(activity, phone_of_staff, clock):
    clock.set(STARTS)
    worker = await phone_of_staff("吴社工", check_ins.HERE)
    path = f"/station/activities/{activity.id}/check-in-code.png"
    first, again = await worker.get(path), await worker.get(path)
    clock.forward(seconds=30)
    after = await worker.get(path)

    assert (first.headers["content-type"], first.headers["cache-control"]) == ("image/png", "no-store")
    assert first.content == again.content != after.content
    assert first.content.startswith(b"\x89PNG")


async def test_repeated_check_in_gets_the_same_answer(wang, activity, clock):
    clock.set(STARTS)
    first = await check_in(wang, activity, code=code(activity))
    clock.forward(minutes=3)

    again = await check_in(wang, activity, code=code(activity, clock.now()))

    assert (first.status_code, first.json()) == (again.status_code, again.json())


async def test_each_refusal_has_its_code(wang, phone_of, activity, town, clock):
    other, stranger = await check_ins.health_check(town), await phone_of("luren")
    good = code(activity)
    asked = [
        (wang, activity, {"code": "签到"}, 409, "invalid_check_in_code"),
        (wang, activity, {"code": code(other)}, 409, "invalid_check_in_code"),
        (wang, activity, {"code": code(activity, STARTS - minutes(2))}, 409, "invalid_check_in_code"),
        (wang, activity, {"code": good, "attendee_ids": [7]}, 404, "not_found"),
        (wang, activity, {"code": good, "attendee_ids": []}, 400, "bad_input"),
        (wang, activity, {}, 400, "bad_input"),
        (stranger, activity, {"code": good}, 409, "not_booked"),
    ]
    clock.set(STARTS)

    for phone, where, body, status, said in asked:
        answer = await check_in(phone, where, **body)
        assert (answer.status_code, answer.json()["code"]) == (status, said)


@pytest.mark.parametrize("status", [BookingStatus.WAITING, BookingStatus.CANCELLED])
async def test_person_without_a_seat_is_refused(wang, activity, status, clock):
    await check_ins.set_status(wang.row, status)
    clock.set(STARTS)

    answer = await check_in(wang, activity, code=code(activity))

    assert (answer.status_code, answer.json()["code"], answer.json()["details"]) == (
        409,
        "invalid_state",
        {"status": status, "attendee": wang.row.id},
    )


async def test_too_early_and_too_late_are_different_refusals(wang, activity, clock):
    for at, said in ((STARTS - minutes(61), "too_early"), (ENDS + minutes(1), "invalid_state")):
        clock.set(at)
        answer = await check_in(wang, activity, code=code(activity, at))
        assert (answer.status_code, answer.json()["code"]) == (409, said)


async def test_volunteer_checks_in_and_out_and_the_record_waits_for_approval(li, activity, clock):
    clock.set(STARTS)
    await check_in(li, activity, code=code(activity))
    replayed = await check_out(li, activity, code=code(activity))
    clock.set(ENDS)

    answer = (await check_out(li, activity, code=code(activity, ENDS))).json()["people"][0]

    assert replayed.json()["code"] == "invalid_check_in_code"
    assert (answer["post"], answer["minutes"], answer["checked_out_at"]) == ("签到", 120, "2026-03-13T12:00:00+08:00")
    record = (await li.get(f"/service-records/{answer['service_record_id']}")).json()
    assert (record["source"], record["activity_id"], record["text"]) == ("activity", activity.id, "免费体检（签到）")
    assert (record["status"], record["verified"], record["uncounted_minutes"]) == ("claimed", True, 0)


async def test_time_long_after_the_end_is_shown_as_not_counted(li, activity, clock):
    clock.set(STARTS)
    await check_in(li, activity, code=code(activity))
    clock.set(ENDS + minutes(100))
    await check_out(li, activity, code=code(activity, clock.now()))

    record = (await li.get("/service-records")).json()["items"][0]

    assert (record["minutes"], record["uncounted_minutes"]) == (180, 40)


async def test_residents_and_absent_volunteers_cannot_check_out(li, wang, activity, clock):
    clock.set(STARTS)

    for phone, status, said in ((wang, 403, "role_required"), (li, 409, "not_checked_in")):
        answer = await check_out(phone, activity, code=code(activity))
        assert (answer.status_code, answer.json()["code"]) == (status, said)


async def test_check_out_sent_several_times_at_once_is_one(li, activity, clock):
    clock.set(STARTS)
    await check_in(li, activity, code=code(activity))
    clock.set(ENDS)

    answers = await asyncio.gather(*(check_out(li, activity, code=code(activity, ENDS)) for _ in range(6)))

    assert {one.status_code for one in answers} == {200}
    assert len({one.text for one in answers}) == 1
    assert await ServiceRecord.all().count() == 1


async def test_many_wrong_codes_are_limited(wang, activity, clock):
    clock.set(STARTS)

    answers = [await check_in(wang, activity, code="A-A-AAAAAAAAAAAAAAAA") for _ in range(31)]

    assert [one.status_code for one in answers] == [409] * 30 + [429]


async def test_unknown_activity_is_not_found(wang, town, clock):
    draft = await activities.activity(town, status="draft")
    somewhere = await factories.person("某人", NOW)

    for number in (draft.id, somewhere.id):
        answer = await wang.post(f"/activities/{number}/check-ins", {"code": "x"})
        assert answer.json()["code"] == "not_found"
