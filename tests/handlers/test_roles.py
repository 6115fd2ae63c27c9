"""Appointments and their end through HTTP."""

import pytest

from server.models import RoleKind
from tests import factories
from tests.conftest import NOW
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
    for_county = {"kind": "county_officer", "county_id": city.areas["江阳区"].id}

    assert (await chief.post("/roles", for_county | {"person_id": county.person_id})).status_code == 201
    assert (await county.post("/roles", at(city, "station_head") | {"person_id": head.person_id})).status_code == 201
    granted = await head.post("/roles", at(city) | {"person_id": worker.person_id})

    assert granted.status_code == 201
    assert granted.json()["station_name"] == "团结社工室"
    assert [role["kind"] for role in (await worker.get("/me")).json()["roles"]] == ["social_worker"]


async def test_ended_role_counts_no_longer_at_the_next_request(phone_of, officer, city):
    worker = await phone_of("xinshe")
    role = (await officer.post("/roles", at(city) | {"person_id": worker.person_id})).json()
    assert (await worker.get("/roles")).status_code == 200

    ended = await officer.post(f"/roles/{role['id']}/ending")

    assert ended.json()["ended_at"] == "2026-03-10T10:00:00+08:00"
    assert (await worker.get("/roles")).status_code == 403


async def test_own_appointment_and_appointment_outside_the_scope_are_refused(phone_of, officer, city):
    other = await phone_of("xinshe")

    own = await officer.post("/roles", at(city, "station_head") | {"person_id": officer.person_id})
    beyond = await officer.post("/roles", at(city, station="龙马潭总站") | {"person_id": other.person_id})
    above = await officer.post("/roles", {"kind": "city_officer", "person_id": other.person_id})

    assert (own.status_code, own.json()["code"]) == (403, "conflict_of_interest")
    assert (beyond.status_code, beyond.json()["code"]) == (403, "not_allowed")
    assert (above.status_code, above.json()["code"]) == (403, "not_allowed")


async def test_a_second_head_is_refused(phone_of, officer, city):
    other = await phone_of("xinzhan")

    answer = await officer.post("/roles", at(city, "station_head", "邻玉社工站") | {"person_id": other.person_id})

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
    assert (await officer.post("/roles", {"person_id": 1} | wrong)).status_code == 400


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
