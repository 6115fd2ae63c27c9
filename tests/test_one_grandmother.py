"""The story of one grandmother over HTTP: entered twice, joined to her phone, merged with her granddaughter, solved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from server.domain import invariants
from server.domain.ledger import audit
from server.jobs.context import JobContext, job_context
from server.models import Person
from server.settings import Settings
from tests.conftest import FakeClock
from tests.factories import City
from tests.handlers.tasks.doing import ok
from tests.handlers.test_photos import GOOD, upload
from tests.jobs.working import work_off
from tests.people import Phone
from tests.sides import sign_in

STATION, ABOVE, HOME = "邻玉社工站", "江阳总站", "团结村"
SAID = {"contact_name": "刘桂英", "contact_phone": "13987654321", "category": "elder_care"}


@dataclass
class Cast:
    """The phones of the people in the story. 刘婆婆 gets hers only in the middle of it."""

    waipo: Phone
    xiaofang: Phone
    chen: Phone
    lin: Phone
    zhao: Phone
    sun: Phone  # head of the station above
    wei: Phone  # officer of the city


@pytest.fixture
async def cast(client, phone_of, town: City, clock: FakeClock) -> Cast:
    async def staff_phone(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, clock.now()), person_id)

    workers = [await staff_phone(name) for name in ("陈社工", "林社工", "赵站长", "孙站长", "卫处长")]
    waipo, xiaofang = await phone_of("waipo"), await phone_of("xiaofang")
    for phone, name in ((waipo, "刘桂英"), (xiaofang, "刘小芳")):
        home = {"home_id": town.areas[HOME].id, "name": name}
        await Person.filter(id=phone.person_id).update(**home)
    return Cast(waipo, xiaofang, *workers)


@pytest.fixture
async def context(settings: Settings, clock: FakeClock) -> AsyncIterator[JobContext]:
    made = job_context(settings, clock)
    yield made
    await made.close()


async def test_grandmother_entered_twice_is_one_person_whose_need_goes_on_until_it_is_solved(
    cast: Cast, town: City, clock: FakeClock, context: JobContext
):
    await _every_assisted_need_is_called_back_by_the_station_above(cast)
    first, second = await _entered(cast.chen, town), await _entered(cast.lin, town, text="想问助餐")
    assert first["person_id"] != second["person_id"]
    deed = await _a_deed_earns_points_at_the_counter(cast, town, first["person_id"])

    await _her_phone_is_joined_to_both(cast, first["person_id"], second["person_id"])
    await _she_has_one_history_and_one_limit(cast, deed)

    need = first["id"]
    await _her_granddaughters_need_is_merged_into_hers(cast, town, need)
    await _she_answers_a_question_with_a_photo(cast, need)
    await _it_is_solved_partly_and_called_back_from_above(cast, need, context)
    await _nothing_is_broken()


async def _every_assisted_need_is_called_back_by_the_station_above(cast: Cast) -> None:
    for name in ("call_back_assisted_percent", "call_back_parent_percent"):
        await ok(await cast.wei.put(f"/policies/{name}", {"value": 100, "source": "试点方案"}))


async def _entered(worker: Phone, town: City, *, text: str = "想请人陪我去医院", **more: str) -> dict:
    body = SAID | {"text": text, "area_id": town.areas[HOME].id, "channel": "counter"} | more
    return await ok(await worker.post("/station/needs", body), 201)


async def _a_deed_earns_points_at_the_counter(cast: Cast, town: City, person_id: int) -> dict:
    rule = {"kind": "deed", "title": "参加院坝会", "points": 5, "daily_cap": 10, "monthly_cap": 60}
    rule |= {"station_id": town.stations[STATION].id}
    made = await ok(await cast.zhao.post("/station/earning-rules", rule), 201)
    deed = {"station_id": rule["station_id"], "rule_id": made["id"], "text": "打扫楼道", "day": "2026-03-10"}
    claimed = await ok(await cast.chen.post("/station/deeds", deed | {"person_id": person_id}), 201)
    await ok(await cast.lin.post(f"/station/deeds/{claimed['id']}/approval"))
    return deed


async def _her_phone_is_joined_to_both(cast: Cast, with_points: int, without: int) -> None:
    async def join(person_id: int) -> dict:
        code = (await ok(await cast.waipo.post("/me/code"), 201))["code"]
        return await ok(await cast.chen.post(f"/people/{person_id}/joinings", {"code": code.lower()}), 201)

    asked = await join(with_points)
    assert asked["status"] == "asked"
    await ok(await cast.zhao.post(f"/station/joinings/{asked['id']}/confirmation"))
    assert (await join(without))["status"] == "joined"
    shown = (await ok(await cast.waipo.get("/me/joinings")))["items"]
    assert [one["status_words"] for one in shown] == ["已合并", "已合并"]


async def _she_has_one_history_and_one_limit(cast: Cast, deed: dict) -> None:
    mine = (await ok(await cast.waipo.get("/needs")))["items"]
    assert {one["text"] for one in mine} == {"想请人陪我去医院", "想问助餐"}
    assert (await ok(await cast.waipo.get("/points/balance")))["points"] == 5
    [line] = (await ok(await cast.waipo.get("/points/statement")))["items"]
    assert (line["kind_words"], line["amount"]) == ("档案合并", 5)
    # Ten points a day, of which she has five from the counter.
    await ok(await cast.waipo.post("/points/deeds", deed), 201)
    beyond = await cast.waipo.post("/points/deeds", deed)
    assert (beyond.status_code, beyond.json()["code"]) == (409, "limit_reached"), beyond.text


async def _her_granddaughters_need_is_merged_into_hers(cast: Cast, town: City, need: int) -> None:
    await ok(await cast.waipo.post("/household"), 201)
    code = (await ok(await cast.waipo.post("/household/invitations"), 201))["code"]
    await ok(await cast.xiaofang.post("/household/memberships", {"code": code}), 201)
    filed = await ok(await cast.xiaofang.post("/needs", SAID | {"text": "外婆要去医院，我在外地"}), 201)

    await ok(await cast.chen.post(f"/station/needs/{filed['id']}/merge", {"target_need_id": need}))

    for phone, notice in ((cast.waipo, "need_joined"), (cast.xiaofang, "need_merged")):
        followed = await ok(await phone.get(f"/needs/{need}"))
        assert [one["text"] for one in followed["joined_needs"]] == ["外婆要去医院，我在外地"]
        told = (await ok(await phone.get("/me/notifications")))["items"]
        assert [one["reference"]["id"] for one in told if one["template"] == notice] == [need]


async def _she_answers_a_question_with_a_photo(cast: Cast, need: int) -> None:
    path = f"/station/needs/{need}"
    await ok(await cast.chen.post(f"{path}/acceptance"))
    await ok(await cast.chen.post(f"{path}/note", {"message": "挂的是哪一科的号？"}))
    photo = (await ok(await upload(cast.waipo, GOOD), 201))["id"]
    await ok(await cast.waipo.post(f"/needs/{need}/messages", {"text": "号在照片上", "photo_ids": [photo]}))
    await ok(await cast.xiaofang.post(f"/needs/{need}/messages", {"text": "请走慢一点，她腿不好"}))
    seen = (await ok(await cast.chen.get(path)))["timeline"][-2:]
    assert [(one["message"], [each["id"] for each in one["photos"]]) for one in seen] == [
        ("留言：号在照片上", [photo]),
        ("留言：请走慢一点，她腿不好", []),
    ]
    await ok(await cast.chen.post(f"{path}/note", {"message": "好的，星期二早上八点来接"}))
    hers = (await ok(await cast.waipo.get(f"/needs/{need}")))["timeline"][-1]
    assert hers["message"] == "好的，星期二早上八点来接"


async def _serve(cast: Cast, need: int) -> None:
    path = f"/station/needs/{need}"
    await ok(await cast.zhao.post(f"{path}/assignment", {"worker_id": cast.chen.person_id}))
    await ok(await cast.chen.post(f"{path}/start"))
    await ok(await cast.chen.post(f"{path}/resolution", {"outcome": "已陪同就医"}))


async def _it_is_solved_partly_and_called_back_from_above(cast: Cast, need: int, context: JobContext) -> None:
    await _serve(cast, need)
    partly = {"solved": "partly", "stars": 4, "tags": ["kind"], "comment": "还要复查"}
    for phone in (cast.waipo, cast.xiaofang):
        assert "rating" in (await ok(await phone.get(f"/needs/{need}")))["allowed_actions"]
        await ok(await phone.put(f"/needs/{need}/rating", partly))
    await _called_back_from_above(cast, need, context)
    last = (await ok(await cast.waipo.get(f"/needs/{need}")))["timeline"][-1]["message"]
    assert last == "已回访，您表示满意。"


async def _called_back_from_above(cast: Cast, need: int, context: JobContext) -> None:
    await work_off(context)
    assert (await ok(await cast.zhao.get("/station/call-backs")))["items"] == []
    [row] = (await ok(await cast.sun.get("/station/call-backs")))["items"]
    assert (row["need_id"], row["station"]["name"], row["name"]) == (need, ABOVE, "刘**")
    contact = await ok(await cast.sun.post(f"/station/call-backs/{row['id']}/contact"))
    assert contact["phone"] == "13987654321"
    await ok(await cast.sun.post(f"/station/call-backs/{row['id']}/result", {"reached": True, "satisfied": True}))


async def test_the_same_by_telephone_and_slip_alone(cast: Cast, town: City, clock: FakeClock, context: JobContext):
    await _every_assisted_need_is_called_back_by_the_station_above(cast)
    entered = await _entered(cast.chen, town, channel="telephone")
    need, slip = entered["id"], entered["slip_code"]
    client = cast.chen.client

    urged = await client.post(f"/api/v1/slips/{slip.lower()}/reminders")
    assert (urged.status_code, urged.json()["status_words"]) == (201, "待受理")
    await ok(await cast.lin.post(f"/station/needs/{need}/on-word/message", {"text": "号挂在星期二"}))
    await ok(await cast.chen.post(f"/station/needs/{need}/acceptance"))
    await _serve(cast, need)
    assert (await client.get(f"/api/v1/slips/{slip}")).json()["status_words"] == "已办结"
    partly = {"solved": "partly", "stars": 4, "tags": [], "comment": ""}
    handler = await cast.chen.post(f"/station/needs/{need}/on-word/rating", partly)
    assert handler.json()["details"]["rule"] == "handler_rating"
    await ok(await cast.lin.post(f"/station/needs/{need}/on-word/rating", partly))
    await _called_back_from_above(cast, need, context)
    assert (await client.get(f"/api/v1/slips/{slip}")).json()["status_words"] == "已归档"
    await _nothing_is_broken()


async def _nothing_is_broken() -> None:
    assert (await invariants.check()).holds
    assert (await audit()).holds
