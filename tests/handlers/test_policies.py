"""Policies and the calendar over HTTP."""

import pytest

from server.domain.policies import POLICIES
from server.models import RoleKind
from tests import factories
from tests.factories.stations import phone_with_role

SET = {"value": 12, "source": "局务会纪要"}


@pytest.fixture
async def city(app, clock) -> factories.City:
    """The small city behind the application."""
    return await factories.city(clock.now())


@pytest.fixture
async def officer(phone_of, city):
    return await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=city.areas["江阳区"])


@pytest.fixture
async def chief(phone_of, city):
    return await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)


async def list_policies(phone, query=""):
    return {one["name"]: one for one in (await phone.get(f"/policies{query}")).json()["items"]}


async def test_staff_read_policies_with_meaning_and_source(phone_of, city):
    worker = await phone_with_role(phone_of, "陈社工", RoleKind.SOCIAL_WORKER, station=city.stations["邻玉社工站"])

    policy = (await list_policies(worker))["reminder_interval_hours"]

    assert (policy["value"], policy["default"], policy["scope"]) == (24, 24, None)
    assert "不是泸州市的规定" in policy["source"]
    assert (await (await phone_of("wangnainai")).get("/policies")).status_code == 403


async def test_number_of_county_applies_to_its_stations(officer, city):
    county = city.areas["江阳区"].id

    answer = await officer.put("/policies/reminder_interval_hours", SET | {"county": county})

    assert (answer.json()["value"], answer.json()["scope"]) == (12, f"area:{county}")
    at_station = (await list_policies(officer, f"?station={city.stations['邻玉社工站'].id}"))["reminder_interval_hours"]
    assert (at_station["value"], at_station["source"]) == (12, "局务会纪要")


async def test_null_restores_wider_number(officer, city):
    where = {"station": city.stations["邻玉社工站"].id}
    await officer.put("/policies/reminder_interval_hours", SET | where)

    answer = await officer.put("/policies/reminder_interval_hours", {"value": None, "source": "恢复默认"} | where)

    assert (answer.json()["value"], answer.json()["scope"]) == (24, None)


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("reminder_interval_hours", {"value": 241}, 409, "out_of_range"),
        ("reminder_interval_hours", {"value": -1}, 400, "bad_input"),
        ("reminder_interval_hours", {"value": "x"}, 400, "bad_input"),
        ("reminder_interval_hours", {"source": ""}, 400, "bad_input"),
        ("reminder_interval_hours", {"county": 3, "station": 4}, 400, "bad_input"),
        ("lunch_break", {}, 404, "not_found"),
    ],
)
async def test_malformed_numbers_and_names_are_refused(chief, name, body, status, code):
    answer = await chief.put(f"/policies/{name}", SET | body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("name", POLICIES)
async def test_every_policy_can_be_set(chief, name):
    default = POLICIES[name].default

    answer = await chief.put(f"/policies/{name}", SET | {"value": default})

    assert (answer.status_code, answer.json()["value"], answer.json()["scope"]) == (200, default, "city")


async def test_county_officer_cannot_set_city_or_other_counties(officer, city):
    assert (await officer.put("/policies/reminder_interval_hours", SET)).status_code == 403
    elsewhere = SET | {"county": city.areas["龙马潭区"].id}
    assert (await officer.put("/policies/reminder_interval_hours", elsewhere)).status_code == 404
    of_city = {"value": 540, "source": "x", "county": city.areas["江阳区"].id}
    assert (await officer.put("/policies/morning_opens", of_city)).json()["code"] == "city_wide_policy"


async def test_city_enters_a_whole_year_and_everybody_reads_it(chief, officer):
    await chief.put("/calendar/2027-03-01", {"working": False})
    days = [{"day": "2027-01-01", "working": False}, {"day": "2027-02-14", "working": True}]

    entered = await chief.put("/calendar-years/2027", {"days": days})

    assert entered.status_code == 200, entered.text
    assert (await officer.get("/calendar-years/2027")).json()["days"] == entered.json()["days"] == days
    assert (await officer.get("/calendar-years/2028")).json()["days"] == []


async def test_day_of_another_year_and_day_named_twice_are_refused(chief):
    wrong = await chief.put("/calendar-years/2027", {"days": [{"day": "2028-01-01", "working": False}]})
    twice = await chief.put("/calendar-years/2027", {"days": [{"day": "2027-01-01", "working": False}] * 2})

    assert (wrong.status_code, wrong.json()["details"]["fields"][0]["field"]) == (400, "body.days.0.day")
    assert twice.status_code == 400
    assert (await chief.get("/calendar-years/2027")).json()["days"] == []


async def test_city_enters_calendar_days(chief):
    await chief.put("/calendar/2027-01-01", {"working": False})

    answer = await chief.put("/calendar/2027-01-02", {"working": True})

    assert answer.json()["days"] == [
        {"day": "2027-01-01", "working": False},
        {"day": "2027-01-02", "working": True},
    ]
    assert answer.json()["missing_years"] == []


async def test_malformed_day_and_county_officer_are_refused(chief, officer):
    assert (await chief.put("/calendar/2027-02-30", {"working": True})).status_code == 404
    assert (await officer.put("/calendar/2027-01-01", {"working": True})).status_code == 403
