"""Categories and service promises over HTTP."""

import pytest

from server.models import RoleKind
from tests import factories
from tests.factories.stations import phone_with_role

PROMISE = {
    "urgency": "normal",
    "response": {"amount": 4, "unit": "working_hours"},
    "completion": {"amount": 3, "unit": "working_days"},
    "source": "泸州市民政局2026年服务承诺",
}


@pytest.fixture
async def city(app, clock) -> factories.City:
    """The small city behind the application."""
    return await factories.city(clock.now())


@pytest.fixture
async def chief(phone_of, city):
    return await phone_with_role(phone_of, "卫处长", RoleKind.CITY_OFFICER)


async def test_visitor_reads_promises_in_words(client, city):
    items = (await client.get("/api/v1/categories")).json()["items"]

    care = next(one for one in items if one["code"] == "elder_care")
    assert [promise["words"] for promise in care["promises"]] == [
        "1个工作日内答复，5个工作日内办结",
        "4个工作小时内答复，2个工作日内办结",
        "有人值班时30分钟内答复，2个工作日内办结",
    ]
    assert (care["explanation"], care["icon"]) == ("老人看病、买药、吃饭、陪伴等", "elder")
    assert len(items) == len({one["icon"] for one in items}) == 22
    assert all(one["explanation"] for one in items)


async def test_city_changes_promise_with_source(chief, client):
    answer = await chief.put("/categories/elder_care/promises", {"promises": [PROMISE]})

    assert answer.status_code == 200, answer.text
    normal = answer.json()["promises"][0]
    assert (normal["words"], normal["source"]) == ("4个工作小时内答复，3个工作日内办结", PROMISE["source"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"completion": {"amount": 0, "unit": "working_days"}},
        {"completion": {"amount": 251, "unit": "working_days"}},
        {"response": {"amount": 1, "unit": "years"}},
        {"source": ""},
    ],
)
async def test_malformed_promise_is_refused(chief, wrong):
    answer = await chief.put("/categories/elder_care/promises", {"promises": [PROMISE | wrong]})

    assert answer.status_code == 400


async def test_repeated_urgency_is_refused(chief):
    answer = await chief.put("/categories/elder_care/promises", {"promises": [PROMISE, PROMISE]})

    assert answer.status_code == 400


async def test_category_is_added_renamed_and_deactivated(chief, client):
    added = await chief.post("/categories", {"code": "legal_aid", "name": "法律援助", "confidential": True})
    assert (added.status_code, added.json()["confidential"]) == (201, True)

    assert (await chief.change("/categories/legal_aid", {"name": "法律帮助"})).json()["name"] == "法律帮助"
    assert (await chief.change("/categories/legal_aid", {"active": False})).json()["active"] is False

    codes = [one["code"] for one in (await client.get("/api/v1/categories")).json()["items"]]
    every = [one["code"] for one in (await client.get("/api/v1/categories?with_inactive=true")).json()["items"]]
    assert "legal_aid" not in codes
    assert "legal_aid" in every


async def test_confidential_category_stays_confidential(chief):
    assert (await chief.change("/categories/counselling", {"confidential": False})).status_code == 400
    assert (await chief.change("/categories/culture", {"confidential": True})).json()["confidential"] is True


@pytest.mark.parametrize("code", ["Legal Aid", "法律", "1st", "x", "a" * 41])
async def test_malformed_code_is_refused(chief, code):
    assert (await chief.post("/categories", {"code": code, "name": "法律援助"})).status_code == 400


async def test_used_code_and_deactivating_not_sure_are_refused(chief):
    taken = await chief.post("/categories", {"code": "elder_care", "name": "养老"})
    ended = await chief.change("/categories/not_sure", {"active": False})

    assert (taken.status_code, taken.json()["code"]) == (409, "already_exists")
    assert (ended.status_code, ended.json()["code"]) == (409, "category_required")
    assert (await chief.change("/categories/flying", {"name": "飞"})).status_code == 404


async def test_county_officer_cannot_change_categories(phone_of, city):
    officer = await phone_with_role(phone_of, "冯科长", RoleKind.COUNTY_OFFICER, area=city.areas["江阳区"])

    assert (await officer.post("/categories", {"code": "legal_aid", "name": "法律援助"})).status_code == 403
    assert (await officer.put("/categories/culture/promises", {"promises": [PROMISE]})).status_code == 403
