"""Appointments and their end through HTTP."""

import pytest

from server.domain import role_offers
from server.errors import RoleOfferDecided
from server.models import Notice, Role, RoleKind, RoleOffer
from tests import factories
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.factories.households import household
from tests.factories.roles import city_officer
from tests.factories.stations import phone_with_role


@pytest.fixture
async def city(app, clock) -> factories.City:
    """The small city behind the application."""
    return await factories.city(clock.now())


@pytest.fixture
async def officer(phone_of, city):
    return await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=city.areas["江阳区"])


def at(city, kind="social_worker", station="团结社工室"):
    return {"kind": kind, "station_id": city.stations[station].id}


async def test_each_role_appoints_the_next_lower_role(phone_of, city):
    chief = await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    county, head, worker = [await phone_of(name) for name in ("xinke", "xinzhan", "xinshe")]
    second = await phone_with_role(phone_of, "魏处长", RoleKind.CITY_OFFICER)
    for_county = {"kind": "county_officer", "county_id": city.areas["江阳区"].id}

    await appointed(chief, for_county, county, second)
    await appointed(county, at(city, "station_head"), head, second)
    confirmed = await appointed(head, at(city), worker, county)

    assert (confirmed["station_name"], confirmed["status_words"]) == ("团结社工室", "已任职")
    mine = (await worker.get("/me")).json()
    assert ([role["kind"] for role in mine["roles"]], mine["name"]) == (["social_worker"], "何新")


async def offered(by, role):
    answer = await by.post("/role-offers", {"name": "何新"} | role)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def appointed(by, role, person, third):
    """Offer the role, accept it on the person's phone, confirm it by a third person, and return the offer."""
    offer = await offered(by, role)
    accepted = await person.post("/role-offers/acceptance", {"code": offer["code"]})
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted"), accepted.text
    confirmed = await third.post(f"/role-offers/{offer['id']}/confirmation")
    assert confirmed.status_code == 200, confirmed.text
    return confirmed.json()


async def test_offer_gives_no_right_before_it_is_confirmed(phone_of, officer, city):
    worker, third = await phone_of("xinshe"), await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    offer = await offered(officer, at(city))

    unaccepted = await third.post(f"/role-offers/{offer['id']}/confirmation")
    await worker.post("/role-offers/acceptance", {"code": f" {offer['code'].lower()} "})
    own = await officer.post(f"/role-offers/{offer['id']}/confirmation")

    assert (unaccepted.status_code, unaccepted.json()["details"]) == (409, {"status": "offered"})
    assert (own.status_code, own.json()["details"]) == (403, {"rule": "own_offer"})
    assert (await worker.get("/roles")).status_code == 403
    [listed] = (await third.get("/role-offers")).json()["items"]
    assert (listed["name"], listed["status"], listed["allowed_actions"]) == (
        "何新",
        "accepted",
        ["confirmation", "ending"],
    )
    assert await Notice.exists(template="role_accepted", person_id=city.staff["冯科长"].person_id)


async def test_code_of_an_offer_counts_once_for_a_week_and_not_for_its_giver(phone_of, officer, city, clock):
    first, second = await phone_of("xinshe"), await phone_of("lingwai")
    offer, late = await offered(officer, at(city)), await offered(officer, at(city))

    own = await officer.post("/role-offers/acceptance", {"code": offer["code"]})
    answers = [await one.post("/role-offers/acceptance", {"code": offer["code"]}) for one in (first, second)]
    clock.forward(seconds=7 * 86_400)
    answers.append(await second.post("/role-offers/acceptance", {"code": late["code"]}))

    assert (own.status_code, own.json()["details"]) == (403, {"rule": "own_role"})
    assert [one.status_code for one in answers] == [200, 409, 409]
    assert answers[1].json()["code"] == answers[2].json()["code"] == "invalid_role_code"


async def test_ended_offer_is_neither_accepted_nor_confirmed(phone_of, officer, city):
    worker, third = await phone_of("xinshe"), await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    offer = await offered(officer, at(city))
    await worker.post("/role-offers/acceptance", {"code": offer["code"]})

    ended = await officer.post(f"/role-offers/{offer['id']}/ending")
    confirmed = await third.post(f"/role-offers/{offer['id']}/confirmation")

    assert (ended.status_code, ended.json()["status_words"]) == (200, "已结束")
    assert (confirmed.status_code, confirmed.json()["details"]) == (409, {"status": "ended"})
    assert await Notice.exists(template="role_not_confirmed", person_id=worker.person_id)


async def test_offer_of_a_person_whose_role_ended_is_not_confirmed(phone_of, officer, city):
    worker, third = await phone_of("xinshe"), await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    offer = await offered(officer, at(city))
    await worker.post("/role-offers/acceptance", {"code": offer["code"]})
    await Role.filter(person_id=officer.person_id).update(current=None, ended_at=NOW)

    answer = await third.post(f"/role-offers/{offer['id']}/confirmation")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not await Role.exists(person_id=worker.person_id, current=1)


async def test_officer_does_not_confirm_the_role_of_a_relative(phone_of, officer, city):
    chief = await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    husband = await phone_of("xinshe")
    await household(chief.person_id, husband.person_id, now=NOW)
    offer = await offered(officer, at(city))
    await husband.post("/role-offers/acceptance", {"code": offer["code"]})

    answer = await chief.post(f"/role-offers/{offer['id']}/confirmation")

    assert (answer.status_code, answer.json()["details"]) == (403, {"rule": "own_offer"})


async def test_offer_confirmed_and_ended_at_once_is_decided_once(phone_of, officer, city):
    worker = await phone_of("xinshe")
    third = await city_officer(NOW)
    offer = await offered(officer, at(city))
    await worker.post("/role-offers/acceptance", {"code": offer["code"]})

    results = await at_once(
        *(role_offers.confirm(offer["id"], by=third, now=NOW) for _ in range(3)),
        role_offers.end(offer["id"], by=third, now=NOW),
    )

    assert refused(results, RoleOfferDecided) == 3
    began = await Role.filter(person_id=worker.person_id, current=1).count()
    assert began == ((await RoleOffer.get(id=offer["id"])).status == "confirmed")


async def test_ended_role_counts_no_longer_at_the_next_request(phone_of, officer, city):
    worker = await phone_of("xinshe")
    await appointed(officer, at(city), worker, await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER))
    assert (await worker.get("/roles")).status_code == 200
    role = await Role.get(person_id=worker.person_id, current=1)

    ended = await officer.post(f"/roles/{role.id}/ending")

    assert ended.json()["ended_at"] == "2026-03-10T10:00:00+08:00"
    assert (await worker.get("/roles")).status_code == 403


async def test_offer_outside_the_scope_is_refused(officer, city):
    beyond = await officer.post("/role-offers", {"name": "何新"} | at(city, station="龙马潭总站"))
    above = await officer.post("/role-offers", {"name": "何新", "kind": "city_officer"})

    assert (beyond.status_code, beyond.json()["code"]) == (403, "not_allowed")
    assert (above.status_code, above.json()["code"]) == (403, "not_allowed")


async def test_a_second_head_is_refused(phone_of, officer, city):
    other, third = await phone_of("xinzhan"), await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    offer = await offered(officer, at(city, "station_head", "邻玉社工站"))
    await other.post("/role-offers/acceptance", {"code": offer["code"]})

    answer = await third.post(f"/role-offers/{offer['id']}/confirmation")

    assert (answer.status_code, answer.json()["code"]) == (409, "head_exists")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "social_worker"},
        {"kind": "county_officer"},
        {"kind": "city_officer", "station_id": 1},
        {"kind": "social_worker", "station_id": 1, "county_id": 3},
        {"kind": "volunteer", "station_id": 1},
    ],
)
async def test_role_needs_the_place_of_its_kind(officer, wrong):
    assert (await officer.post("/role-offers", {"name": "何新"} | wrong)).status_code == 400


async def test_colleagues_are_listed_page_by_page(officer, city):
    station = city.stations["邻玉社工站"].id

    first = (await officer.get(f"/roles?station={station}&limit=2")).json()
    rest = (await officer.get(f"/roles?station={station}&limit=2&after={first['next']}")).json()

    assert [role["person_name"] for role in first["items"] + rest["items"]] == ["陈社工", "林社工", "赵站长"]
    assert rest["next"] is None


async def test_an_officer_is_listed_with_their_county(officer, city):
    found = (await officer.get(f"/roles?area={city.areas['江阳区'].id}&limit=50")).json()["items"]

    own_role = next(role for role in found if role["person_id"] == officer.person_id)
    assert (own_role["kind"], own_role["area_name"], own_role["station_name"]) == ("county_officer", "江阳区", None)


async def test_roles_of_other_counties_are_not_found(phone_of, city):
    elsewhere = await phone_with_role(phone_of, "褚科长", RoleKind.COUNTY_OFFICER, area=city.areas["龙马潭区"])
    hidden = await factories.role(
        await factories.person("何新", NOW), RoleKind.SOCIAL_WORKER, NOW, station=city.stations["邻玉社工站"]
    )

    assert (await elsewhere.get(f"/roles?station={city.stations['邻玉社工站'].id}")).json()["items"] == []
    assert (await elsewhere.post(f"/roles/{hidden.id}/ending")).status_code == 404
    assert (await (await phone_of("wangnainai")).get("/roles")).status_code == 403
