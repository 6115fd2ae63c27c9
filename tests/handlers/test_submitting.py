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
