"""Titles of authorities and names of levels are the city's, wherever people read them."""

import pytest

from server.models import Role, RoleKind
from tests.factories.stations import phone_with_role

NEW = {"source": "中共泸州市委社会工作部2026年通知"}


@pytest.fixture
async def chief(phone_of, town):
    return await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)


async def worded(chief, name, text):
    answer = await chief.put(f"/wordings/{name}", NEW | {"text": text})
    assert answer.status_code == 200, answer.text


async def test_new_title_is_read_by_residents_and_on_the_stations_page(town, chief, phone_of, client):
    await worded(chief, "county_officer", "区县社会工作部干部")
    await worded(chief, "town_station", "社会工作中心")
    grandma, feng = (
        await phone_of("grandma"),
        await phone_with_role(phone_of, "马科长", RoleKind.COUNTY_OFFICER, area=town.areas["江阳区"]),
    )
    await Role.filter(station_id=town.stations["邻玉社工站"].id).update(current=None)
    body = {"category": "elder_care", "text": "屋顶漏水", "contact_name": "王秀英", "contact_phone": "13812345678"}
    need = (await grandma.post("/needs", body | {"area_id": town.areas["团结村"].id})).json()

    assert (await feng.post(f"/station/needs/{need['id']}/acceptance")).status_code == 200

    last = (await grandma.get(f"/needs/{need['id']}")).json()["timeline"][-1]
    assert last["actor"] == "马科长（邻玉社工站，区县社会工作部干部代管）"
    page = (await client.get(f"/api/v1/stations/{town.stations['邻玉社工站'].id}")).json()
    assert page["level_words"] == "社会工作中心"


async def test_new_station_without_a_name_gets_that_of_its_place(town, chief):
    body = {"level": "community_room", "area_id": town.areas["宪桥社区"].id}
    before = await chief.post("/stations", body)
    await worded(chief, "community_room", "社工驿站")

    after = await chief.post("/stations", body)

    assert (before.json()["name"], after.json()["name"]) == ("宪桥社区社会工作服务室", "宪桥社区社工驿站")


async def test_route_is_explained_with_the_citys_names_of_levels(town, chief, client):
    await worded(chief, "community_room", "社工驿站")

    found = await client.get(f"/api/v1/stations?covering={town.areas['码头社区'].id}&category=elder_care")

    assert found.json()["responsible"]["words"].startswith("您所在的码头社区还没有设社工驿站，")


async def test_default_comes_back_and_says_that_it_is_not_the_citys(chief, client):
    await worded(chief, "authority", "社会工作部门")
    await worded(chief, "authority", None)

    [shown] = [one for one in (await client.get("/api/v1/wordings")).json()["items"] if one["name"] == "authority"]

    assert (shown["text"], shown["source"]) == ("民政部门", "系统默认值，不是泸州市的规定")


async def test_unknown_or_empty_wording_is_refused(chief):
    assert (await chief.put("/wordings/mayor", NEW | {"text": "市长"})).status_code == 404
    assert (await chief.put("/wordings/authority", NEW | {"text": " "})).status_code == 400
