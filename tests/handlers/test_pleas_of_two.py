"""Pleas about two people are two needs, although one person passes them on in the same words."""

import asyncio

import pytest

from server.models import Need
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

    pleas = await Need.filter(urgency="emergency")
    assert {one.person_id for one in pleas} == {one["person_id"] for one in two}
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
    for name, phone in (("老母亲", "13700001111"), ("邻居", "13700002222")):
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

    phones = {(await Need.get(id=one)).contact_phone for one in heard}
    assert phones == {"13700001111", "13700002222"}


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
