"""The life of an activity through HTTP: announced, booked, waited for, offered, attended, rated, counted."""

from dataclasses import dataclass
from typing import Any

import pytest

from server.domain import invariants
from server.models import Person
from tests.domain.ledger.moving import adds_up
from tests.factories import City, volunteers
from tests.handlers.tasks.doing import ok, refused
from tests.people import Phone

STATION = "邻玉社工站"
TOLD = {
    "category": "culture", "title": "重阳节免费体检", "text": "请空腹前来。", "place": "社工站一楼大厅",
    "starts_at": "2026-03-14T09:00:00+08:00", "ends_at": "2026-03-14T11:00:00+08:00",
    "booking_opens_at": "2026-03-11T09:00:00+08:00", "booking_closes_at": "2026-03-13T18:00:00+08:00",
    "cancellation_until": "2026-03-13T18:00:00+08:00", "seats": 3, "max_party_size": 2,
    "posts": [{"title": "签到", "text": "扫码签到", "places": 1}],
}  # fmt: skip


@dataclass
class Cast:
    """The phones of all people."""

    grandma: Phone
    zhang: Phone
    liu: Phone
    zhou: Phone
    li: Phone  # a volunteer
    chen: Phone  # a social worker
    zhao: Phone  # the station's head


@pytest.fixture
async def cast(phone_of, phone_of_staff, town: City, clock) -> Cast:
    """Four residents of the village, a volunteer, and the staff who work for them."""
    residents = {"wangnainai": "王秀英", "zhangyi": "张桂芳", "liushu": "刘建国", "zhoujie": "周敏", "xiaoli": "李志强"}
    phones = [await phone_of(nickname) for nickname in residents]
    for phone, name in zip(phones, residents.values(), strict=True):
        await ok(await phone.change("/me", {"name": name, "birth_year": 1960}))
        await ok(await phone.put("/me/home", {"area_id": town.areas["团结村"].id}))
    li = await Person.get(id=phones[4].person_id)
    await volunteers.approved(li, town.stations[STATION], clock.now())
    return Cast(*phones, await phone_of_staff("陈社工", STATION), await phone_of_staff("赵站长", STATION, head=True))


async def test_activity_goes_from_draft_to_rating(cast: Cast, town: City, clock, client):
    activity = await _chen_announces_it(cast, town, clock, client)
    grandmas = await _it_fills_and_two_wait(cast, activity, clock)
    await _one_seat_is_given_up_and_the_second_in_line_wants_it(cast, activity, grandmas)
    await _the_volunteer_takes_the_door(cast, activity)
    await _they_come_by_code_and_without_a_network(cast, activity, clock)
    await _one_did_not_come(cast, activity, clock)
    await _who_came_rates_it(cast, activity, client)
    await _the_volunteers_hours_are_in_the_time_bank(cast, activity)
    await adds_up()
    assert (await invariants.check()).holds


async def _chen_announces_it(cast: Cast, town: City, clock, client) -> int:
    """Publish a draft: only then residents see it, and booking opens at its time."""
    where = {"station_id": town.stations[STATION].id, "area_id": town.areas["邻玉街道"].id}
    draft = await ok(await cast.chen.post("/station/activities", {**TOLD, **where}), 201)
    assert (draft["phase_words"], draft["posts"][0]["title"]) == ("草稿", "签到")
    assert refused(await cast.grandma.get(f"/activities/{draft['id']}")) == (404, "not_found")

    await ok(await cast.chen.post(f"/station/activities/{draft['id']}/publication"))
    [found] = (await ok(await client.get("/api/v1/activities", params={"area": town.areas["江阳区"].id})))["items"]
    assert (found["title"], found["phase_words"], found["seats_free"]) == ("重阳节免费体检", "即将开放报名", 3)
    early = await cast.grandma.post(f"/activities/{found['id']}/bookings", {})
    assert refused(early) == (409, "too_early")
    return int(found["id"])


async def _it_fills_and_two_wait(cast: Cast, activity: int, clock) -> dict[str, Any]:
    """A grandmother with her grandson and 张阿姨 book the three seats; two others wait, in order of booking."""
    clock.forward(days=1)
    path = f"/activities/{activity}/bookings"
    party = {"attendees": [{"me": True}, {"name": "王小宝", "birth_year": 2018}]}
    booked = await ok(await cast.grandma.post(path, party), 201)
    assert (booked["status_words"], booked["seats"]) == ("报名成功", 2)
    assert refused(await cast.grandma.post(path, {})) == (409, "already_booked")
    assert (await ok(await cast.zhang.post(path, {}), 201))["status_words"] == "报名成功"
    assert [(await ok(await one.post(path, {}), 201))["bookings_ahead"] for one in (cast.liu, cast.zhou)] == [0, 1]
    page = await ok(await cast.zhou.get(f"/activities/{activity}"))
    assert (page["seats_free"], page["waiting_bookings"]) == (0, 2)
    return booked


async def _one_seat_is_given_up_and_the_second_in_line_wants_it(cast: Cast, activity: int, grandmas: Any) -> None:
    """The grandson is ill: his seat is held for the offer, 刘叔 refuses it, and the next accepts."""
    [_, boy] = grandmas["attendees"]
    cancellation = {"attendee_ids": [boy["id"]]}
    left = await ok(await cast.grandma.post(f"/bookings/{grandmas['id']}/cancellation", cancellation))
    assert [one["name"] for one in left["attendees"]] == ["王秀英"]

    [offer] = (await ok(await cast.liu.get("/seat-offers")))["items"]
    assert (await ok(await cast.zhou.get("/seat-offers")))["items"] == []
    assert refused(await cast.zhou.post(f"/seat-offers/{offer['id']}/acceptance")) == (404, "not_found")
    await ok(await cast.liu.post(f"/seat-offers/{offer['id']}/refusal"))
    [offer] = (await ok(await cast.zhou.get("/seat-offers")))["items"]
    await ok(await cast.zhou.post(f"/seat-offers/{offer['id']}/acceptance"))
    assert refused(await cast.zhou.post(f"/seat-offers/{offer['id']}/acceptance")) == (409, "invalid_state")
    assert (await ok(await cast.liu.get("/bookings")))["items"][0]["status_words"] == "已放弃候补名额"


async def _the_volunteer_takes_the_door(cast: Cast, activity: int) -> None:
    [post] = (await ok(await cast.li.get(f"/activities/{activity}")))["posts"]
    path = f"/activities/{activity}/bookings"
    assert refused(await cast.liu.post(path, {"post_id": post["id"]})) == (403, "role_required")
    assert (await ok(await cast.li.post(path, {"post_id": post["id"]}), 201))["post"]["title"] == "签到"


async def _they_come_by_code_and_without_a_network(cast: Cast, activity: int, clock) -> None:
    """王奶奶 scans the screen; the volunteer's phone has no network and sends 张阿姨's scan later."""
    clock.forward(days=2, hours=22, minutes=30)
    code = (await ok(await cast.chen.get(f"/station/activities/{activity}/check-in-code")))["code"]
    check_ins = f"/activities/{activity}/check-ins"
    await ok(await cast.grandma.post(check_ins, {"code": code}))
    await ok(await cast.grandma.post(check_ins, {"code": code}))  # a repeated check-in is one
    await ok(await cast.li.post(check_ins, {"code": code}))
    assert refused(await cast.liu.post(check_ins, {"code": code})) == (409, "invalid_state")
    roster = await ok(await cast.li.get(f"/station/activities/{activity}/roster"))
    assert "张桂芳" not in str(roster)
    clock.forward(minutes=5)
    assert refused(await cast.zhang.post(check_ins, {"code": code})) == (409, "invalid_check_in_code")

    [mine] = (await ok(await cast.zhang.get("/bookings")))["items"]
    [ticket] = [one["ticket"] for one in (await ok(await cast.zhang.get(f"/bookings/{mine['id']}")))["attendees"]]
    scan = {"client_id": "phone-1", "ticket": ticket, "scanned_at": clock.now().isoformat()}
    proof = {"issued_at": roster["issued_at"], "signature": roster["signature"]}
    clock.forward(minutes=40)
    for _ in range(2):
        merged = await cast.li.post(f"/station/activities/{activity}/scans", {"roster": proof, "scans": [scan]})
        assert [one["outcome"] for one in (await ok(merged))["results"]] == ["checked_in"]


async def _one_did_not_come(cast: Cast, activity: int, clock) -> None:
    """周姐 neither came nor cancelled, for the first time: that does not count."""
    clock.forward(hours=2, minutes=45)
    code = (await ok(await cast.chen.get(f"/station/activities/{activity}/check-in-code")))["code"]
    await ok(await cast.li.post(f"/activities/{activity}/check-outs", {"code": code}))
    finished = await ok(await cast.chen.post(f"/station/activities/{activity}/finish"))
    assert finished["phase_words"] == "已结束"
    [no_show] = (await ok(await cast.zhou.get("/no-shows")))["items"]
    assert no_show["exemption"] == "first_time"
    figures = await ok(await cast.chen.get(f"/station/activities/{activity}/statistics"))
    assert (figures["attended"], figures["no_shows"]) == (2, 1)


async def _who_came_rates_it(cast: Cast, activity: int, client) -> None:
    path = f"/activities/{activity}/rating"
    await ok(await cast.grandma.put(path, {"stars": 5, "tags": ["kind"], "comment": "很好"}))
    assert refused(await cast.zhou.put(path, {"stars": 1}))[0] == 403
    shown = await ok(await client.get(f"/api/v1/activities/{activity}/satisfaction"))
    assert shown is None


async def _the_volunteers_hours_are_in_the_time_bank(cast: Cast, activity: int) -> None:
    """The worker who published it does not approve it (four eyes)."""
    [record] = (await ok(await cast.zhao.get("/station/service-records")))["items"]
    approval = f"/station/service-records/{record['id']}/approval"
    assert refused(await cast.chen.post(approval)) == (403, "conflict_of_interest")
    await ok(await cast.zhao.post(approval))
    balance = await ok(await cast.li.get("/timebank/balance"))
    assert balance["minutes"] == record["minutes"] > 0
