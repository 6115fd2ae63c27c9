"""Repeating an old request shows nothing that the caller may not read now."""

import asyncio
from base64 import b64decode

from server.models import IdempotencyKey, Role
from tests.handlers.test_idempotency import TOLD

KEY = "the-key-of-then"


async def need_of(phone_of, town) -> str:
    grandma = await phone_of("wangnainai")
    await grandma.put("/me/home", {"area_id": town.areas["团结村"].id})
    return (await grandma.post("/needs", TOLD, key=KEY)).json()["id"]


async def test_need_that_moved_is_unknown_to_the_worker_who_repeats_the_acceptance(town, phone_of, phone_of_staff):
    need = await need_of(phone_of, town)
    worker, other = await phone_of_staff("新社工", "邻玉社工站"), await phone_of_staff("周新", "蓝田社工站")
    path = f"/station/needs/{need}"
    assert (await worker.post(f"{path}/acceptance", key=KEY)).status_code == 200
    await worker.post(f"{path}/referral", {"station_id": town.stations["蓝田社工站"].id, "reason": "搬家"})
    await other.post(f"{path}/referral-acceptance")

    repeated = await worker.post(f"{path}/acceptance", key=KEY)

    assert (repeated.status_code, repeated.json()["code"]) == (404, "not_found")


async def test_receiver_who_returned_a_need_gets_the_answer_again(town, phone_of, phone_of_staff):
    need = await need_of(phone_of, town)
    worker, other = await phone_of_staff("新社工", "邻玉社工站"), await phone_of_staff("周新", "蓝田社工站")
    await worker.post(
        f"/station/needs/{need}/referral", {"station_id": town.stations["蓝田社工站"].id, "reason": "搬家"}
    )
    path = f"/station/needs/{need}/referral-return"

    first, again = [await other.post(path, {"reason": "不在片区"}, key=KEY) for _ in range(2)]

    assert (first.status_code, again.text) == (200, first.text)


async def test_member_who_left_a_household_reads_its_names_no_more(phone_of):
    host, guest = await phone_of("wangnainai"), await phone_of("sunzi")
    await host.post("/household")
    code = (await host.post("/household/invitations")).json()["code"]
    assert (await guest.post("/household/memberships", {"code": code}, key=KEY)).status_code == 201
    await guest.post("/household/leaving")

    repeated = await guest.post("/household/memberships", {"code": code}, key=KEY)

    assert (repeated.status_code, repeated.json()["code"]) == (404, "not_found")


async def test_request_repeated_while_the_role_ends_gets_its_answer_or_none(town, phone_of, phone_of_staff, clock):
    need, worker = await need_of(phone_of, town), await phone_of_staff("新社工", "邻玉社工站")
    path = f"/station/needs/{need}/acceptance"
    first = await worker.post(path, key=KEY)

    async def end() -> None:
        await Role.filter(person_id=worker.person_id).update(current=None, ended_at=clock.now())

    *answers, _ = await asyncio.gather(*(worker.post(path, key=KEY) for _ in range(6)), end())

    assert {one.status_code for one in answers} <= {200, 403}
    assert {one.text for one in answers if one.status_code == 200} <= {first.text}
    assert (await worker.post(path, key=KEY)).status_code == 403


async def test_table_of_keys_holds_no_word_of_a_confidential_need(town, phone_of):
    grandma = await phone_of("wangnainai")
    await grandma.put("/me/home", {"area_id": town.areas["团结村"].id})
    told = TOLD | {"category": "counselling", "text": "我夜里睡不着。"}
    assert (await grandma.post("/needs", told)).status_code == 201

    rows = [dict(row) for row in await IdempotencyKey.all()]

    assert len(rows) == 1
    for word in ("睡不着", TOLD["contact_name"], TOLD["contact_phone"], grandma.token):
        assert word.encode() not in b64decode(rows[0]["answer"])
        assert word not in repr(rows)
