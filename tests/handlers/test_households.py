"""Households through HTTP: a code goes from phone to phone and is never stored."""

import pytest

from server.domain import staff
from server.models import HouseholdInvitation, IdempotencyKey, Person, RoleKind
from tests import factories
from tests.conftest import NOW


@pytest.fixture
async def grandma(phone_of, town):
    phone = await phone_of("wangnainai")
    await Person.filter(id=phone.person_id).update(name="王秀英")
    return phone


@pytest.fixture
async def grandson(phone_of, town):
    return await phone_of("wangming")


async def test_household_from_creation_to_leaving(grandma, grandson):
    assert (await grandma.get("/household")).json() is None
    founded = await grandma.post("/household")
    code = (await grandma.post("/household/invitations")).json()["code"]

    joined = await grandson.post("/household/memberships", {"code": code.lower()})

    assert (founded.status_code, joined.status_code) == (201, 201)
    members = (await grandma.get("/household")).json()["members"]
    assert joined.json()["members"] == members
    assert {row["person_id"]: row["name"] for row in members} == {grandma.person_id: "王秀英", grandson.person_id: None}
    assert (await grandson.post("/household/leaving")).status_code == 200
    assert [row["person_id"] for row in (await grandma.get("/household")).json()["members"]] == [grandma.person_id]


async def test_code_is_shown_once_with_its_expiry_and_stored_nowhere(grandma):
    await grandma.post("/household")

    answer = await grandma.post("/household/invitations")

    assert answer.json()["expires_at"] == "2026-03-13T10:00:00+08:00"
    kept = [dict(row) for kind in (HouseholdInvitation, IdempotencyKey) for row in await kind.all()]
    assert len(kept) == 2
    assert answer.json()["code"] not in str(kept)


async def test_used_code_is_refused(grandma, grandson, phone_of):
    await grandma.post("/household")
    code = (await grandma.post("/household/invitations")).json()["code"]
    first = await grandson.post("/household/memberships", {"code": code}, key="joining-once")

    again = await grandson.post("/household/memberships", {"code": code}, key="joining-once")
    other = await (await phone_of("luren")).post("/household/memberships", {"code": code})

    assert (again.status_code, again.text) == (201, first.text)
    assert (other.status_code, other.json()["code"]) == (409, "invalid_invitation")


async def test_guessing_codes_is_limited(grandson):
    tried = [await grandson.post("/household/memberships", {"code": f"2345678{letter}"}) for letter in "23456789ABC"]

    assert [row.status_code for row in tried] == [409] * 10 + [429]


async def test_a_second_household_and_a_fourth_code_are_refused(grandma):
    await grandma.post("/household")
    for _ in range(3):
        await grandma.post("/household/invitations")

    assert (await grandma.post("/household")).json()["code"] == "already_in_household"
    refused = await grandma.post("/household/invitations")
    assert (refused.status_code, refused.json()["details"]) == (409, {"limit": 3})


async def test_staff_create_and_end_a_household_at_the_counter(town, grandma, phone_of):
    worker = await phone_of("chenshegong")
    await factories.role(
        await Person.get(id=worker.person_id), RoleKind.SOCIAL_WORKER, NOW, station=town.stations["邻玉社工站"]
    )
    town.staff["陈社工"] = await staff.of_person(worker.person_id)
    grandpa = await factories.person("李大爷", NOW, town.areas["团结村"])
    for row in (grandpa.id, town.grandma.id):
        await town.need(by=row)
    pair = {"person_id": grandpa.id, "household_member_id": town.grandma.id}

    seated = await worker.post("/station/households/members", pair)
    ended = await worker.post("/station/households/members/ending", {"person_id": grandpa.id})

    assert (seated.status_code, seated.json()) == (201, {"members": 2})
    assert ended.status_code == 200
    unknown = await worker.post("/station/households/members", pair | {"person_id": grandma.person_id})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
