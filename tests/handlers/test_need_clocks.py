"""Deadlines over HTTP: the list by the next deadline, a reopening a week later, referrals that nobody answers."""

from datetime import datetime, timedelta

import pytest

from server.domain.needs import referrals, schedule
from server.models import Need, Referral
from tests import steps

OPEN_NEEDS = 42


@pytest.fixture
async def grandma(phone_of, town):
    found = await phone_of("wangnainai")
    assert (await found.put("/me/home", {"area_id": town.areas["团结村"].id})).status_code == 200
    return found


@pytest.fixture
async def chen(phone_of_staff):
    return await phone_of_staff("陈社工", "邻玉社工站")


async def pages(phone, **query):
    """Return the ids of all pages, twenty a page."""
    found, after = [], None
    while True:
        wanted = {"sort": "most_urgent", "limit": 20, **query} | ({"after": after} if after else {})
        page = (await phone.get("/station/needs", params=wanted)).json()
        found += [row["id"] for row in page["items"]]
        after = page["next"]
        if after is None:
            return found


async def test_emergency_due_in_minutes_is_before_42_open_needs_and_ended_ones_are_last(town, grandma, chen, clock):
    ended = await steps.need_in_state(town, "closed", clock.now(), by=grandma.person_id)
    for _ in range(OPEN_NEEDS):
        await steps.need_in_state(town, "accepted", clock.now(), by=grandma.person_id)
    emergency = await town.need(by=grandma.person_id, urgency="emergency", area_id=town.areas["团结村"].id)

    found = await pages(chen)

    assert (found[0], found[-1]) == (emergency.id, ended.id)
    assert len(found) == len(set(found)) == OPEN_NEEDS + 2
    first = (await chen.get("/station/needs", params={"sort": "most_urgent", "limit": 1})).json()["items"][0]
    assert datetime.fromisoformat(first["next_due_at"]) == clock.now() + timedelta(minutes=30)


async def test_cursor_of_another_order_is_refused(town, grandma, chen, clock):
    for _ in range(2):
        await steps.need_in_state(town, "submitted", clock.now(), by=grandma.person_id)

    for sort, other in (("most_urgent", "newest"), ("oldest", "most_urgent")):
        after = (await chen.get("/station/needs", params={"sort": sort, "limit": 1})).json()["next"]
        answer = await chen.get("/station/needs", params={"sort": other, "after": after})
        assert (answer.status_code, answer.json()["details"]["fields"][0]["field"]) == (400, "query.after")


async def test_two_stars_a_week_after_resolution_in_time_make_the_need_neither_overdue_nor_escalated(
    town, grandma, phone_of_staff, clock
):
    need = await steps.need_in_state(town, "resolved", clock.now(), by=grandma.person_id)
    clock.forward(days=7)
    assert (
        await grandma.put(f"/needs/{need.id}/rating", {"solved": "partly", "stars": 2, "tags": [], "comment": ""})
    ).status_code == 200

    await schedule.do_due_actions(need.id, now=clock.now())

    zhao = await phone_of_staff("赵站长二", "邻玉社工站", head=True)
    shown = (await zhao.get(f"/station/needs/{need.id}")).json()
    assert (shown["status"], shown["overdue"], shown["escalated"]) == ("reopened", False, False)
    assert datetime.fromisoformat(shown["next_due_at"]) > clock.now() + timedelta(days=4)
    assert not (await grandma.get(f"/needs/{need.id}")).json()["escalated"]
    due = (await Need.get(id=need.id)).completion_due_at
    clock.set(due)
    await schedule.do_due_actions(need.id, now=due)
    assert (await grandma.get(f"/needs/{need.id}")).json()["escalated"]


async def test_sender_of_an_unanswered_referral_recalls_it_and_works_on(town, grandma, chen, phone_of_staff, clock):
    zhou = await phone_of_staff("周社工", "蓝田社工站")
    need = await steps.need_in_state(town, "in_progress", clock.now(), by=grandma.person_id)
    path, to = f"/station/needs/{need.id}", town.stations["蓝田社工站"].id
    referral = await chen.post(f"{path}/referral", {"station_id": to, "reason": "已搬到蓝田"})
    assert referral.json()["status"] == "referred"

    assert (await chen.post(f"{path}/note", {"note": "已联系", "message": "请等一等"})).status_code == 200
    assert (await chen.post(f"{path}/contact", {"reason": "告诉老人"})).status_code == 200
    assert (await zhou.post(f"{path}/referral-recall")).status_code == 403
    assert (await chen.post(f"{path}/referral-recall")).json()["status"] == "in_progress"
    late = await zhou.post(f"{path}/referral-acceptance")
    assert late.status_code == 404
    again = await chen.post(f"{path}/referral-recall")
    assert (again.status_code, again.json()["code"]) == (409, "invalid_state")


async def test_referral_without_an_answer_is_back_at_its_sender_after_the_response_time(town, grandma, chen, clock):
    need = await steps.need_in_state(town, "referred", clock.now(), by=grandma.person_id)
    referral = await Referral.get(need_id=need.id)
    clock.set(referral.answer_due_at)

    await referrals.expire(referral.id, now=clock.now())

    shown = (await chen.get(f"/station/needs/{need.id}")).json()
    assert (shown["status"], shown["timeline"][-1]["kind"]) == ("accepted", "referral_recalled")
    assert "没有按时答复" in (await grandma.get(f"/needs/{need.id}")).json()["timeline"][-1]["message"]


async def test_need_in_progress_is_withdrawn_by_its_resident_and_never_declined(town, grandma, chen, clock):
    need = await steps.need_in_state(town, "in_progress", clock.now(), by=grandma.person_id)
    refusal = {"reason": "不属于服务范围", "alternative_help": "街道"}
    assert (await chen.post(f"/station/needs/{need.id}/decline", refusal)).json()["code"] == "invalid_state"
    assert "withdrawal" in (await grandma.get(f"/needs/{need.id}")).json()["allowed_actions"]

    gone = await grandma.post(f"/needs/{need.id}/withdrawal", {"reason": "已经解决"})

    assert (gone.json()["status"], gone.json()["allowed_actions"]) == ("withdrawn", [])
