"""The answer to a submission is the same as a later reading of the need."""

import pytest

from tests.handlers.test_photos import GOOD, TOLD, upload


@pytest.fixture
async def grandma(phone_of, town, client):
    found = await phone_of("wangnainai")
    await found.put("/me/home", {"area_id": town.areas["团结村"].id})
    return found


@pytest.mark.parametrize(
    "changes", [{}, {"text": "我不想活了"}, {"urgency": "emergency"}, {"category": "not_sure", "relation": "女儿"}]
)
async def test_answer_to_submission_equals_later_reading(grandma, changes):
    answer = await grandma.post("/needs", TOLD | changes)
    assert answer.status_code == 201, answer.text
    assert (await grandma.get(f"/needs/{answer.json()['id']}")).json() == answer.json()


async def test_answer_to_submission_with_photos_equals_later_reading(grandma):
    photo = (await upload(grandma, GOOD)).json()
    answer = (await grandma.post("/needs", TOLD | {"photo_ids": [photo["id"]]})).json()
    assert [one["id"] for one in answer["photos"]] == [photo["id"]]
    assert (await grandma.get(f"/needs/{answer['id']}")).json() == answer


async def test_need_at_home_asks_for_the_address(grandma):
    without = await grandma.post("/needs", TOLD | {"at_home": True})
    with_it = await grandma.post("/needs", TOLD | {"at_home": True, "place": "先锋村3组12号"})

    assert (without.status_code, without.json()["details"]["fields"][0]["field"]) == (400, "body.place")
    assert (with_it.json()["at_home"], with_it.json()["place"]) == (True, "先锋村3组12号")


async def test_plea_from_home_is_filed_without_the_address(grandma):
    answer = await grandma.post("/needs", TOLD | {"at_home": True, "text": "我不想活了"})

    assert answer.status_code == 201, answer.text
