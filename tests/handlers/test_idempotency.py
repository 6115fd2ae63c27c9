"""A repeated request with its Idempotency-Key is done once."""

import asyncio

import pytest

from server.models import IdempotencyKey, Need
from tests import factories

TOLD = {
    "category": "elder_care",
    "text": "想请人帮忙买药。",
    "contact_name": "王秀英",
    "contact_phone": "13812345678",
}


@pytest.fixture
async def grandma(phone_of, app, clock):
    town = await factories.city(clock.now())
    phone = await phone_of("wangnainai")
    await phone.put("/me/home", {"area_id": town.areas["团结村"].id})
    return phone


async def test_repeated_key_gets_the_same_reply(grandma, clock):
    first = await grandma.post("/needs", TOLD, key="once-and-again")
    clock.forward(minutes=5)

    second = await grandma.post("/needs", TOLD, key="once-and-again")

    assert (first.status_code, first.text) == (201, second.text)
    assert await Need.all().count() == 1


async def test_repeated_key_with_another_body_is_refused(grandma):
    await grandma.post("/needs", TOLD, key="once-and-again")

    other = await grandma.post("/needs", TOLD | {"text": "另一件事"}, key="once-and-again")

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert await Need.all().count() == 1


async def test_null_field_and_omitted_field_are_different_bodies(grandma):
    await grandma.post("/needs", TOLD, key="once-and-again")

    other = await grandma.post("/needs", TOLD | {"place": ""}, key="once-and-again")

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_same_key_twice_at_once_creates_one_need(grandma):
    answers = await asyncio.gather(*(grandma.post("/needs", TOLD, key="all-at-once-1") for _ in range(8)))

    done = [answer for answer in answers if answer.status_code == 201]
    assert await Need.all().count() == 1
    assert len({answer.text for answer in done}) == 1
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert (await grandma.post("/needs", TOLD, key="all-at-once-1")).text == done[0].text


async def test_same_key_of_another_person_is_independent(grandma, phone_of):
    other = await phone_of("liulao")
    await other.put("/me/home", {"area_id": (await grandma.get("/me")).json()["home"]["area_id"]})

    for phone in (grandma, other):
        assert (await phone.post("/needs", TOLD, key="same-key-1")).status_code == 201

    assert await Need.all().count() == 2


async def test_refused_request_may_be_corrected_under_its_key(grandma):
    refused = await grandma.post("/needs", TOLD | {"category": "nonsense"}, key="try-this-one")
    assert refused.status_code == 409
    assert await IdempotencyKey.all().count() == 0

    assert (await grandma.post("/needs", TOLD, key="try-this-one")).status_code == 201


@pytest.mark.parametrize(
    "key",
    [
        "",
        "short",
        "with space in it for long",
        "a\tb-tabbed-key-of-some-length",
        "0b7e9f9c1c1f4f0e9d583f6c2d1f6a5" * 3,  # too long
        "0b7e9f9c1c1f4f0e9d583f6c2d1f6a5",  # hexadecimal: 124 bits
        "1733000000123456789012345",  # a clock
        "AbCdEfGhIjKlMnOpQrStU",  # 21 characters of base64
        "abababababababababababababababab",
    ],
)
async def test_missing_or_weak_key_is_refused(grandma, key):
    headers = {"Authorization": f"Bearer {grandma.token}", "Idempotency-Key": key}

    answer = await grandma.client.post("/api/v1/needs", json=TOLD, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["details"]["fields"][0]["field"] == "header.Idempotency-Key"
    assert await Need.all().count() == 0
