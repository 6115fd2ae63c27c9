"""Pleas about two people are two needs, although one person passes them on in the same words."""

import asyncio

import pytest

from server.domain.needs import pleas
from server.models import Need, NeedEvent
from tests.conftest import NOW
from tests.people import Phone
from tests.sides import sign_in

CRY = "我不想活了"


@pytest.fixture
async def chen(client, town):
    person_id = town.staff["陈社工"].person_id
    return Phone(client, await sign_in(person_id, NOW), person_id)


async def entered(chen, town, name, phone, **more) -> dict:
    body = {"category": "elder_care", "text": "买药", "contact_name": name, "contact_phone": phone}
    body |= {"area_id": town.areas["团结村"].id, "channel": "counter"} | more
    answer = await chen.post("/station/needs", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def two(chen, town):
    """The needs of two people without a phone."""
    return [
        await entered(chen, town, name, phone) for name, phone in (("甲婆", "13900000001"), ("乙婆", "13900000002"))
    ]


async def test_same_words_on_word_of_two_people_are_two_pleas(chen, two):
    answers = [await chen.post(f"/station/needs/{one['id']}/on-word/reopening", {"reason": CRY}) for one in two]

    found = await Need.filter(urgency="emergency")
    assert {one.person_id for one in found} == {one["person_id"] for one in two}
    assert len({one.json()["emergency"]["need_id"] for one in answers}) == 2


async def test_complaints_of_two_people_with_the_same_words_are_two_pleas(chen, town, two):
    body = {"about": "station", "station_id": town.stations["邻玉社工站"].id, "channel": "counter"}
    for one in two:
        text = f"{one['id']}没有人管，我想自杀"
        answer = await chen.post("/station/complaints", body | {"text": text, "person_id": one["person_id"]})
        assert answer.status_code == 201, answer.text

    assert {one.person_id for one in await Need.filter(urgency="emergency")} == {one["person_id"] for one in two}


async def test_same_words_about_two_people_that_one_cares_for_are_two_pleas(town, phone_of, chen):
    carer = await phone_of("zhaoguzhe")
    needs = []
    for name, phone in (("赵顾哲", "13700001111"), ("赵顾哲", "13700001111")):
        body = {
            "category": "elder_care",
            "text": "买药",
            "contact_name": name,
            "contact_phone": phone,
            "relation": "家人",
        }
        made = await carer.post("/needs", body | {"area_id": town.areas["团结村"].id})
        await chen.post(f"/station/needs/{made.json()['id']}/decline", {"reason": "不归", "alternative_help": "街道"})
        needs.append(made.json()["id"])

    heard = [
        (await carer.post(f"/needs/{one}/appeal", {"reason": CRY})).json()["emergency"]["need_id"] for one in needs
    ]

    assert len(set(heard)) == 2


async def test_plea_on_word_against_the_residents_own_is_without_deadlock(town, chen, phone_of, caplog):
    grandma = await phone_of("popo")
    body = {"category": "elder_care", "text": "买药", "contact_name": "婆婆", "contact_phone": "13700003333"}
    made = (await grandma.post("/needs", body | {"area_id": town.areas["团结村"].id})).json()["id"]
    await grandma.post(f"/needs/{made}/withdrawal", {})

    answers = await asyncio.gather(
        chen.post(f"/station/needs/{made}/on-word/message", {"text": f"她说{CRY}"}),
        grandma.post(f"/needs/{made}/messages", {"text": CRY}),
        chen.post(f"/station/needs/{made}/on-word/reminder", {"message": f"她又说{CRY}"}),
    )

    assert {one.json()["emergency"] is not None for one in answers} == {True}
    assert "is repeated after" not in caplog.text


async def test_staff_join_a_plea_to_no_need_that_they_may_not_read(town, chen, client):
    zhou = Phone(client, await sign_in(town.staff["周社工"].person_id, NOW), town.staff["周社工"].person_id)
    there = {"area_id": town.areas["宪桥社区"].id}
    secret = await entered(zhou, town, "丙婆", "13901688870", category="marriage_family", urgency="emergency", **there)
    found = await chen.post("/station/people/look-ups", {"phone": "13901688870", "reason": "来访"})
    person_id = found.json()["items"][0]["person_id"]

    made = [
        (
            await chen.post(
                "/station/needs",
                {
                    "category": "marriage_family",
                    "text": f"第{number}次",
                    "urgency": "emergency",
                    "contact_name": "丙婆",
                    "contact_phone": "13999999999",
                    "area_id": town.areas["团结村"].id,
                    "channel": "counter",
                    "person_id": person_id,
                },
            )
        ).json()
        for number in range(7)
    ]

    assert secret["id"] not in {one["id"] for one in made}
    assert (await Need.get(id=secret["id"])).contact_phone == "13901688870"


async def test_words_passed_on_about_two_needs_that_the_worker_may_not_see_are_two_pleas(chen, client, town):
    zhou = Phone(client, await sign_in(town.staff["周社工"].person_id, NOW), 0)
    there = {"area_id": town.areas["宪桥社区"].id}
    needs = [
        await entered(zhou, town, name, phone, **there)
        for name, phone in (("丁婆", "13900000003"), ("戊婆", "13900000004"))
    ]

    heard = [(await chen.post(f"/station/needs/{one['id']}/on-word/message", {"text": CRY})).json() for one in needs]

    found = [await Need.get(id=one["emergency"]["need_id"]) for one in heard]
    assert found[0].id != found[1].id
    assert [str(one["id"]) in plea.text for one, plea in zip(needs, found, strict=True)] == [True, True]


async def test_pleas_that_a_worker_entered_for_her_draw_her_own_to_no_other_station(chen, town, phone_of):
    wife = await phone_of("qizi")
    await wife.put("/me/home", {"area_id": town.areas["团结村"].id})
    code = (await wife.post("/me/code")).json()["code"]
    assert (await chen.post("/station/people/look-ups", {"person_code": code, "reason": "来访"})).status_code == 200
    for number in range(6):
        more = {"urgency": "emergency", "text": f"没事{number}", "person_id": wife.person_id}
        await entered(chen, town, "妻子", "13666666666", area_id=town.areas["码头社区"].id, **more)

    body = {"category": "elder_care", "urgency": "emergency", "text": "他打我，快来", "contact_name": "妻子"}
    made = await wife.post("/needs", body | {"contact_phone": "13812340000", "place": "九号楼"})

    need = await Need.get(id=made.json()["id"])
    assert (need.station_id, need.contact_phone) == (town.stations["邻玉社工站"].id, "13812340000")
    await entered(chen, town, "妻子", "13666666666", urgency="emergency", text="说错了", person_id=wife.person_id)
    assert (await Need.get(id=need.id)).contact_phone == "13812340000"


async def test_sixth_plea_about_another_person_leaves_the_fifth_as_it_is(town, phone_of, chen):
    carer = await phone_of("zhaoguzhe")
    needs = []
    for number in range(6):
        body = {"category": "elder_care", "text": "买药", "contact_name": f"老人{number}", "place": f"{number}号楼"}
        body |= {"contact_phone": f"1370000222{number}", "relation": "邻居", "area_id": town.areas["团结村"].id}
        made = await carer.post("/needs", body)
        await chen.post(f"/station/needs/{made.json()['id']}/decline", {"reason": "不归", "alternative_help": "街道"})
        needs.append(made.json()["id"])

    heard = [
        (await carer.post(f"/needs/{one}/appeal", {"reason": CRY})).json()["emergency"]["need_id"] for one in needs
    ]

    joined = await Need.get(id=heard[-1])
    assert heard[-1] in heard[:-1]
    assert joined.contact_name.removeprefix("老人") == joined.place.removesuffix("号楼") == joined.contact_phone[-1]
    written = [one.text for one in await NeedEvent.filter(need_id=joined.id, kind="crisis_written")]
    assert "老人5、13700002225、5号楼" in written[-1]


async def test_many_pleas_still_change_where_the_person_is(phone_of, town, monkeypatch):
    monkeypatch.setattr(pleas, "MOST_JOINED", 1)
    wife = await phone_of("qizi")
    await wife.put("/me/home", {"area_id": town.areas["团结村"].id})
    body = {"category": "elder_care", "urgency": "emergency", "contact_name": "妻子", "contact_phone": "13812340000"}
    for number in range(8):
        made = await wife.post("/needs", body | {"text": f"快来{number}", "place": f"{number}号楼"})

    assert (await Need.get(id=made.json()["id"])).place == "7号楼"
