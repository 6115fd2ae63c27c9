"""Coverage through HTTP."""

import pytest

from server.models import RoleKind
from tests import factories
from tests.factories.stations import phone_with_role


@pytest.fixture
async def city(app, clock) -> factories.City:
    """The small city behind the application."""
    return await factories.city(clock.now())


@pytest.fixture
async def officer(phone_of, city):
    return await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=city.areas["江阳区"])


async def test_coverage_begins_on_the_given_day(officer, city):
    station, area = city.stations["和平社工室"].id, city.areas["宪桥社区"].id

    answer = await officer.post(f"/stations/{station}/coverage", {"area_ids": [area], "valid_from": "2026-04-01"})

    assert answer.status_code == 200, answer.text
    assert {"id": area, "name": "宪桥社区", "valid_from": "2026-04-01", "valid_until": None} in answer.json()["covers"]


async def test_covered_area_is_refused_with_its_station(officer, city):
    station, taken = city.stations["和平社工室"].id, city.areas["团结村"].id

    answer = await officer.post(f"/stations/{station}/coverage", {"area_ids": [taken]})

    assert (answer.status_code, answer.json()["code"]) == (409, "area_already_covered")
    assert answer.json()["details"] == {"area": taken, "station": city.stations["团结社工室"].id}


async def test_coverage_ends_today_by_default(officer, city):
    station, area = city.stations["和平社工室"].id, city.areas["和平社区"].id

    later = await officer.post(
        f"/stations/{station}/coverage/ending", {"area_ids": [area], "valid_until": "2026-05-01"}
    )
    again = await officer.post(f"/stations/{station}/coverage/ending", {"area_ids": [area]})

    assert later.json()["covers"][0]["valid_until"] == "2026-05-01"
    assert (again.status_code, again.json()["code"]) == (409, "area_not_covered")
    assert (await officer.post(f"/stations/{station}/coverage/ending", {"area_ids": []})).status_code == 400


async def test_the_gap_report_counts_counties_and_towns(officer, city):
    await factories.employ(city, "和平社工室")
    [county] = (await officer.get("/coverage/report")).json()["counties"]

    assert (county["area"]["name"], county["communities"], county["without_community_room"]) == ("江阳区", 3, 2)
    assert {town["area"]["name"] for town in county["towns"]} == {"邻玉街道", "蓝田街道"}


async def test_the_gap_report_shows_the_communities_of_a_town(officer, city):
    await factories.employ(city, "和平社工室")
    path = f"/coverage/report?town={city.areas['邻玉街道'].id}"

    found = (await officer.get(path)).json()

    assert {one["area"]["name"]: one["has_community_room"] for one in found["communities"]} == {
        "团结村": False,
        "和平社区": True,
    }
    assert found["counties"] == []


async def test_report_is_for_officers_of_the_county_only(officer, phone_of, city):
    resident = await phone_of("wangnainai")

    assert (await resident.get("/coverage/report")).status_code == 403
    assert (await officer.get(f"/coverage/report?town={city.areas['小市街道'].id}")).status_code == 404


async def test_a_category_nobody_offers_is_named(officer, phone_of, city):
    chief = await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    await chief.post("/categories", {"code": "legal_aid", "name": "法律援助"})

    report = (await officer.get("/coverage/report")).json()

    assert report["categories_not_offered"] == [{"code": "legal_aid", "name": "法律援助"}]
    assert report["counties"][0]["with_uncovered_categories"] == 3
