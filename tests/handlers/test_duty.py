"""The duty roster over HTTP: a shift from its offer to the note for the next person, and what stations promise."""

from datetime import timedelta

import pytest

from server.models import Person, RoleKind
from tests.conftest import NOW
from tests.factories.stations import phone_with_role

TONIGHT, TOMORROW = NOW + timedelta(hours=10), NOW + timedelta(hours=22)
NEED = {"category": "elder_care", "text": "屋顶漏水", "contact_name": "王秀英", "contact_phone": "13812345678"}


@pytest.fixture
async def station(town):
    return town.stations["邻玉社工站"]


@pytest.fixture
async def people(phone_of, phone_of_staff, town, station):
    """Return the phones of two workers, their head and the county's officer."""
    return {
        "陈社工": await phone_of_staff("陈社工", "邻玉社工站"),
        "林社工": await phone_of_staff("林社工", "邻玉社工站"),
        "赵站长": await phone_of_staff("赵站长", "邻玉社工站", head=True),
        "冯科长": await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=town.areas["江阳区"]),
    }


def times(begins, hours=12):
    return {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=hours)).isoformat()}


async def done(answer, status=200):
    reply = await answer
    assert reply.status_code == status, reply.text
    return reply.json()


async def offer(people, station, to, begins, by="赵站长"):
    body = {"person_id": people[to].person_id, "station_id": station.id, **times(begins)}
    return await done(people[by].post("/station/duty-shifts", body), 201)


async def accepted(people, station, to, begins, phone="13700000001"):
    shift = await offer(people, station, to, begins)
    return await done(people[to].post(f"/duty-shifts/{shift['id']}/acceptance", {"phone": phone}))


async def test_shift_is_offered_accepted_swapped_and_handed_over_with_a_note(people, station, clock):
    shift = await offer(people, station, "陈社工", TONIGHT)
    assert shift["status"] == "offered"
    [mine] = (await done(people["陈社工"].get("/duty-shifts")))["items"]
    assert (mine["id"], mine["allowed_actions"]) == (shift["id"], ["acceptance", "decline"])

    await done(people["陈社工"].post(f"/duty-shifts/{shift['id']}/acceptance", {"phone": "13700000001"}))
    swap = {"person_id": people["林社工"].person_id}
    await done(people["陈社工"].post(f"/duty-shifts/{shift['id']}/swap", swap))
    [asked] = (await done(people["林社工"].get("/duty-shifts")))["items"]
    assert asked["allowed_actions"] == ["swap-acceptance", "swap-decline"]
    night = await done(people["林社工"].post(f"/duty-shifts/{shift['id']}/swap-acceptance", {"phone": "13700000002"}))
    day = await accepted(people, station, "陈社工", TOMORROW)

    clock.set(TOMORROW - timedelta(minutes=10))
    handed = await done(people["林社工"].post(f"/duty-shifts/{night['id']}/hand-over", {"note": "夜里来过两次电话"}))

    assert handed["status"] == "handed_over"
    [mine] = [one for one in (await done(people["陈社工"].get("/duty-shifts")))["items"] if one["id"] == day["id"]]
    assert mine["notes"] == ["夜里来过两次电话"]


async def test_roster_shows_gaps_and_masks_the_phones_of_others(people, station):
    await accepted(people, station, "陈社工", TONIGHT)

    roster = await done(people["冯科长"].get(f"/station/duty-roster?station={station.id}&days=2"))

    first, second = roster["days"]
    assert [shift["person"] for shift in first["shifts"]] == ["陈社工"]
    assert first["shifts"][0]["phone"] == "137****0001"
    assert [(gap["starts_at"], gap["ends_at"]) for gap in second["gaps"]] == [
        ("2026-03-11T08:00:00+08:00", "2026-03-12T00:00:00+08:00")
    ]


async def test_overlapping_shift_is_refused_with_the_time_of_the_other(people, station):
    await accepted(people, station, "陈社工", TONIGHT)

    refused = await people["赵站长"].post(
        "/station/duty-shifts",
        {"person_id": people["陈社工"].person_id, "station_id": station.id, **times(TONIGHT + timedelta(hours=6))},
    )

    assert refused.status_code == 409
    assert refused.json()["code"] == "time_conflict"


@pytest.mark.parametrize("hours", [0, -1, 25])
async def test_shift_that_ends_before_it_begins_or_lasts_too_long_is_bad_input(people, station, hours):
    body = {"person_id": people["陈社工"].person_id, "station_id": station.id, **times(TONIGHT, hours)}

    refused = await people["赵站长"].post("/station/duty-shifts", body)

    assert refused.status_code == 400
    assert refused.json()["details"]["fields"][0]["field"] == "body.ends_at"


async def test_station_and_categories_promise_minutes_only_while_somebody_is_on_duty(people, station, client, clock):
    async def emergency_promise():
        listed = (await client.get(f"/api/v1/categories?station={station.id}")).json()
        care = next(one for one in listed["items"] if one["code"] == "elder_care")
        by_urgency = {one["urgency"]: one for one in care["promises"]}
        page = (await client.get(f"/api/v1/stations/{station.id}")).json()
        assert page["duty"] == listed["duty"]
        assert by_urgency["normal"]["holds_now"] is True
        return by_urgency["emergency"], page["duty"]

    await accepted(people, station, "陈社工", TONIGHT)
    clock.set(TONIGHT - timedelta(minutes=1))
    promise, duty = await emergency_promise()
    assert promise["words"] == "有人值班时30分钟内答复，2个工作日内办结"
    assert (promise["holds_now"], duty["on_duty"]) == (False, False)
    assert duty["words"] == "现在没有人值班，今天20:00上班。"

    clock.set(TONIGHT)
    promise, duty = await emergency_promise()
    assert (promise["holds_now"], duty["on_duty"], duty["words"]) == (True, True, "现在有人值班，会尽快联系您。")


async def test_categories_without_a_station_say_when_the_minutes_are_promised(client, town):
    listed = (await client.get("/api/v1/categories")).json()

    promise = listed["items"][0]["promises"][-1]
    assert (promise["words"], promise["holds_now"]) == ("有人值班时30分钟内答复，2个工作日内办结", None)
    assert listed["duty"] is None
    assert (await client.get("/api/v1/categories?station=999999")).status_code == 404


async def test_reply_to_an_emergency_at_night_says_who_is_there_when_and_whom_to_call(town, phone_of, clock):
    clock.set(TONIGHT)
    grandma = await phone_of("wangnainai")
    await grandma.put("/me/home", {"area_id": town.areas["团结村"].id})

    need = await done(grandma.post("/needs", NEED | {"urgency": "emergency"}), 201)

    assert need["emergency"]["message"].startswith("现在没有人值班，明天9:00上班。")
    assert need["response_due_at"] == "2026-03-11T09:30:00+08:00"
    later = await done(grandma.get(f"/needs/{need['id']}"))
    assert later["emergency"] == need["emergency"]
    assert any("明天9:00上班" in entry["message"] for entry in later["timeline"])


async def test_worker_who_is_shut_out_is_not_on_the_roster(people, station):
    await Person.filter(id=people["林社工"].person_id).update(disabled_at=NOW)

    body = {"person_id": people["林社工"].person_id, "station_id": station.id, **times(TONIGHT)}

    assert (await people["赵站长"].post("/station/duty-shifts", body)).status_code == 403
