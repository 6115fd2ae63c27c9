"""Ratings, figures and call-backs over HTTP."""

from datetime import UTC, datetime

import pytest

import server.handlers.satisfaction  # noqa: F401 - declares the paths
from server.domain import daily_jobs, staff
from server.domain.satisfaction import need_rating
from server.models import Person, Policy, Rating, RoleKind
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import ratings

# In the night of 2 April the figures of March are fixed.
FIXED = datetime(2026, 4, 1, 19, tzinfo=UTC)


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
    body = {"solved": "partly", "stars": 5, "tags": ["kind"], "comment": "谢谢"}

    first = await grandma.put(path, body)
    second = await grandma.put(path, body)

    assert first.status_code == 200, first.text
    assert first.json() == second.json() == (await grandma.get(path)).json()
    assert first.json()["changeable_until"] == "2026-03-11T10:00:00+08:00"
    assert await Rating.all().count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"solved": "partly", "stars": 0}, "body.stars"),
        ({"solved": "partly", "stars": 6}, "body.stars"),
        ({"solved": "partly", "stars": 5, "tags": ["sexy"]}, "body.tags.0"),
        ({"solved": "partly", "stars": 5, "comment": "长" * 501}, "body.comment"),
        ({"solved": "yes"}, "body.stars"),
        ({"stars": 5}, "body.solved"),
        ({"solved": "maybe", "stars": 5}, "body.solved"),
    ],
)
async def test_malformed_rating_names_the_fields(grandma, need, body, field):
    answer = await grandma.put(f"/needs/{need.id}/rating", body)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]


async def test_stranger_does_not_find_the_need(phone_of, need):
    stranger = await phone_of("luren")

    assert (await stranger.put(f"/needs/{need.id}/rating", {"solved": "partly", "stars": 5})).status_code == 404
    assert (await stranger.get("/station/satisfaction")).status_code == 403
    assert (await stranger.get("/station/call-backs")).status_code == 403


async def test_late_change_and_late_rating_are_refused(grandma, need, clock):
    path = f"/needs/{need.id}/rating"
    await grandma.put(path, {"solved": "partly", "stars": 5})
    clock.forward(hours=25)
    assert (await grandma.put(path, {"solved": "partly", "stars": 4})).json()["code"] == "deadline_passed"

    await Rating.all().delete()
    clock.forward(days=15)

    late = await grandma.put(path, {"solved": "partly", "stars": 4})
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


@pytest.fixture
async def officer(phone_of, town):
    """The phone of an officer of 江阳区."""
    phone = await phone_of("officer")
    person = await Person.get(id=phone.person_id)
    await factories.role(person, RoleKind.COUNTY_OFFICER, NOW, area=town.areas["江阳区"])
    return phone


async def rate_as_others(town, *stars, comment="", category="elder_care"):
    """Resolve a need of a new person for each number of stars, and rate it."""
    for number in stars:
        person = await factories.person("居民", town.now, town.areas["团结村"])
        other = await steps.resolve_need(town, await town.need(by=person.id, category=category), town.now)
        await need_rating.rate(other.id, ratings.stars(number, [], comment), by=person.id, now=town.now)


async def test_figures_of_a_month_appear_once_when_no_rating_of_it_can_change(grandma, need, worker, town, clock):
    lin = await worker("lin")
    await grandma.put(
        f"/needs/{need.id}/rating", {"solved": "partly", "stars": 2, "tags": ["slow"], "comment": "等太久"}
    )
    await rate_as_others(town, 5, 5, 4, 3)

    # On the 27th there are five ratings, on the 30th six: neither day shows a figure.
    for day in (27, 30):
        clock.set(town.now.replace(day=day))
        await daily_jobs.fix_satisfaction(now=clock.now())
        assert await shown(lin, town) == (409, "too_early")
        town.now = clock.now()
        await rate_as_others(town, 5)

    await fix_march(clock)
    first = await shown(lin, town)
    town.now = clock.forward(days=10)
    await rate_as_others(town, 1, 1, 1, 1, 1)
    assert (first["ratings"], first["distribution"]) == (7, [0, 1, 1, 1, 4])
    assert await shown(lin, town) == first


async def fix_march(clock):
    clock.set(FIXED)
    await daily_jobs.fix_satisfaction(now=FIXED)


async def shown(phone, town):
    """Return the figures of March that the caller reads, or how they are refused."""
    params = {"station": town.stations["邻玉社工站"].id, "month": "2026-03"}
    answer = await phone.get("/station/satisfaction", params=params)
    if answer.status_code == 409:
        assert (await phone.get("/station/satisfaction/comments", params=params)).status_code == 409
        return answer.status_code, answer.json()["code"]
    [one] = answer.json()["items"]
    return one["needs"]


async def test_figures_hide_averages_of_too_few_ratings(grandma, need, worker, town, clock):
    await grandma.put(f"/needs/{need.id}/rating", {"solved": "partly", "stars": 5, "tags": ["kind"], "comment": "谢谢"})
    lin = await worker("lin")
    assert (await lin.get("/station/satisfaction")).json()["items"] == []
    await fix_march(clock)

    [found] = (await lin.get("/station/satisfaction")).json()["items"]
    comments = await lin.get("/station/satisfaction/comments", params={"station": found["station"]["id"]})

    figures = found["needs"]
    assert (found["month"], figures["resolved"], figures["rated"], figures["response_percent"]) == (
        "2026-03",
        1,
        1,
        100,
    )
    assert figures["average"] is figures["distribution"] is figures["tags"] is None
    assert found["activities"]["average"] is None
    assert comments.json()["items"] == []


async def test_enough_ratings_show_tags_and_comments_without_names_or_stars(grandma, need, worker, town, clock):
    await grandma.put(
        f"/needs/{need.id}/rating", {"solved": "partly", "stars": 4, "tags": ["kind"], "comment": "陈社工很好"}
    )
    await rate_as_others(town, 5, 5, 5, 2)
    await fix_march(clock)
    lin = await worker("lin")
    station = {"station": town.stations["邻玉社工站"].id}

    figures = await shown(lin, town)
    comments = (await lin.get("/station/satisfaction/comments", params={**station, "limit": 1})).json()

    assert (figures["average"], figures["distribution"]) == (4.2, [0, 1, 0, 1, 3])
    assert figures["tags"] == [{"tag": "kind", "words": "态度和气", "count": 1}]
    assert comments["items"] == [{"comment": "陈社工很好", "month": "2026-03"}]
    rest = await lin.get("/station/satisfaction/comments", params={**station, "after": comments["next"]})
    assert rest.json() == {"items": [], "next": None}


async def test_confidential_ratings_are_in_the_countys_figures_only(worker, officer, town, clock):
    await rate_as_others(town, 5, 5, 5, 5, 5)
    await rate_as_others(town, 1, 1, 1, 1, 1, comment="不要让别人知道", category="counselling")
    await fix_march(clock)
    zhao = await worker("zhao", head=True)

    [county] = (await officer.get("/county/satisfaction", params={"month": "2026-03"})).json()["items"]
    comments = await zhao.get("/station/satisfaction/comments", params={"station": town.stations["邻玉社工站"].id})

    assert (await shown(zhao, town))["average"] == 5.0
    assert (county["county_name"], county["needs"]["ratings"], county["needs"]["average"]) == ("江阳区", 10, 3.0)
    assert comments.json()["items"] == []
    assert (await zhao.get("/county/satisfaction")).status_code == 403


async def test_single_confidential_rating_is_hidden_in_the_difference_of_county_and_stations(
    worker, officer, town, clock
):
    await rate_as_others(town, 5, 5, 5, 5, 5)
    await rate_as_others(town, 1, category="counselling")
    await fix_march(clock)

    [county] = (await officer.get("/county/satisfaction")).json()["items"]

    assert (await shown(officer, town))["average"] == 5.0
    assert (county["needs"]["ratings"], county["needs"]["average"], county["needs"]["distribution"]) == (6, None, None)


async def test_handler_reads_no_stars_of_a_low_rating(grandma, town, worker):
    lin = await worker("lin")
    need = await steps.assign_need(town, await town.need(by=grandma.person_id), NOW, to="lin")
    await lin.post(f"/station/needs/{need.id}/start")
    await lin.post(f"/station/needs/{need.id}/resolution", {"outcome": "好"})
    await grandma.put(
        f"/needs/{need.id}/rating", {"solved": "partly", "stars": 2, "tags": ["slow"], "comment": "林社工不守时"}
    )

    read = [
        await lin.get(path)
        for path in (
            f"/station/needs/{need.id}",
            "/station/needs",
            "/me/notifications",
            "/station/call-backs",
            "/station/satisfaction",
        )
    ]

    assert [one.status_code for one in read] == [200] * 5
    for words in ("stars", "不守时", "等得太久", "评价较低"):
        assert not [one for one in read if words in one.text], words
    assert (await lin.get(f"/needs/{need.id}/rating")).status_code == 404


async def test_figures_of_other_station_are_not_found(worker, town):
    zhou = await worker("zhou", "蓝田社工站")
    station = {"station": town.stations["邻玉社工站"].id}

    assert (await zhou.get("/station/satisfaction", params=station)).status_code == 404
    assert (await zhou.get("/station/satisfaction/comments", params=station)).status_code == 404
    assert (await zhou.get("/station/satisfaction/comments")).status_code == 400


async def test_stations_are_listed_in_pages(phone_of, town, clock):
    wei = await phone_of("wei")
    await factories.role(await Person.get(id=wei.person_id), RoleKind.CITY_OFFICER, NOW)
    await fix_march(clock)

    first = (await wei.get("/station/satisfaction", params={"limit": 4})).json()
    rest = (await wei.get("/station/satisfaction", params={"limit": 4, "after": first["next"]})).json()

    names = [one["station"]["name"] for one in first["items"] + rest["items"]]
    assert names == list(factories.STATIONS)
    assert rest["next"] is None


@pytest.mark.parametrize(
    "query", [{"month": "2026-13"}, {"month": "2026-3"}, {"after": "0"}, {"from_day": "2026-01-01"}, {"until_day": ""}]
)
async def test_malformed_month_or_span_of_days_is_refused(worker, query):
    lin = await worker("lin")

    assert (await lin.get("/station/satisfaction", params=query)).status_code == 400


async def test_call_back_is_listed_masked_revealed_and_recorded_once(grandma, need, worker):
    await grandma.put(f"/needs/{need.id}/rating", {"solved": "partly", "stars": 1})
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
    await grandma.put(f"/needs/{need.id}/rating", {"solved": "partly", "stars": 1})
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
    await grandma.put(f"/needs/{need.id}/rating", {"solved": "partly", "stars": 1})
    lin, head = await worker("lin"), await worker("head", head=True)

    [call] = (await head.get("/station/call-backs")).json()["items"]

    assert (call["confidential"], call["name"], call["phone"]) == (True, None, None)
    assert (await lin.get("/station/call-backs")).json()["items"] == []
    assert (await lin.post(f"/station/call-backs/{call['id']}/contact")).status_code == 403
