"""Officers shut people out, readmit them, and end their sessions: it counts from the next request on, everywhere."""

import pytest

from server.domain import roles
from server.domain.accounts import ADMINISTRATOR, shut_out
from server.domain.roles import Appointment
from server.errors import NotFound
from server.models import AuditEntry, Need, NeedStatus, Notice, Person, Role, RoleKind, Session, ShutOut
from tests.conftest import NOW
from tests.factories.stations import phone_with_role
from tests.handlers.test_idempotency import TOLD

WHY = {"reason": "冒用他人身份"}


@pytest.fixture
async def county(phone_of, town):
    return await phone_with_role(phone_of, "冯新科", RoleKind.COUNTY_OFFICER, area=town.areas["江阳区"])


@pytest.fixture
async def chief(phone_of, town):
    return await phone_with_role(phone_of, "卫新处", RoleKind.CITY_OFFICER)


@pytest.fixture
async def grandma(phone_of, town):
    phone = await phone_of("wangnainai")
    await phone.put("/me/home", {"area_id": town.areas["团结村"].id})
    return phone


def path(phone, what="shut-out"):
    return f"/people/{phone.person_id}/{what}"


async def signing_in(client, nickname):
    return await client.post("/api/v1/session", json={"code": f"dev-{nickname}"})


async def test_person_shut_out_reads_and_changes_nothing_from_the_next_request_on(grandma, county):
    assert (await grandma.post("/needs", TOLD)).status_code == 201

    made = await county.post(path(grandma), WHY)

    assert (made.status_code, made.json()["reason"]) == (201, WHY["reason"])
    assert (await grandma.get("/needs")).status_code == 401
    assert (await grandma.post("/needs", TOLD)).status_code == 401


async def test_person_shut_out_is_refused_in_plain_words_when_signing_in(grandma, county, client):
    await county.post(path(grandma), WHY)

    refused = await signing_in(client, "wangnainai")

    assert (refused.status_code, refused.json()["code"]) == (403, "account_shut_out")
    assert "停用" in refused.json()["message"]
    assert "120" in refused.json()["message"], "who is in danger reads whom to call"
    assert await Session.filter(person_id=grandma.person_id, revoked_at=None).count() == 0


async def test_repeated_request_of_a_person_shut_out_shows_no_stored_answer(grandma, county):
    await grandma.post("/needs", TOLD, key="before")
    await county.post(path(grandma), WHY)

    assert (await grandma.post("/needs", TOLD, key="before")).status_code == 401


async def test_every_phone_of_a_person_shut_out_is_signed_out_and_stays_so_after_readmission(
    grandma, county, phone_of, client
):
    other = await phone_of("wangnainai")
    await county.post(path(grandma), WHY)

    readmitted = await county.post(path(grandma, "readmission"), {"reason": "已核实身份"})

    assert readmitted.json()["readmitted_at"]
    for phone in (grandma, other):
        assert (await phone.get("/me")).status_code == 401
    again = await phone_of("wangnainai")
    assert (await again.get("/me/notifications")).json()["items"][0]["template"] == "readmitted"


async def test_worker_shut_out_loses_the_roles_and_needs_in_hand_go_back_to_the_head(
    grandma, county, phone_of_staff, town, clock
):
    worker = await phone_of_staff("新社工", "邻玉社工站")
    need = (await grandma.post("/needs", TOLD)).json()["id"]
    await worker.post(f"/station/needs/{need}/acceptance")
    await worker.post(f"/station/needs/{need}/assignment", {"worker_id": worker.person_id})

    await county.post(path(worker), WHY)

    assert not await Role.filter(person_id=worker.person_id, current=1).exists()
    found = await Need.get(id=need)
    assert (found.status, found.assignee_id) == (NeedStatus.ACCEPTED, None)
    head = town.staff["赵站长"].person_id
    assert await Notice.filter(person_id=head, template="need_handed_back").exists()


async def test_worker_readmitted_has_no_role_until_appointed_again(county, phone_of_staff, phone_of):
    worker = await phone_of_staff("新社工", "邻玉社工站")
    await county.post(path(worker), WHY)
    await county.post(path(worker, "readmission"), {"reason": "已核实身份"})

    again = await phone_of(f"staff-{'新社工'.encode().hex()}")

    assert (await again.get("/me")).json()["roles"] == []
    assert (await again.get("/station/needs")).status_code == 403


async def test_person_shut_out_is_neither_appointed_nor_assigned(county, chief, phone_of_staff, grandma, town):
    worker, head = await phone_of_staff("新社工", "邻玉社工站"), await phone_of_staff("新站长", "邻玉社工站", head=True)
    need = (await grandma.post("/needs", TOLD)).json()["id"]
    await head.post(f"/station/needs/{need}/acceptance")
    await county.post(path(worker), WHY)

    assigned = await head.post(f"/station/needs/{need}/assignment", {"worker_id": worker.person_id})
    with pytest.raises(NotFound):
        await roles.appoint(
            Appointment(worker.person_id, RoleKind.SOCIAL_WORKER, town.stations["邻玉社工站"].id), by=None, now=NOW
        )

    assert (assigned.status_code, assigned.json()["code"]) == (409, "not_station_worker")


async def test_invitation_of_a_person_shut_out_is_good_no_more(grandma, county, phone_of):
    await grandma.post("/household")
    code = (await grandma.post("/household/invitations")).json()["code"]
    await county.post(path(grandma), WHY)

    joined = await (await phone_of("sunzi")).post("/household/memberships", {"code": code})

    assert joined.json()["code"] == "invalid_invitation"


async def test_own_account_is_left_to_another_officer(county):
    for what in ("shut-out", "readmission", "session-ending"):
        refused = await county.post(path(county, what), WHY)
        assert (refused.status_code, refused.json()["code"]) == (403, "conflict_of_interest"), what


async def test_county_officer_does_not_shut_out_an_officer(county, chief, phone_of, town):
    colleague = await phone_with_role(phone_of, "冯副科", RoleKind.COUNTY_OFFICER, area=town.areas["江阳区"])

    assert (await county.post(path(colleague), WHY)).status_code == 403
    assert (await county.post(path(chief), WHY)).status_code == 404
    assert (await chief.post(path(colleague), WHY)).status_code == 201


async def test_head_and_worker_shut_out_nobody(phone_of_staff, grandma):
    for phone in (
        await phone_of_staff("新社工", "邻玉社工站"),
        await phone_of_staff("新站长", "邻玉社工站", head=True),
    ):
        assert (await phone.post(path(grandma), WHY)).status_code == 403


async def test_officer_of_another_county_does_not_know_the_person(phone_of, town, grandma):
    other = await phone_with_role(phone_of, "褚新科", RoleKind.COUNTY_OFFICER, area=town.areas["龙马潭区"])

    for what in ("shut-out", "readmission", "session-ending"):
        assert (await other.post(path(grandma, what), WHY)).status_code == 404


async def test_worker_of_two_counties_is_left_to_the_city(county, chief, phone_of_staff, town, clock):
    worker = await phone_of_staff("新社工", "邻玉社工站")
    there = {"scope": f"station:{town.stations['龙马潭总站'].id}", "station": town.stations["龙马潭总站"]}
    await Role.create(person_id=worker.person_id, kind="social_worker", granted_at=clock.now(), **there)

    assert (await county.post(path(worker), WHY)).status_code == 403
    assert (await chief.post(path(worker), WHY)).status_code == 201


async def test_person_whom_the_city_shut_out_is_readmitted_by_the_city_alone(county, chief, grandma):
    await chief.post(path(grandma), WHY)

    refused = await county.post(path(grandma, "readmission"), WHY)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await chief.post(path(grandma, "readmission"), WHY)).status_code == 200


async def test_worker_from_elsewhere_is_readmitted_by_the_county_that_shut_them_out(county, phone_of_staff):
    worker = await phone_of_staff("新社工", "邻玉社工站")  # without a home in the county
    await county.post(path(worker), WHY)

    assert (await county.post(path(worker, "readmission"), WHY)).status_code == 200


async def test_shut_out_twice_and_readmitted_twice_is_refused(county, grandma):
    for what, expected in (("shut-out", 201), ("readmission", 200)):
        assert (await county.post(path(grandma, what), WHY)).status_code == expected
        assert (await county.post(path(grandma, what), WHY)).json()["code"] == "invalid_state"


async def test_officers_list_who_is_shut_out_in_their_counties(county, chief, phone_of, grandma, clock):
    stranger = await phone_of("luren")
    await chief.post(path(stranger), WHY)
    clock.forward(minutes=1)
    await county.post(path(grandma), WHY)

    def people(answer):
        return [one["person_id"] for one in answer.json()["items"]]

    assert people(await county.get("/shut-outs")) == [grandma.person_id]
    assert people(await chief.get("/shut-outs")) == [grandma.person_id, stranger.person_id]


async def test_ended_sessions_sign_out_every_phone_and_the_person_may_sign_in_again(grandma, county, phone_of):
    other = await phone_of("wangnainai")

    ended = await county.post(path(grandma, "session-ending"), {"reason": "手机被盗"})

    assert ended.json() == {"sessions": 2}
    assert {(await phone.get("/me")).status_code for phone in (grandma, other)} == {401}
    again = await phone_of("wangnainai")
    assert (await again.get("/me/notifications")).json()["items"][0]["template"] == "sessions_ended"


async def test_shutting_out_and_ending_sessions_is_audited(grandma, county):
    for what in ("session-ending", "shut-out", "readmission"):
        await county.post(path(grandma, what), WHY)

    noted = await AuditEntry.filter(action__startswith="account.").order_by("id")
    assert [one.action for one in noted] == ["account.sessions_ended", "account.shut_out", "account.readmitted"]
    assert {(one.person_id, one.subject) for one in noted} == {(county.person_id, f"person:{grandma.person_id}")}


async def test_administrator_counts_as_the_city(grandma, county, clock):
    await shut_out(grandma.person_id, reason="账号被盗", by=ADMINISTRATOR, now=clock.now())

    assert (await county.get("/shut-outs")).json()["items"] == []
    assert (await county.post(path(grandma, "readmission"), WHY)).status_code == 403
    assert (await ShutOut.get()).shut_out_by_id is None
    assert (await Person.get(id=grandma.person_id)).disabled_at == clock.now()
