"""Stations through HTTP: the responsible one, the nearest ones, and changes by officers."""

import pytest

from server.models import Role, RoleKind, Station
from tests import factories
from tests.conftest import NOW
from tests.factories.stations import phone_with_role
from tests.jobs.working import needs_follow

HERE = {"longitude": 105.4433, "latitude": 28.8891, "coordinates": "gcj02"}


@pytest.fixture
async def city(app, clock) -> factories.City:
    """The small city behind the application."""
    return await factories.city(clock.now())


@pytest.fixture
async def officer(phone_of, city):
    return await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=city.areas["江阳区"])


@pytest.fixture
async def head(phone_of, city):
    return await phone_with_role(phone_of, "赵站长", RoleKind.STATION_HEAD, station=city.stations["邻玉社工站"])


async def find(client, **query):
    return await client.get("/api/v1/stations", params=query)


async def test_responsible_station_is_shown_with_the_reason(client, city):
    answer = await find(client, covering=city.areas["团结村"].id, category="elder_care")

    found = answer.json()["responsible"]
    assert found["station"]["name"] == "邻玉社工站"
    assert found["words"] == "您所在的团结村：团结社工室还在筹建中，由邻玉社工站受理。"
    assert found["is_coverage_gap"] is False


async def test_missing_category_means_not_sure(client, city):
    answer = await find(client, covering=city.areas["码头社区"].id)

    assert answer.json()["responsible"]["station"]["name"] == "龙马潭总站"


async def test_an_unknown_area_or_category_is_not_found(client, city):
    assert (await find(client, covering=999_999)).status_code == 404
    assert (await find(client, covering=city.areas["团结村"].id, category="flying")).status_code == 404


async def test_stations_near_a_place_come_with_their_distance(client, city):
    await Station.filter(name="和平社工室").update(longitude=105.4433, latitude=28.8892)

    [near] = (await find(client, **HERE)).json()["items"]

    assert (near["name"], near["distance_metres"]) == ("和平社工室", 11)
    assert near["place"]["coordinates"] == "gcj02"


@pytest.mark.parametrize(
    "query",
    [
        {"longitude": 105.4, "latitude": 28.9},
        {"longitude": 105.4, "latitude": 28.9, "coordinates": "bd09"},
        {"longitude": 105.4, "coordinates": "gcj02"},
        {"longitude": "nan", "latitude": 28.9, "coordinates": "gcj02"},
        {"longitude": 2.35, "latitude": 48.86, "coordinates": "wgs84"},
        {"longitude": 28.9, "latitude": 105.4, "coordinates": "gcj02"},
        {},
        {"covering": 1, "county": 3},
        {"covering": 2**60},
        {"county": 3, "page": 2},
    ],
)
async def test_invalid_place_or_mixed_filters_are_refused(client, city, query):
    answer = await find(client, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_all_stations_of_a_county_are_listed_with_their_status(client, city):
    answer = await find(client, county=city.areas["江阳区"].id)

    statuses = {row["name"]: row["status_words"] for row in answer.json()["items"]}
    assert statuses["团结社工室"] == "筹建中"
    assert statuses["邻玉社工站"] == "运行中"
    assert answer.json()["next"] is None


async def test_public_page_shows_everything_but_the_duty_phone(client, city):
    answer = await client.get(f"/api/v1/stations/{city.stations['邻玉社工站'].id}")

    page = answer.json()
    assert page["level_words"] == "社会工作服务站"
    assert [area["name"] for area in page["covers"]] == ["邻玉街道"]
    assert {"code": "elder_care", "name": "养老服务"} in page["categories"]
    assert page["county"]["name"] == "江阳区"
    assert "13900000000" not in answer.text
    assert (await client.get("/api/v1/stations/999999")).status_code == 404


async def test_officer_creates_opens_suspends_and_closes_a_station(officer, city, client):
    body = {
        "level": "community_room", "area_id": city.areas["宪桥社区"].id, "name": "宪桥社工室",
        "place": {**HERE, "coordinates": "wgs84"}, "phone": "0830-2345678", "address": "党群服务中心一楼",
    }  # fmt: skip
    made = await officer.post("/stations", body)
    assert made.status_code == 201, made.text
    assert made.json()["place"]["longitude"] == pytest.approx(105.4469, abs=0.0001)
    path = f"/stations/{made.json()['id']}"

    assert (await officer.put(f"{path}/categories", {"categories": ["elder_care"]})).status_code == 200
    assert (await officer.post(f"{path}/coverage", {"area_ids": [city.areas["宪桥社区"].id]})).status_code == 200
    await factories.worker("贺社工", await Station.get(id=made.json()["id"]), NOW)
    assert (await officer.post(f"{path}/opening")).json()["status"] == "open"
    found = (await find(client, covering=city.areas["宪桥社区"].id, category="elder_care")).json()
    assert found["responsible"]["station"]["name"] == "宪桥社工室"
    assert (await officer.post(f"{path}/suspension", {"reason": "装修"})).json()["status"] == "suspended"
    assert (await officer.post(f"{path}/opening")).json()["status"] == "open"
    closed = (await officer.post(f"{path}/closing", {"reason": "撤并"})).json()
    assert (closed["status_words"], closed["covers"]) == ("撤销中", [])
    again = await officer.post(f"{path}/closing", {"reason": "撤并"})
    assert (again.status_code, again.json()["details"]) == (409, {"status": "closing"})
    await needs_follow()
    assert (await client.get(f"/api/v1{path}")).json()["status_words"] == "已撤销"


@pytest.mark.parametrize(
    ("level", "place", "missing"),
    [
        ("community_room", "宪桥社区", ["phone", "address", "coverage", "social_worker"]),
        ("town_station", "小市街道", ["phone", "address", "coverage", "head", "social_worker"]),
    ],
)
async def test_station_opens_only_with_its_people_phone_address_and_coverage(phone_of, city, level, place, missing):
    chief = await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)
    body = {"level": level, "area_id": city.areas[place].id, "name": "新站"}
    path = f"/stations/{(await chief.post('/stations', body)).json()['id']}"

    bare = await chief.post(f"{path}/opening")

    assert (bare.status_code, bare.json()["code"], bare.json()["details"]) == (
        409,
        "station_not_ready",
        {"missing": missing},
    )
    await chief.change(path, {"phone": "0830-2345678", "address": "一楼"})
    await chief.post(f"{path}/coverage", {"area_ids": [city.areas[place].id]})
    people = (await chief.post(f"{path}/opening")).json()["details"]["missing"]
    assert people == missing[3:]
    station = await Station.get(id=path.rsplit("/", 1)[1])
    for one in people:
        await factories.worker(f"新{one}", station, NOW, head=one == "head")
    assert (await chief.post(f"{path}/opening")).json()["status"] == "open"


async def test_head_alone_opens_a_room_and_no_town_station(officer, city):
    for name, status in (("团结社工室", 200), ("蓝田社工站", 409)):
        station = city.stations[name]
        await Role.filter(station_id=station.id, kind="social_worker").update(current=None)
        await Station.filter(id=station.id).update(status="suspended")
        if name == "团结社工室":
            await factories.worker("新站长", station, NOW, head=True)
        assert (await officer.post(f"/stations/{station.id}/opening")).status_code == status


async def test_closing_needs_a_reason(officer, city):
    answer = await officer.post(f"/stations/{city.stations['邻玉社工站'].id}/closing", {"reason": "  "})

    assert answer.status_code == 400


async def test_repeated_opening_gets_the_same_reply(officer, city):
    path = f"/stations/{city.stations['团结社工室'].id}/opening"
    await factories.employ(city, "团结社工室")

    first = await officer.post(path, key="opening-of-tuanjie")
    again = await officer.post(path, key="opening-of-tuanjie")
    other = await officer.post(path)

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "invalid_state")


async def test_a_head_changes_the_hours_of_their_station_and_not_its_name(head, city):
    path = f"/stations/{city.stations['邻玉社工站'].id}"

    changed = await head.change(path, {"opening_hours": "每天 8:00–20:00", "duty_phone": "13911112222"})
    refused = await head.change(path, {"name": "我的站"})

    assert (changed.json()["opening_hours"], changed.json()["duty_phone"]) == (
        "每天 8:00–20:00",
        "13911112222",
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "field_not_editable")


async def test_omitted_station_field_stays_and_null_name_is_refused(officer, city):
    path = f"/stations/{city.stations['邻玉社工站'].id}"

    changed = await officer.change(path, {"operator": "泸州市江阳区仁爱社工服务中心"})

    assert changed.json()["phone"] == "0830-2000000"
    assert (await officer.change(path, {"name": None})).status_code == 400
    assert (await officer.change(path, {"status": "open"})).status_code == 400


async def test_station_is_opened_by_officers_of_its_county_only(phone_of, head, officer, city):
    resident = await phone_of("wangnainai")
    own, elsewhere = city.stations["团结社工室"].id, city.stations["龙马潭总站"].id

    assert (await resident.post(f"/stations/{own}/opening")).status_code == 403
    assert (await head.post(f"/stations/{own}/opening")).status_code == 403
    assert (await officer.post(f"/stations/{elsewhere}/suspension", {"reason": "装修"})).status_code == 404
