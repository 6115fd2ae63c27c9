"""Ratings, figures and call-backs over HTTP."""

import pytest

import server.handlers.satisfaction  # noqa: F401 - declares the paths
from server.domain import staff
from server.models import Person, Policy, Rating, RoleKind
from tests import factories, steps
from tests.conftest import NOW


@pytest.fixture
async def town(app):
    """The small city behind the application; no call-back is sampled."""
    made = await factories.city(NOW)
    await Policy.create(name="call_back_sample_percent", scope="city", value=0, source="test")
    return made


@pytest.fixture
async def grandma(phone_of, town):
    phone = await phone_of("wangnainai")
    await Person.filter(id=phone.person_id).update(home_id=town.areas["团结村"].id)
    return phone


@pytest.fixture
def worker(phone_of, town):
    """The phone of a new worker or head of a station."""

    async def sign_in(nickname, station="邻玉社工站", *, head=False):
        phone = await phone_of(nickname)
        kind = RoleKind.STATION_HEAD if head else RoleKind.SOCIAL_WORKER
        await factories.role(await Person.get(id=phone.person_id), kind, NOW, station=town.stations[station])
        town.staff[nickname] = await staff.of_person(phone.person_id)
        return phone

    return sign_in


@pytest.fixture
async def need(town, grandma):
    return await steps.resolve_need(town, await town.need(by=grandma.person_id), NOW)


async def test_rating_is_given_read_and_given_again(grandma, need):
    path = f"/needs/{need.id}/rating"
    assert (await grandma.get(path)).json() is None
    body = {"stars": 5, "tags": ["kind"], "comment": "谢谢"}

    first = await grandma.put(path, body)
    second = await grandma.put(path, body)

    assert first.status_code == 200, first.text
    assert first.json() == second.json() == (await grandma.get(path)).json()
    assert first.json()["changeable_until"] == "2026-03-11T10:00:00+08:00"
    assert await Rating.all().count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"stars": 0}, "body.stars"),
        ({"stars": 6}, "body.stars"),
        ({"stars": 5, "tags": ["sexy"]}, "body.tags.0"),
        ({"stars": 5, "comment": "长" * 501}, "body.comment"),
        ({}, "body.stars"),
    ],
)
async def test_malformed_rating_names_the_fields(grandma, need, body, field):
    answer = await grandma.put(f"/needs/{need.id}/rating", body)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]


async def test_stranger_does_not_find_the_need(phone_of, need):
    stranger = await phone_of("luren")

    assert (await stranger.put(f"/needs/{need.id}/rating", {"stars": 5})).status_code == 404
    assert (await stranger.get("/station/satisfaction")).status_code == 403
    assert (await stranger.get("/station/call-backs")).status_code == 403


async def test_late_change_and_late_rating_are_refused(grandma, need, clock):
    path = f"/needs/{need.id}/rating"
    await grandma.put(path, {"stars": 5})
    clock.forward(hours=25)
    assert (await grandma.put(path, {"stars": 4})).json()["code"] == "deadline_passed"

    await Rating.all().delete()
    clock.forward(days=15)

    late = await grandma.put(path, {"stars": 4})
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


async def test_figures_hide_averages_of_too_few_ratings(grandma, need, worker):
    await grandma.put(f"/needs/{need.id}/rating", {"stars": 5, "tags": ["kind"], "comment": "谢谢"})
    lin = await worker("lin")

    [figures] = (await lin.get("/station/satisfaction", params={"from_day": "2026-03-01"})).json()["items"]

    assert (figures["resolved"], figures["rated"], figures["response_percent"]) == (1, 1, 100)
    assert figures["average"] is figures["distribution"] is figures["tags"] is None
    [later] = (await lin.get("/station/satisfaction", params={"from_day": "2026-03-11"})).json()["items"]
    assert (later["resolved"], later["response_percent"]) == (0, None)


async def test_enough_ratings_show_tags_and_comments_without_names(grandma, need, worker, town):
    await Policy.create(name="min_ratings_for_average", scope="city", value=1, source="test")
    await grandma.put(f"/needs/{need.id}/rating", {"stars": 4, "tags": ["kind"], "comment": "陈社工很好"})
    lin = await worker("lin")
    station = {"station": town.stations["邻玉社工站"].id}

    [figures] = (await lin.get("/station/satisfaction", params=station)).json()["items"]
    comments = (await lin.get("/station/satisfaction/comments", params={**station, "limit": 1})).json()

    assert (figures["average"], figures["distribution"]) == (4.0, [0, 0, 0, 1, 0])
    assert figures["tags"] == [{"tag": "kind", "words": "态度和气", "count": 1}]
    assert comments["items"] == [
        {"stars": 4, "tags": [{"tag": "kind", "words": "态度和气"}], "comment": "陈社工很好", "month": "2026-03"}
    ]
    rest = await lin.get("/station/satisfaction/comments", params={**station, "after": comments["next"]})
    assert rest.json() == {"items": [], "next": None}


async def test_figures_of_other_station_are_not_found(worker, town):
    zhou = await worker("zhou", "蓝田社工站")
    station = {"station": town.stations["邻玉社工站"].id}

    assert (await zhou.get("/station/satisfaction", params=station)).status_code == 404
    assert (await zhou.get("/station/satisfaction/comments", params=station)).status_code == 404
    assert (await zhou.get("/station/satisfaction/comments")).status_code == 400


async def test_stations_are_listed_in_pages(phone_of, town):
    wei = await phone_of("wei")
    await factories.role(await Person.get(id=wei.person_id), RoleKind.CITY_OFFICER, NOW)

    first = (await wei.get("/station/satisfaction", params={"limit": 4})).json()
    rest = (await wei.get("/station/satisfaction", params={"limit": 4, "after": first["next"]})).json()

    names = [one["station"]["name"] for one in first["items"] + rest["items"]]
    assert names == list(factories.STATIONS)
    assert rest["next"] is None


@pytest.mark.parametrize(
    "days", [{"from_day": "2026-02-30"}, {"until_day": "9999-12-31"}, {"after": "0"}, {"from": "2026-01-01"}]
)
async def test_malformed_span_of_days_is_refused(worker, days):
    lin = await worker("lin")

    assert (await lin.get("/station/satisfaction", params=days)).status_code == 400


async def test_call_back_is_listed_masked_revealed_and_recorded_once(grandma, need, worker):
    await grandma.put(f"/needs/{need.id}/rating", {"stars": 1})
    lin = await worker("lin")
    [call] = (await lin.get("/station/call-backs")).json()["items"]
    assert (call["name"], call["phone"], call["reason_words"]) == ("王**", "138****5678", "评价较低")
    assert (call["due_at"], call["overdue"]) == ("2026-03-13T10:00:00+08:00", False)
    path = f"/station/call-backs/{call['id']}"

    assert (await lin.post(f"{path}/contact")).json() == {"name": "王秀英", "phone": "13812345678"}
    result = {"reached": True, "satisfied": True, "note": "满意"}
    assert (await lin.post(f"{path}/result", result)).json()["satisfied"] is True

    again = await lin.post(f"{path}/result", result)
    assert (again.status_code, again.json()["code"]) == (409, "invalid_state")
    assert "已回访，您表示满意。" in (await grandma.get(f"/needs/{need.id}")).text


async def test_handler_has_no_call_back_to_make(grandma, town, worker):
    lin = await worker("lin")
    need = await steps.assign_need(town, await town.need(by=grandma.person_id), NOW, to="lin")
    await lin.post(f"/station/needs/{need.id}/start")
    await lin.post(f"/station/needs/{need.id}/resolution", {"outcome": "好"})
    await grandma.put(f"/needs/{need.id}/rating", {"stars": 1})
    zhao = await worker("zhao", head=True)
    [call] = (await zhao.get("/station/call-backs")).json()["items"]

    assert (await lin.get("/station/call-backs")).json()["items"] == []
    for what, body in (("contact", {}), ("result", {"reached": False})):
        answer = await lin.post(f"/station/call-backs/{call['id']}/{what}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "conflict_of_interest")


@pytest.mark.parametrize("result", [{"reached": True}, {"reached": False, "satisfied": True}])
async def test_result_needs_satisfaction_exactly_if_reached(worker, result):
    lin = await worker("lin")

    assert (await lin.post("/station/call-backs/1/result", result)).status_code == 400


async def test_call_back_of_confidential_need_shows_category_only(grandma, town, worker):
    need = await steps.resolve_need(town, await town.need(by=grandma.person_id, category="counselling"), NOW)
    await grandma.put(f"/needs/{need.id}/rating", {"stars": 1})
    lin = await worker("lin")

    [call] = (await lin.get("/station/call-backs")).json()["items"]

    assert (call["confidential"], call["name"], call["phone"]) == (True, None, None)
    assert (await lin.post(f"/station/call-backs/{call['id']}/contact")).status_code == 403
