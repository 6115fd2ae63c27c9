"""Volunteering for the resident, through HTTP."""

import pytest

from server.models import Person, Volunteer
from tests.domain.volunteers import volunteering
from tests.handlers.volunteers.told import APPLICATION, code


async def test_application_is_answered_with_its_station_and_can_be_read(li):
    assert (await li.get("/volunteers/me")).json() is None

    sent = await li.post("/volunteers", APPLICATION)

    assert sent.status_code == 201, sent.text
    mine = sent.json()
    assert (mine["status"], mine["status_words"], mine["station"]["name"]) == ("applied", "待审核", "邻玉社工站")
    assert mine["skills"] == ["culture", "elder_care"]
    assert mine["free_times"] == APPLICATION["free_times"]
    assert (mine["about"], mine["show_in_rankings"], mine["served_minutes"], mine["ban"]) == ("退休护士", True, 0, None)
    assert mine["stars"] == 0
    assert (await li.get("/volunteers/me")).json() == mine


async def test_application_with_the_same_key_is_made_once(li):
    first = await li.post("/volunteers", APPLICATION, key="application-of-li")
    again = await li.post("/volunteers", APPLICATION, key="application-of-li")
    other = await li.post("/volunteers", APPLICATION)

    assert first.json() == again.json()
    assert code(other) == (409, "already_submitted")
    assert await Volunteer.all().count() == 1


async def test_application_without_a_home_is_refused(phone_of, town):
    visitor = await phone_of("luren")

    assert code(await visitor.post("/volunteers", APPLICATION)) == (409, "home_required")


async def test_unknown_skill_is_named(li):
    answer = await li.post("/volunteers", APPLICATION | {"skills": ["juggling"]})

    assert code(answer) == (409, "category_not_available")
    assert answer.json()["details"] == {"categories": ["juggling"]}


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"skills": ["Elder Care"]}, "body.skills.0"),
        ({"skills": ["elder_care"] * 41}, "body.skills"),
        ({"about": "长" * 501}, "body.about"),
        ({"free_times": [{"weekday": 8, "from_minute": 0, "until_minute": 60}]}, "body.free_times.0.weekday"),
        ({"free_times": [{"weekday": 0, "from_minute": 0, "until_minute": 60}]}, "body.free_times.0.weekday"),
        ({"free_times": [{"weekday": 1, "from_minute": -1, "until_minute": 60}]}, "body.free_times.0.from_minute"),
        ({"free_times": [{"weekday": 1, "from_minute": 0, "until_minute": 1441}]}, "body.free_times.0.until_minute"),
        ({"free_times": [{"weekday": 1, "from_minute": 60, "until_minute": 60}]}, "body.free_times.0"),
        (
            {
                "free_times": [
                    {"weekday": 1, "from_minute": 60, "until_minute": 121},
                    {"weekday": 1, "from_minute": 120, "until_minute": 180},
                ]
            },
            "body.free_times",
        ),
        ({"status": "approved"}, "body.status"),
    ],
)
async def test_invalid_application_names_the_field(li, told, field):
    answer = await li.post("/volunteers", told)

    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]["fields"]] == [field]
    assert not await Volunteer.exists()


async def test_adjacent_free_times_are_accepted_and_sorted(li):
    spans = [(2, 0, 60), (1, 120, 1440), (1, 60, 120)]
    times = [dict(zip(("weekday", "from_minute", "until_minute"), span, strict=True)) for span in spans]

    mine = (await li.post("/volunteers", {"free_times": times})).json()

    assert [tuple(one.values()) for one in mine["free_times"]] == sorted(spans)


async def test_change_writes_given_fields_only(li):
    before = (await li.post("/volunteers", APPLICATION)).json()

    changed = await li.change("/volunteers/me", {"skills": ["tutoring"], "show_in_rankings": False})

    assert changed.json() == before | {"skills": ["tutoring"], "show_in_rankings": False}
    assert code(await li.change("/volunteers/me", {"skills": ["juggling"]})) == (409, "category_not_available")


async def test_approved_volunteer_has_the_role_and_is_notified(li, volunteer):
    mine = (await li.get("/volunteers/me")).json()

    assert (mine["status"], mine["decided_at"]) == ("approved", "2026-03-10T10:00:00+08:00")
    assert [role["kind"] for role in (await li.get("/me")).json()["roles"]] == ["volunteer"]
    assert [one["template"] for one in (await li.get("/me/notifications")).json()["items"]] == ["volunteer_approved"]


async def test_volunteer_is_no_staff(li, volunteer):
    assert code(await li.get("/station/volunteers")) == (403, "not_allowed")
    assert code(await li.post(f"/station/volunteers/{volunteer}/ban", {"reason": "x"})) == (403, "not_allowed")


async def test_declined_applicant_reads_the_reason_and_may_apply_again(li, chen):
    made = (await li.post("/volunteers", APPLICATION)).json()

    declined = await chen.post(f"/station/volunteers/{made['id']}/refusal", {"reason": "请先参加培训"})

    assert (declined.json()["status"], declined.json()["decision"]) == ("declined", "请先参加培训")
    assert (await li.get("/volunteers/me")).json()["decision"] == "请先参加培训"
    again = await li.post("/volunteers", APPLICATION)
    assert (again.status_code, again.json()["status"], again.json()["decision"]) == (201, "applied", "")


async def test_leaving_ends_volunteering(li, volunteer):
    left = await li.post("/volunteers/me/leaving")

    assert (left.json()["status"], left.json()["status_words"]) == ("left", "已退出")
    assert (await li.get("/me")).json()["roles"] == []
    assert code(await li.post("/volunteers/me/leaving")) == (409, "invalid_state")


async def test_leaving_with_an_open_task_is_refused(li, volunteer, town):
    await volunteering.task_of(town, await Person.get(id=li.person_id))

    answer = await li.post("/volunteers/me/leaving")

    assert code(answer) == (409, "task_open")
    assert answer.json()["details"] == {"tasks": 1}
