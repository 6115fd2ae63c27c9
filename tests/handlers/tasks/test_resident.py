"""Tasks for the resident, through HTTP: consent, minutes, the thread of the need, disputes."""

import pytest

from server.domain.ledger import MINUTES, account_keys
from server.models import Person, ServiceRecord
from tests.conftest import NOW
from tests.factories import tasks, timebank
from tests.handlers.tasks.doing import NEW_TASK, finished, ok, refused


async def test_resident_reads_the_whole_service_in_the_thread(grandma, li, lin, task, clock):
    told = await finished(task, li, lin, clock)
    assert (told["status"], told["status_words"], told["allowed_actions"]) == ("finished", "待确认服务", ["dispute"])

    thread = await ok(await grandma.post(f"/tasks/{task['id']}/beneficiary-confirmation"))

    assert thread["id"] == task["need_id"]
    assert (thread["task"]["served_minutes"], thread["task"]["volunteer"], thread["task"]["allowed_actions"]) == (
        60,
        "李**",
        [],
    )
    said = [(one["actor"], one["message"]) for one in thread["timeline"]]
    assert said[2:] == [
        ("林社工（邻玉社工站）", "已将您的需求匿名发布给志愿者：陪老人取药。"),
        ("志愿者李**", "志愿者李**报名帮助您，等待站点确认。"),
        ("林社工（邻玉社工站）", "站点已确认由志愿者李**帮助您。"),
        ("志愿者李**", "志愿者已签到，开始服务。"),
        ("志愿者李**", "志愿者已签退，请您确认这次服务。"),
        ("您", "已确认志愿者的服务。"),
    ]
    again = await grandma.post(f"/tasks/{task['id']}/beneficiary-confirmation")
    assert refused(again) == (409, "invalid_state")


async def test_offered_minutes_are_held_and_shown(grandma, lin, town, need):
    await tasks.fund(account_keys.person(grandma.person_id, MINUTES), 100, town)
    offered = await ok(await grandma.post(f"/needs/{need.id}/minutes-offer", {"minutes": 60}))
    assert (offered["minutes_offered"], offered["task"]) == (60, None)

    published = await ok(await lin.post(f"/station/needs/{need.id}/task", {**NEW_TASK, "payer": "beneficiary"}), 201)

    assert (published["held_minutes"], published["payer"]) == (60, "beneficiary")
    assert (await ok(await grandma.get(f"/needs/{need.id}")))["task"]["held_minutes"] == 60
    assert refused(await grandma.delete(f"/needs/{need.id}/minutes-offer")) == (409, "task_open")


async def test_offer_is_withdrawn_once(grandma, need, town):
    await timebank.minutes(60, grandma.person_id, town.stations["邻玉社工站"], NOW)
    await ok(await grandma.post(f"/needs/{need.id}/minutes-offer", {"minutes": 60}))

    assert (await ok(await grandma.delete(f"/needs/{need.id}/minutes-offer")))["minutes_offered"] is None
    assert refused(await grandma.delete(f"/needs/{need.id}/minutes-offer")) == (404, "not_found")


async def test_publication_without_consent_is_refused(grandma, lin, need):
    path = f"/needs/{need.id}/contact-sharing"
    await ok(await grandma.put(path, {"allowed": False}))
    assert refused(await lin.post(f"/station/needs/{need.id}/task", NEW_TASK)) == (409, "consent_required")
    assert refused(await lin.post(f"/station{path}", {"verification": "电话"})) == (409, "consent_required")
    await Person.filter(id=grandma.person_id).update(openid=None)

    await ok(await lin.post(f"/station{path}", {"verification": "电话征得同意"}))

    await ok(await lin.post(f"/station/needs/{need.id}/task", NEW_TASK), 201)


@pytest.mark.parametrize("minutes", [0, -1, 1.5, "60", 1_000_001, 2**63])
async def test_invalid_amount_of_minutes_is_refused(grandma, need, minutes):
    answer = await grandma.post(f"/needs/{need.id}/minutes-offer", {"minutes": minutes})

    assert answer.json()["details"]["fields"][0]["field"] == "body.minutes"


async def test_staff_confirm_for_a_resident_without_phone(li, lin, task, grandma, clock):
    await finished(task, li, lin, clock)
    how, path = {"verification": "电话核实"}, f"/station/tasks/{task['id']}/beneficiary-confirmation"
    assert refused(await lin.post(path, how)) == (409, "too_early")
    await Person.filter(id=grandma.person_id).update(openid=None)

    shown = await ok(await lin.post(path, how))

    assert (shown["timeline"][-1]["kind"], shown["timeline"][-1]["note"]) == ("service_confirmed", "电话核实")
    assert shown["service_record_id"] is not None


async def test_undecided_dispute_shows_the_check_out_and_the_minutes_that_count(li, lin, zhao, task, clock):
    await finished(task, li, lin, clock, minutes=29 * 60)
    await ok(await li.post(f"/tasks/{task['id']}/dispute", {"text": "居民说我没有来"}), 201)

    [waiting] = (await ok(await zhao.get("/disputes")))["items"]

    assert (waiting["finished_at"], waiting["served_minutes"]) == ("2026-03-12T15:00:00+08:00", 180)


async def test_dispute_goes_from_statements_to_an_appeal(grandma, li, lin, zhao, served):
    path = f"/tasks/{served['id']}/dispute"
    opened = await ok(await grandma.post(path, {"text": "只来了十分钟"}), 201)
    assert (opened["your_statement"], opened["their_statement"], opened["minutes"]) == ("只来了十分钟", "", None)
    assert (await ok(await li.get(path)))["their_statement"] == "只来了十分钟"
    answered = await ok(await li.post(f"{path}/statement", {"text": "签到签退都在"}))
    assert (answered["your_statement"], answered["their_statement"]) == ("签到签退都在", "只来了十分钟")
    [waiting] = (await ok(await zhao.get("/disputes")))["items"]
    assert (waiting["raised_by"], waiting["served_minutes"], waiting["volunteer"]) == ("beneficiary", 60, "李**")

    decision = {"granted": True, "minutes": 30, "reason": "按实际认定"}
    decided = await ok(await zhao.post(f"/station/tasks/{served['id']}/dispute-decision", decision))

    record = await ServiceRecord.get(task_id=served["id"])
    assert decided == {
        "task_id": served["id"],
        "granted": True,
        "service_record_id": record.id,
        "minutes": 30,
        "final": False,
    }
    until = (await ok(await li.get(f"/tasks/{served['id']}")))["dispute"]["appeal_until"]
    assert until == "2026-03-18T11:00:00+08:00"
    appealed = await ok(await li.post(f"{path}/appeal", {"reason": "请再核实"}))
    assert (appealed["appeal_until"], appealed["appealed_at"] is None) == (None, False)
    shown = await ok(await lin.get(f"/station/tasks/{served['id']}"))
    assert shown["timeline"][-4]["actor"] == "居民王**"
