"""A need of 王奶奶, with that of her granddaughter, who lives with her, merged into it."""

import pytest

from tests import factories
from tests.conftest import NOW
from tests.factories.households import household
from tests.people import Phone
from tests.sides import sign_in

TEXT = "屋顶漏水，想请人来看看"


@pytest.fixture
async def grandma(client, town):
    return Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)


@pytest.fixture
async def granddaughter(client, town):
    """The phone of 王小丽, who lives with 王奶奶."""
    person = await factories.person("王小丽", NOW, town.areas["团结村"], phone="13712345678")
    await household(town.grandma.id, person.id, now=NOW)
    return Phone(client, await sign_in(person.id, NOW), person.id)


@pytest.fixture
async def chen(client, town):
    person_id = town.staff["陈社工"].person_id
    return Phone(client, await sign_in(person_id, NOW), person_id)


async def filed(phone, **more) -> int:
    body = {"category": "elder_care", "text": TEXT, "contact_name": "王秀英", "contact_phone": "13812345678"} | more
    answer = await phone.post("/needs", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def merge(worker, need_id: int, into: int) -> None:
    answer = await worker.post(f"/station/needs/{need_id}/merge", {"target_need_id": into})
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def pair(grandma, granddaughter, chen):
    """The granddaughter's need, merged into the grandmother's."""
    hers, merged = await filed(grandma), await filed(granddaughter, text="奶奶家屋顶漏水")
    await merge(chen, merged, hers)
    return hers, merged
