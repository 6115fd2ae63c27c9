"""Signing in and out through HTTP."""

from server.models import Person, Role, Session
from tests import factories


async def test_newcomer_signs_in_as_a_visitor(phone_of):
    phone = await phone_of("wangnainai")

    me = (await phone.get("/me")).json()

    assert me["is_visitor"] is True
    assert me["roles"] == []


async def test_second_sign_in_keeps_one_person(phone_of):
    first = await phone_of("wangnainai")
    second = await phone_of("wangnainai")

    assert first.person_id == second.person_id
    assert first.token != second.token


async def test_the_token_is_kept_only_as_a_hash(phone_of):
    phone = await phone_of("wangnainai")

    session = await Session.get(person_id=phone.person_id)

    assert phone.token not in str(dict(session))


async def test_signed_out_phone_is_refused_at_once(phone_of):
    phone = await phone_of("wangnainai")
    assert (await phone.get("/me")).status_code == 200

    assert (await phone.delete("/session")).status_code == 200

    assert (await phone.get("/me")).status_code == 401


async def test_lost_phone_is_signed_out_by_its_owner_only(phone_of):
    lost, own_phone, stranger = await phone_of("wangnainai"), await phone_of("wangnainai"), await phone_of("luren")
    [other] = [s for s in (await own_phone.get("/session")).json()["items"] if not s["current"]]

    assert (await stranger.delete(f"/sessions/{other['id']}")).status_code == 404
    assert (await own_phone.delete(f"/sessions/{other['id']}")).status_code == 200
    assert (await lost.get("/me")).status_code == 401


async def test_session_in_use_is_kept_and_an_unused_one_expires(phone_of, clock):
    used, forgotten = await phone_of("wangnainai"), await phone_of("liulao")
    for _ in range(4):
        clock.forward(days=20)
        assert (await used.get("/me")).status_code == 200

    assert (await forgotten.get("/me")).status_code == 401


async def test_sign_in_code_is_valid_once(client, fake_wechat):
    code = fake_wechat.new_code("openid-of-somebody")
    assert (await client.post("/api/v1/session", json={"code": code})).status_code == 201

    again = await client.post("/api/v1/session", json={"code": code})

    assert again.status_code == 401
    assert again.json()["code"] == "invalid_sign_in_code"


async def test_every_wrong_field_is_named_at_once(client):
    answer = await client.post("/api/v1/session", json={"code": "", "device": "x\x00y", "role": "city_officer"})

    assert answer.status_code == 400
    assert {f["field"] for f in answer.json()["details"]["fields"]} == {"body.code", "body.device", "body.role"}


async def test_disabled_person_is_signed_out_and_cannot_sign_in(phone_of, client, app, clock):
    town = await factories.city(clock.now())
    phone = await phone_of("chenshegong")
    await factories.role(
        await Person.get(id=phone.person_id), "social_worker", clock.now(), station=town.stations["邻玉社工站"]
    )
    assert (await phone.get("/station/needs")).status_code == 200

    await Person.filter(id=phone.person_id).update(disabled_at=clock.now())

    assert (await phone.get("/station/needs")).status_code == 401
    refused = await client.post("/api/v1/session", json={"code": "dev-chenshegong"})
    assert (refused.status_code, refused.json()["code"]) == (403, "account_shut_out")


async def test_ended_role_is_without_effect_at_the_next_request(phone_of, app, clock):
    town = await factories.city(clock.now())
    phone = await phone_of("chenshegong")
    await factories.role(
        await Person.get(id=phone.person_id), "social_worker", clock.now(), station=town.stations["邻玉社工站"]
    )

    await Role.filter(person_id=phone.person_id).update(current=None, ended_at=clock.now())

    assert (await phone.get("/station/needs")).status_code == 403


async def test_made_up_tokens_are_too_many_and_shut_out_nobody_behind_their_address(town, phone_of, client, clock, app):
    known, unseen = await phone_of("wangnainai"), await phone_of("xiaoli")
    assert (await known.get("/me")).status_code == 200

    async def made_up(number):
        return await client.get("/api/v1/me", headers={"Authorization": f"Bearer made-up-{number}"})

    answers = [await made_up(number) for number in range(102)]

    assert [one.status_code for one in answers] == [401] * 100 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert ((await known.get("/me")).status_code, (await unseen.get("/me")).status_code) == (200, 200)
    third = await phone_of("luren")
    app.ctx.unknown_tokens._looking_up.add("127.0.0.1")
    while_another_is_looked_up = await third.get("/me")
    plea = await third.post("/needs", {"text": "我不想活了", "urgency": "emergency", "category": "not_sure"})
    assert (while_another_is_looked_up.status_code, plea.status_code) == (429, 201), plea.text
    clock.forward(seconds=61)
    assert ((await third.get("/me")).status_code, (await made_up(1)).status_code) == (200, 401)
