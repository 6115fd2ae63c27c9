"""Ratings and statistics of activities through HTTP."""

import pytest

from server.domain.activities import calendar_entries
from server.domain.satisfaction import activity_figures, activity_rating
from server.models import ActivityRating, Booking, Person
from tests.factories import activities
from tests.factories.attendance import add_attendee, finished_activity


@pytest.fixture
async def over(town):
    return await finished_activity(town)


@pytest.fixture
async def grandma(phone_of, over):
    """Return the phone of a person who attended yesterday."""
    phone = await phone_of("wangnainai")
    await add_attendee(over, await Person.get(id=phone.person_id))
    return phone


@pytest.fixture
async def worker(phone_of_staff, over):
    return await phone_of_staff("何社工", "邻玉社工站")


async def test_rating_is_given_read_and_changed(grandma, over):
    path = f"/activities/{over.id}/rating"
    assert (await grandma.get(path)).json() is None
    body = {"stars": 5, "tags": ["kind"], "comment": "谢谢"}

    first = await grandma.put(path, body)
    second = await grandma.put(path, body)

    assert first.status_code == 200, first.text
    assert first.json() == second.json() == (await grandma.get(path)).json()
    assert first.json()["changeable_until"] == "2026-03-11T10:00:00+08:00"
    assert await ActivityRating.all().count() == 1


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
async def test_invalid_rating_is_refused(grandma, over, body, field):
    answer = await grandma.put(f"/activities/{over.id}/rating", body)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]


async def test_absent_and_late_raters_are_refused(phone_of, grandma, over, clock):
    stranger = await phone_of("luren")
    path = f"/activities/{over.id}/rating"
    answer = await stranger.put(path, {"stars": 1})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_required")
    await grandma.put(path, {"stars": 5})
    clock.forward(hours=25)
    assert (await grandma.put(path, {"stars": 4})).json()["code"] == "deadline_passed"
    await ActivityRating.all().delete()
    clock.forward(days=15)

    late = await grandma.put(path, {"stars": 4})

    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


async def test_rating_before_the_end_or_by_an_organiser_is_refused(phone_of_staff, grandma, town, over, worker):
    soon = await activities.activity(town)
    await add_attendee(soon, await Person.get(id=grandma.person_id))
    early = await grandma.put(f"/activities/{soon.id}/rating", {"stars": 5})
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    own = await finished_activity(town, published_by_id=worker.person_id)
    await add_attendee(own, await Person.get(id=worker.person_id))

    answer = await worker.put(f"/activities/{own.id}/rating", {"stars": 5})

    assert (answer.status_code, answer.json()["code"]) == (403, "conflict_of_interest")


async def rate_as_others(over, *stars):
    for number in stars:
        by = (await add_attendee(over)).person_id
        content = {"stars": number, "tags": [], "comment": ""}
        await activity_rating.rate(over.id, **content, by=by, now=over.ends_at)


async def test_public_sees_the_ratings_of_an_activity_once_they_are_fixed(client, grandma, over, clock):
    await grandma.put(f"/activities/{over.id}/rating", {"stars": 4})
    await rate_as_others(over, 5, 5, 5, 5)
    await add_attendee(over)
    path = f"/api/v1/activities/{over.id}/satisfaction"
    early = await client.get(path)

    await activity_figures.fix(over.id, now=clock.forward(days=17))

    assert (early.status_code, early.json()) == (200, None)
    assert (await client.get(path)).json() == {
        "eligible_raters": 6,
        "ratings": 5,
        "response_percent": 83,
        "min_ratings": 5,
        "average": 4.8,
    }


async def test_public_sees_only_the_response_rate_of_too_few_ratings(client, grandma, over, clock):
    await grandma.put(f"/activities/{over.id}/rating", {"stars": 4})
    await add_attendee(over)

    await activity_figures.fix(over.id, now=clock.forward(days=17))

    few = (await client.get(f"/api/v1/activities/{over.id}/satisfaction")).json()
    assert few == {"eligible_raters": 2, "ratings": 1, "response_percent": 50, "min_ratings": 5, "average": None}


async def test_staff_read_ratings_and_comments_without_names_once_they_are_fixed(grandma, worker, over, clock):
    await grandma.put(f"/activities/{over.id}/rating", {"stars": 4, "tags": ["kind"], "comment": "很好"})
    await rate_as_others(over, 5, 5, 5, 1)
    path = f"/station/activities/{over.id}"
    early = (await worker.get(f"{path}/statistics")).json()
    assert (early["booked"], early["attended"], early["fill_percent"], early["rating"]) == (5, 5, 2, None)
    assert (await worker.get(f"{path}/comments")).json()["items"] == []

    await activity_figures.fix(over.id, now=clock.forward(days=17))
    figures = (await worker.get(f"{path}/statistics")).json()
    comments = (await worker.get(f"{path}/comments", params={"limit": 1})).json()

    assert (figures["rating"]["average"], figures["rating"]["distribution"]) == (4.0, [1, 0, 0, 1, 3])
    assert figures["rating"]["tags"] == [{"tag": "kind", "words": "态度和气", "count": 1}]
    assert comments["items"] == [{"comment": "很好", "month": "2026-03"}]
    rest = await worker.get(f"{path}/comments", params={"after": comments["next"]})
    assert rest.json() == {"items": [], "next": None}


async def test_calendar_entry_does_not_show_that_a_rating_came(grandma, over):
    booking = (await Booking.get(activity_id=over.id)).id
    before = (await calendar_entries.get(booking, to=grandma.person_id)).revision

    await grandma.put(f"/activities/{over.id}/rating", {"stars": 4})

    assert (await calendar_entries.get(booking, to=grandma.person_id)).revision == before


async def test_statistics_page_has_one_row_for_each_station(phone_of_staff, town, over):
    officer = await phone_of_staff("魏处长")

    first = (await officer.get("/station/activity-statistics", params={"limit": 4, "from_day": "2026-03-09"})).json()
    rest = (await officer.get("/station/activity-statistics", params={"limit": 4, "after": first["next"]})).json()

    held = {one["station"]["name"]: one["activities_held"] for one in first["items"] + rest["items"]}
    assert held == dict.fromkeys(town.stations, 0) | {"邻玉社工站": 1}
    assert rest["next"] is None


async def test_statistics_of_other_stations_are_hidden_and_residents_are_refused(phone_of_staff, town, over, grandma):
    zhou = await phone_of_staff("周师傅", "蓝田社工站")
    params = {"station": town.stations["邻玉社工站"].id}

    assert (await zhou.get("/station/activity-statistics", params=params)).status_code == 404
    for what in ("statistics", "comments"):
        assert (await zhou.get(f"/station/activities/{over.id}/{what}")).status_code == 404
        assert (await grandma.get(f"/station/activities/{over.id}/{what}")).status_code == 403


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"from_day": "2026-02-30"}, "from_day"),
        ({"until_day": "9999-12-31"}, "until_day"),
        ({"after": "0"}, "after"),
        ({"from_day": "2026-03-02", "until_day": "2026-03-01"}, "until_day"),
    ],
)
async def test_invalid_range_of_days_is_refused(worker, days, field):
    answer = await worker.get("/station/activity-statistics", params=days)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [f"query.{field}"]
