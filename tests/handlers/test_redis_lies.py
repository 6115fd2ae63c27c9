"""Redis may be read and written by an intruder without harm: nothing about identity, roles or rights is in it."""

import hashlib
import json
from typing import Any

import pytest
from redis.asyncio import Redis

from server.models import Need
from tests.factories import activities
from tests.handlers.test_idempotency import TOLD
from tests.people import Phone


@pytest.fixture
async def people(town, phone_of, phone_of_staff) -> dict[str, Phone]:
    grandma, stranger = await phone_of("wangnainai"), await phone_of("luren")
    await grandma.put("/me/home", {"area_id": town.areas["团结村"].id})
    worker = await phone_of_staff("新社工", "邻玉社工站")
    chief = await phone_of_staff("新处长")
    return {"grandma": grandma, "stranger": stranger, "worker": worker, "chief": chief}


async def be_busy(people: dict[str, Phone], town: Any, client: Any) -> int:
    """Do what leaves something in Redis: calls that are counted, guesses, a poster with WeChat's code."""
    need = (await people["grandma"].post("/needs", TOLD)).json()["id"]
    for phone in people.values():
        for path in ("/me", "/needs", "/station/needs", f"/needs/{need}"):
            for _ in range(12):  # more than a batch of the limit
                await phone.get(path)
        await phone.post("/household/memberships", {"code": "ABCD2345"})
    one = await activities.activity(town)
    await client.get(f"/api/v1/activities/{one.id}/poster")
    await client.get(f"/api/v1/slips/{'A' * 12}")
    return int(need)


def identities(of: Phone) -> list[str]:
    """Return a person's identity and rights as caches of sessions and roles write them."""
    role = {"kind": "city_officer", "station_id": None, "area_id": None}
    session = {"id": 1, "person_id": of.person_id, "roles": [role], "last_used_at": "2026-03-10T02:00:00+00:00"}
    staff = {"person_id": of.person_id, "is_city": True, "station_ids": [], "county_ids": []}
    return [str(of.person_id), json.dumps(session), json.dumps(staff), json.dumps([role])]


def old_keys(people: dict[str, Phone]) -> list[str]:
    """Return the names under which earlier versions kept sessions, scopes and routes, for each person."""
    keys = ["routing:version", "routing:changing", "reference:version"]
    for phone in people.values():
        hashed = hashlib.sha256(phone.token.encode()).hexdigest()
        keys += [f"{kind}:{one}" for kind in ("session", "token") for one in (hashed, phone.token)]
        keys += [f"{kind}:{phone.person_id}" for kind in ("person", "staff", "roles", "scope", "sessions")]
    return keys


async def fill_with_lies(redis: Redis, people: dict[str, Phone], liar: Phone) -> None:
    """Say under every key, present or old, that everybody is this person and a city officer."""
    for key in [*await redis.keys("*"), *old_keys(people)]:
        for lie in identities(liar):
            # Counters stay below their limits: a lie may make a caller wait, and that is all it can do.
            if not (isinstance(key, bytes) and key.startswith(b"limit:")):
                await redis.set(key, lie, ex=600)


async def test_redis_full_of_lies_changes_nobodys_identity_roles_or_rights(people, town, client, redis: Redis):
    need = await be_busy(people, town, client)
    await fill_with_lies(redis, people, people["chief"])

    for name, phone in people.items():
        me = (await phone.get("/me")).json()
        assert me["id"] == phone.person_id, name
        assert [role["kind"] for role in me["roles"]] == {"worker": ["social_worker"], "chief": ["city_officer"]}.get(
            name, []
        )
    statuses = {name: (await phone.get(f"/station/needs/{need}")).status_code for name, phone in people.items()}
    assert statuses == {"grandma": 403, "stranger": 403, "worker": 200, "chief": 200}
    assert (await people["stranger"].get(f"/needs/{need}")).status_code == 404


async def test_redis_full_of_lies_changes_nobodys_changes(people, town, client, redis: Redis):
    need = await be_busy(people, town, client)
    await fill_with_lies(redis, people, people["chief"])

    for name in ("grandma", "stranger"):
        assert (await people[name].post(f"/station/needs/{need}/acceptance")).status_code == 403
        assert (await people[name].post("/categories", {})).status_code in {400, 403}
    made = (
        (await people["stranger"].post("/needs/1/withdrawal")).status_code,
        await people["grandma"].post("/needs", TOLD),
    )
    assert made[0] == 404
    assert (await Need.get(id=made[1].json()["id"])).submitted_by_id == people["grandma"].person_id
    assert (await people["worker"].post(f"/station/needs/{need}/acceptance")).status_code == 200


async def test_signed_out_token_is_not_revived_by_redis(people, redis: Redis):
    await people["grandma"].delete("/session")
    await fill_with_lies(redis, people, people["chief"])

    assert (await people["grandma"].get("/me")).status_code == 401


async def test_redis_holds_no_identity_token_or_secret(people, town, client, app, redis: Redis):
    await be_busy(people, town, client)
    dependencies = app.ctx.dependencies
    access_token = await dependencies.wechat.access_token()

    held = {key: await redis.get(key) for key in await redis.keys("*")}

    assert b"wechat:" in b" ".join(held), "WeChat's token is there"
    assert any(key.startswith(b"limit:") for key in held)
    forbidden = {access_token, TOLD["contact_phone"], dependencies.signing_secret.decode(), "127.0.0.1", "testserver"}
    for phone in people.values():
        hashed = hashlib.sha256(phone.token.encode()).hexdigest()
        forbidden |= {phone.token, hashed, str(phone.person_id)}
    forbidden |= {"social_worker", "city_officer", "openid"}
    everything = b"\n".join([*held, *held.values()]).decode("latin-1")
    assert [one for one in forbidden if one in everything] == []


async def test_every_kind_of_key_in_redis_is_known(people, town, client, redis: Redis):
    await be_busy(people, town, client)

    kinds = {key.decode().partition(":")[0] for key in await redis.keys("*")}

    assert kinds <= {"limit", "wechat", "wechat_draws_no_code"}
