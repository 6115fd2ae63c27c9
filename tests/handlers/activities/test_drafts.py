"""Drafts through HTTP: created, read, edited, copied, repeated, discarded."""

import pytest

from server.domain.activities import posts, time_rules
from server.models import Activity, RuleKind
from tests.factories import drafts, points
from tests.handlers.test_photos import GOOD

PATH = "/station/activities"
TIMES = {
    "starts_at": "2026-03-17T09:00:00+08:00",
    "ends_at": "2026-03-17T11:30:00+08:00",
    "booking_opens_at": "2026-03-11T09:00:00+08:00",
    "priority_until": "2026-03-12T09:00:00+08:00",
    "booking_closes_at": "2026-03-16T18:00:00+08:00",
    "cancellation_until": "2026-03-16T18:00:00+08:00",
}
PLAIN = {"category": "culture", "title": "免费体检", "text": "请空腹前来。", "seats": 50, **TIMES}
BREAKFAST = {"name": "breakfast", "label": "需要早餐吗", "kind": "yes_no", "options": [], "required": True}


@pytest.fixture
async def worker(phone_of_staff):
    return await phone_of_staff("陈社工", "邻玉社工站")


@pytest.fixture
def said(town):
    """Return the smallest body of a draft."""
    where = {"station_id": town.stations["邻玉社工站"].id, "area_id": town.areas["邻玉街道"].id, "place": "社工站一楼"}
    return {**PLAIN, **where}


@pytest.fixture
async def draft(worker, said):
    answer = await worker.post(PATH, said)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_contract_has_the_limits_of_the_domain():
    assert time_rules.LONGEST.days == 7
    assert posts.MOST == 20


async def test_smallest_draft_is_accepted(draft, said, worker):
    assert {**draft, **{name: said[name] for name in (*TIMES, "title", "text", "seats", "place")}} == draft
    assert (draft["phase"], draft["phase_words"], draft["created_by"]) == ("draft", "草稿", "陈社工")
    assert (draft["category"], draft["category_name"], draft["max_party_size"]) == ("culture", "群众文化", 1)
    assert draft["area"]["path"] == "泸州市 · 江阳区 · 邻玉街道"
    assert (draft["seats_free"], draft["seats_taken"], draft["waiting_bookings"]) == (50, 0, 0)
    assert (draft["venue_id"], draft["published_by"], draft["photos"], draft["posts"]) == (None, None, [], [])
    assert (await worker.get(f"{PATH}/{draft['id']}")).json() == draft


async def test_all_fields_of_a_draft_are_returned(worker, said, town):
    rule, venue = await points.rule(town, RuleKind.ACTIVITY), await drafts.venue(town)
    photo = (await worker.call("POST", "/photos", files={"photo": ("poster.jpg", GOOD)})).json()
    more = {
        "venue_id": venue.id, "place": None, "max_party_size": 4, "min_age": 60, "max_age": 99, "rule_id": rule.id,
        "questions": [BREAKFAST], "for_area_ids": [town.areas["团结村"].id], "photo_ids": [photo["id"]],
        "posts": [{"title": "引导", "text": "带路", "places": 2}],
    }  # fmt: skip

    answer = await worker.post(PATH, {**said, **more})

    draft = answer.json()
    assert answer.status_code == 201, answer.text
    assert {name: draft[name] for name in ("max_party_size", "min_age", "max_age", "rule_id", "questions")} == {
        name: more[name] for name in ("max_party_size", "min_age", "max_age", "rule_id", "questions")
    }
    assert (draft["venue_name"], draft["place"]) == ("多功能室", "邻玉社工站多功能室")
    assert [area["name"] for area in draft["for_areas"]] == ["团结村"]
    assert [(post["title"], post["places"], post["places_taken"]) for post in draft["posts"]] == [("引导", 2, 0)]
    assert (await worker.client.get(draft["photos"][0]["large"])).status_code == 200


async def test_question_is_stored_as_plain_values(worker, draft):
    await worker.change(f"{PATH}/{draft['id']}", {"questions": [BREAKFAST]})

    assert (await Activity.get(id=draft["id"])).questions == [BREAKFAST]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"questions": [BREAKFAST, BREAKFAST]}, "body.questions"),
        ({"questions": [BREAKFAST | {"name": f"q{n}"} for n in range(9)]}, "body.questions"),
        ({"questions": [BREAKFAST | {"kind": "choice", "options": ["一个"]}]}, "body.questions.0.options"),
        ({"questions": [BREAKFAST | {"kind": "choice", "options": ["好", "好"]}]}, "body.questions.0.options"),
        ({"questions": [BREAKFAST | {"options": ["好", "不好"]}]}, "body.questions.0.options"),
        ({"questions": [BREAKFAST | {"name": "早餐"}]}, "body.questions.0.name"),
        ({"posts": [{"title": "签到", "places": 1}, {"title": "签到", "places": 2}]}, "body.posts"),
        ({"posts": [{"title": "签到", "places": 0}]}, "body.posts.0.places"),
        ({"seats": -1}, "body.seats"),
        ({"seats": "50"}, "body.seats"),
        ({"starts_at": "2026-03-17T09:00:00"}, "body.starts_at"),
        ({"min_age": 121}, "body.min_age"),
        ({"photo_ids": list(range(1, 11))}, "body.photo_ids"),
    ],
)
async def test_invalid_draft_is_refused(worker, said, wrong, field):
    answer = await worker.post(PATH, {**said, **wrong})

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]


async def test_wrong_times_are_named_together(worker, said):
    answer = await worker.post(
        PATH, {**said, "ends_at": TIMES["booking_opens_at"], "cancellation_until": TIMES["ends_at"]}
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_activity_plan")
    fields = [one["field"] for one in answer.json()["details"]["fields"]]
    assert fields == ["body.booking_closes_at", "body.cancellation_until", "body.ends_at"]


async def test_party_size_is_editable_until_publication(worker, draft):
    path = f"{PATH}/{draft['id']}"

    edited = await worker.change(path, {"title": "量血压", "min_age": 60, "priority_until": None})
    await Activity.filter(id=draft["id"]).update(status="published", listed=1)
    refused = await worker.change(path, {"max_party_size": 2})

    assert edited.json() == {**draft, "title": "量血压", "min_age": 60, "priority_until": None}
    assert (refused.status_code, refused.json()["code"]) == (409, "field_not_editable")
    assert refused.json()["details"] == {"fields": ["body.max_party_size"]}


async def test_discarded_draft_is_not_found(worker, draft):
    assert (await worker.post(f"{PATH}/{draft['id']}/discarding")).json() == {}

    assert (await worker.get(f"{PATH}/{draft['id']}")).status_code == 404


async def test_repeated_key_creates_one_draft(worker, said):
    first, again = [await worker.post(PATH, said, key="draft-the-check-up-1") for _ in range(2)]

    assert first.json() == again.json()
    assert await Activity.all().count() == 1


async def test_copy_names_what_it_lacks(worker, draft):
    answer = await worker.post(f"{PATH}/{draft['id']}/copy", {"starts_at": "2026-03-24T09:00:00+08:00"})

    copy = answer.json()["activity"]
    assert (answer.status_code, answer.json()["omitted_parts"]) == (201, [])
    assert (copy["starts_at"], copy["ends_at"]) == ("2026-03-24T09:00:00+08:00", "2026-03-24T11:30:00+08:00")
    assert copy["booking_opens_at"] == "2026-03-18T09:00:00+08:00"


async def test_series_lists_its_drafts_and_the_skipped_days(worker, draft, town):
    said = {"every_weeks": 1, "until_day": "2026-04-08", "working_days_only": True}

    answer = await worker.post(f"{PATH}/{draft['id']}/series", said)

    made = answer.json()
    assert (answer.status_code, made["every_weeks"], made["skipped_days"]) == (201, 1, [])
    days = [one["starts_at"][:10] for one in made["activities"]]
    assert days == ["2026-03-24", "2026-03-31", "2026-04-07"]
    assert (await worker.get(f"{PATH}/{made['activities'][0]['id']}")).json()["series_id"] == made["id"]


@pytest.mark.parametrize(
    ("rhythm", "field"),
    [
        ({}, "times"),
        ({"every_weeks": 1}, "times"),
        ({"times": 2, "until_day": "2026-04-08"}, "until_day"),
        ({"times": 0}, "times"),
    ],
)
async def test_series_needs_a_number_or_a_last_day(worker, draft, rhythm, field):
    answer = await worker.post(f"{PATH}/{draft['id']}/series", rhythm)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [f"body.{field}"]


@pytest.mark.parametrize("field", ["title", "seats", "starts_at", "for_area_ids", "questions", "photo_ids"])
async def test_required_fields_cannot_be_emptied(worker, draft, field):
    answer = await worker.change(f"{PATH}/{draft['id']}", {field: None})

    assert [one["field"] for one in answer.json()["details"]["fields"]] == [f"body.{field}"]


async def test_posts_are_added_changed_and_removed(worker, draft):
    path = f"{PATH}/{draft['id']}/posts"

    made = await worker.post(path, {"title": "引导", "places": 2})
    changed = await worker.change(f"{path}/{made.json()['id']}", {"places": 5, "text": "带路"})
    assert (made.status_code, made.json()["places_taken"]) == (201, 0)
    assert (await worker.get(f"{PATH}/{draft['id']}")).json()["posts"] == [changed.json()]
    assert changed.json() == {**made.json(), "places": 5, "text": "带路"}

    assert (await worker.delete(f"{path}/{made.json()['id']}")).status_code == 200
    assert (await worker.get(f"{PATH}/{draft['id']}")).json()["posts"] == []
