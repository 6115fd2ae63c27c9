"""What a resident is told at once of the need they submitted is what they read when they look again."""

import pytest

from tests.handlers.test_photos import GOOD, TOLD, upload


@pytest.fixture
async def grandma(phone_of, town, client):
    found = await phone_of("wangnainai")
    await found.put("/me/home", {"area_id": town.areas["团结村"].id})
    return found


@pytest.mark.parametrize(
    "told", [{}, {"text": "我不想活了"}, {"urgency": "emergency"}, {"category": "not_sure", "relation": "女儿"}]
)
async def test_the_answer_is_what_is_read_afterwards(grandma, told):
    answer = await grandma.post("/needs", TOLD | told)
    assert answer.status_code == 201, answer.text
    assert (await grandma.get(f"/needs/{answer.json()['id']}")).json() == answer.json()


async def test_with_its_photos(grandma):
    photo = (await upload(grandma, GOOD)).json()
    answer = (await grandma.post("/needs", TOLD | {"photo_ids": [photo["id"]]})).json()
    assert [one["id"] for one in answer["photos"]] == [photo["id"]]
    assert (await grandma.get(f"/needs/{answer['id']}")).json() == answer
