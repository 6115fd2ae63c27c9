"""Activities through HTTP: 路人 finds one without sign-in, 王奶奶 reads its page, 陈社工 sees the station's list."""

from datetime import timedelta

import pytest

from server.models import Activity, ActivityArea, ActivitySeries, ActivityStatus, Person, Photo
from tests.conftest import NOW
from tests.factories import activities as make

DAY = timedelta(days=1)
S = ActivityStatus


@pytest.fixture
def browse(client):
    async def browse(**query):
        answer = await client.get("/api/v1/activities", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return browse


async def titles(browse, **query):
    return [one["title"] for one in (await browse(**query))["items"]]


async def test_coming_activities_are_listed_without_sign_in(town, browse):
    activity = await make.activity(town, seats=5, seats_taken=2, seats_held=1, waiting=1)

    [row] = (await browse())["items"]

    assert (row["id"], row["title"], row["phase"], row["phase_words"]) == (
        activity.id, "免费体检", "booking_open", "报名中",
    )  # fmt: skip
    assert (row["seats"], row["seats_free"], row["waiting_bookings"]) == (5, 2, 1)
    assert (row["station"]["name"], row["station"]["phone"]) == ("邻玉社工站", "0830-2000000")
    assert (row["area"], row["category"], row["category_name"]) == ("邻玉街道", "culture", "群众文化")
    assert (row["starts_at"], row["series"], row["photo"]) == ("2026-03-13T10:00:00+08:00", None, None)


@pytest.mark.parametrize(
    ("counts", "may_have_to_wait"),
    [
        ({"seats_taken": 4}, False),
        ({"seats_taken": 4, "seats_held": 1}, True),
        ({"seats_taken": 5}, True),
        ({"seats_taken": 3, "waiting": 1}, True),
    ],
)
async def test_list_says_that_a_booking_would_wait(town, browse, counts, may_have_to_wait):
    await make.activity(town, seats=5, **counts)

    [row] = (await browse())["items"]

    assert row["may_have_to_wait"] is may_have_to_wait


async def test_party_limit_is_at_most_the_seats(town, client):
    activity = await make.activity(town, seats=2, max_party_size=6)

    assert (await client.get(f"/api/v1/activities/{activity.id}")).json()["max_party_size"] == 2


async def test_filters_narrow_the_list(town, browse):
    await make.activity(town, title="义诊")
    later = NOW + 9 * DAY
    await make.activity(town, title="讲座", station="蓝田社工站", starts_at=later)
    there = town.stations["蓝田社工站"]

    assert await titles(browse, area=there.area_id) == ["讲座"]
    assert await titles(browse, station=there.id) == ["讲座"]
    assert await titles(browse, category="culture", query="义") == ["义诊"]
    assert await titles(browse, from_day="2026-03-14") == ["讲座"]
    assert await titles(browse, until_day="2026-03-13") == ["义诊"]


async def test_list_continues_on_the_next_page(town, browse):
    for number in range(3):
        await make.activity(town, title=f"第{number}场", starts_at=NOW + number * DAY + DAY, booking_opens_at=NOW - DAY)

    first = await browse(limit=2)
    second = await browse(limit=2, after=first["next"])

    assert [one["title"] for one in first["items"] + second["items"]] == ["第0场", "第1场", "第2场"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from_day": "2026-03-14", "until_day": "2026-03-13"}, "query.until_day"),
        ({"from_day": "soon"}, "query.from_day"),
        ({"from_day": "2026-02-30"}, "query.from_day"),
        ({"until_day": "1899-12-31"}, "query.until_day"),
        ({"query": ""}, "query.query"),
        ({"query": "体" * 41}, "query.query"),
        ({"after": "x"}, "query.after"),
        ({"limit": 51}, "query.limit"),
        ({"order": "title"}, "query.order"),
    ],
    ids=str,
)
async def test_invalid_filters_are_named(client, query, field):
    answer = await client.get("/api/v1/activities", params=query)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]


@pytest.mark.parametrize("query", [{"area": 999_999}, {"category": "no_such_thing"}])
async def test_unknown_area_or_category_is_not_found(town, client, query):
    assert (await client.get("/api/v1/activities", params=query)).status_code == 404


async def test_page_has_everything_for_residents(town, client):
    series = await ActivitySeries.create(
        station=town.stations["邻玉社工站"], every_weeks=2, created_at=NOW, created_by_id=town.grandma.id
    )
    questions = [{"name": "breakfast", "label": "需要早餐吗", "kind": "yes_no", "options": [], "required": True}]
    activity = await make.activity(
        town, series=series, priority_until=NOW + DAY, min_age=60, questions=questions, max_party_size=3
    )
    other = await make.activity(town, series=series, starts_at=NOW + 17 * DAY)
    await ActivityArea.create(activity=activity, area=town.areas["团结村"])
    post = await make.post(activity, 2)
    await post.filter(id=post.id).update(taken=1)

    page = (await client.get(f"/api/v1/activities/{activity.id}")).json()

    assert page["area_reference"]["path"] == "泸州市 · 江阳区 · 邻玉街道"
    assert [one["path"] for one in page["for_areas"]] == ["泸州市 · 江阳区 · 邻玉街道 · 团结村"]
    assert (page["min_age"], page["max_age"], page["max_party_size"]) == (60, None, 3)
    assert page["priority_until"] == "2026-03-11T10:00:00+08:00"
    assert page["cancellation_until"] == "2026-03-12T10:00:00+08:00"
    assert [one["label"] for one in page["questions"]] == ["需要早餐吗"]
    assert [(one["title"], one["places"], one["places_free"]) for one in page["posts"]] == [("签到", 2, 1)]
    assert page["series"]["words"] == "每2周一次"
    assert [one["id"] for one in page["other_dates"]] == [other.id]


async def test_weekly_series_says_so(town, browse):
    by = town.grandma.id
    series = await ActivitySeries.create(
        station=town.stations["邻玉社工站"], every_weeks=1, created_at=NOW, created_by_id=by
    )
    await make.activity(town, series=series)

    [row] = (await browse())["items"]

    assert row["series"] == {"id": series.id, "every_weeks": 1, "words": "每周一次"}


async def test_photos_have_signed_links(town, client, browse):
    activity = await make.activity(town)
    facts = {"name": "c" * 40, "width": 8, "height": 8, "created_at": NOW}
    photo = await Photo.create(owner=town.grandma, subject_key=f"activity:{activity.id}", **facts)

    page = (await client.get(f"/api/v1/activities/{activity.id}")).json()
    [row] = (await browse())["items"]

    assert page["photos"] == [row["photo"]]
    assert row["photo"]["id"] == photo.id
    assert f"/photos/{photo.id}?size=small&until=" in row["photo"]["small"]
    assert "&signature=" in row["photo"]["small"]


async def test_draft_has_no_page_and_cancelled_activity_has_the_reason(town, client, browse):
    draft = await make.activity(town, status=S.DRAFT, listed=0)
    cancelled = await make.activity(town, status=S.CANCELLED, listed=0, end_reason="医生临时有任务")

    page = (await client.get(f"/api/v1/activities/{cancelled.id}")).json()

    assert (page["phase"], page["phase_words"], page["end_reason"]) == ("cancelled", "已取消", "医生临时有任务")
    assert (await client.get(f"/api/v1/activities/{draft.id}")).status_code == 404
    assert await titles(browse) == []


async def test_page_hides_staff_fields_and_secrets(town, client):
    activity = await make.activity(town)

    said = (await client.get(f"/api/v1/activities/{activity.id}")).text

    assert activity.check_in_secret not in said
    assert "林社工" not in said
    assert "created_by" not in said


async def test_own_booking_is_found_from_the_activity(town, phone_of):
    wang, li = await phone_of("wangnainai"), await phone_of("xiaoli")
    activity = await make.activity(town)
    booking = await make.row(activity, await Person.get(id=wang.person_id))

    mine = (await wang.get(f"/activities/{activity.id}/my-booking")).json()

    assert (mine["id"], mine["status"], mine["is_mine"]) == (booking.id, "booked", True)
    assert (await li.get(f"/activities/{activity.id}/my-booking")).json() is None


async def test_ended_booking_is_not_the_current_one(town, phone_of):
    wang = await phone_of("wangnainai")
    activity = await make.activity(town)
    await make.row(activity, await Person.get(id=wang.person_id), "cancelled")

    assert (await wang.get(f"/activities/{activity.id}/my-booking")).json() is None


async def test_staff_see_drafts_and_counts_of_their_own_station(town, phone_of_staff):
    chen = await phone_of_staff("陈芳", "邻玉社工站")
    draft = await make.activity(town, status=S.DRAFT, listed=0)
    published = await make.activity(town, starts_at=NOW + 5 * DAY, seats=5, seats_taken=2, seats_held=1, waiting=4)
    await make.activity(town, station="蓝田社工站")
    await make.post(published, 3)

    rows = (await chen.get("/station/activities")).json()["items"]

    assert [(one["id"], one["phase"]) for one in rows] == [(published.id, "booking_open"), (draft.id, "draft")]
    counts = ("seats_taken", "seats_held", "seats_free", "waiting_bookings", "post_places", "post_places_taken")
    assert [rows[0][name] for name in counts] == [2, 1, 2, 4, 3, 0]
    assert [rows[1][name] for name in counts] == [0, 0, 3, 0, 0, 0]


async def test_station_list_is_filtered_and_paged(town, phone_of_staff):
    chen = await phone_of_staff("陈芳", "邻玉社工站")
    for number in range(3):
        await make.activity(town, starts_at=NOW + (number + 1) * DAY, booking_opens_at=NOW - DAY)
    await make.activity(town, status=S.DRAFT, listed=0)

    asked = {"phase": ["booking_open", "running"], "limit": 2}
    first = (await chen.get("/station/activities", params=asked)).json()
    second = (await chen.get("/station/activities", params=asked | {"after": first["next"]})).json()
    day = (await chen.get("/station/activities", params={"from_day": "2026-03-12", "until_day": "2026-03-12"})).json()

    open_ = await Activity.filter(status=S.PUBLISHED).order_by("-starts_at").values_list("id", flat=True)
    assert [one["id"] for one in first["items"] + second["items"]] == open_
    assert [one["id"] for one in day["items"]] == [open_[1]]


async def test_residents_cannot_read_a_station_list(town, phone_of):
    wang = await phone_of("wangnainai")

    assert (await wang.get("/station/activities")).status_code == 403


async def test_own_booking_of_a_missing_activity_is_not_found(phone_of):
    phone = await phone_of("wangnainai")

    assert (await phone.get("/activities/999/my-booking")).status_code == 404
