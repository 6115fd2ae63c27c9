"""Tasks through HTTP: from a need to a confirmed service, and to a decided dispute."""

from datetime import timedelta

import pytest

from miniprogram_contract import needs as contract
from miniprogram_contract.station_tasks import Payer as ContractPayer
from server.domain.ledger import MINUTES, keys
from server.domain.tasks import claiming, serving
from server.models import Need, Payer, Person, Reading, RoleKind, Task, TaskStatus, Volunteer
from tests import make, make_tasks, make_volunteers, steps
from tests.conftest import NOW
from tests.make_stations import phone_with_role
from tests.make_tasks import ENDS, HERE, STARTS

TOLD = {
    "title": "陪老人取药",
    "text": "陪同步行去取药。",
    "starts_at": "2026-03-11T10:00:00+08:00",
    "ends_at": "2026-03-11T12:00:00+08:00",
    "expected_minutes": 90,
}
REASON = {"reason": "时间有变"}


@pytest.fixture
async def town(app):
    return await make.city(NOW)


@pytest.fixture
async def grandma(phone_of, town):
    """王奶奶 on her phone."""
    phone = await phone_of("wangnainai")
    await Person.filter(id=phone.person_id).update(home_id=town.areas["团结村"].id, name="王秀英")
    return phone


@pytest.fixture
async def li(phone_of, town):
    """小李, an approved volunteer."""
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李志强")
    await make_volunteers.approved(await Person.get(id=phone.person_id), town.stations[HERE], NOW)
    return phone


@pytest.fixture
async def lin(phone_of, town):
    return await phone_with_role(phone_of, "林社工", RoleKind.SOCIAL_WORKER, station=town.stations[HERE])


@pytest.fixture
async def zhao(phone_of, town):
    return await phone_with_role(phone_of, "赵站长", RoleKind.STATION_HEAD, station=town.stations[HERE])


@pytest.fixture
async def need(town, grandma):
    filed = await town.need(by=grandma.person_id, may_share_contact=True, place="酒城大道3号")
    return await steps.accepted(town, filed, NOW)


@pytest.fixture
async def task(need, lin):
    answer = await lin.post(f"/station/needs/{need.id}/task", TOLD)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def ok(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


async def refused(answer):
    return answer.status_code, answer.json()["code"]


async def confirmed(task, li, lin):
    await ok(await li.post(f"/tasks/{task['id']}/claim"))
    return await ok(await lin.post(f"/station/tasks/{task['id']}/confirmation"))


async def finished(task, li, lin, clock):
    await confirmed(task, li, lin)
    clock.set(STARTS)
    await ok(await li.post(f"/tasks/{task['id']}/start"))
    clock.forward(minutes=60)
    return await ok(await li.post(f"/tasks/{task['id']}/finish"))


async def test_a_need_is_helped_with_and_the_resident_reads_it_all_in_one_thread(grandma, li, lin, task, clock):
    told = await finished(task, li, lin, clock)
    assert (told["status"], told["status_words"], told["may"]) == ("finished", "待确认服务", ["dispute"])

    thread = await ok(await grandma.post(f"/tasks/{task['id']}/beneficiary-confirmation"))

    assert thread["id"] == task["need_id"]
    assert (thread["task"]["served_minutes"], thread["task"]["volunteer"], thread["task"]["may"]) == (60, "李**", [])
    said = [(one["who"], one["said"]) for one in thread["timeline"]]
    assert said[2:] == [
        ("林社工（邻玉社工站）", "已将您的需求匿名发布给志愿者：陪老人取药。"),
        ("志愿者李**", "志愿者李**报名帮助您，等待站点确认。"),
        ("林社工（邻玉社工站）", "站点已确认由志愿者李**帮助您。"),
        ("志愿者李**", "志愿者已签到，开始服务。"),
        ("志愿者李**", "志愿者已签退，请您确认这次服务。"),
        ("您", "已确认志愿者的服务。"),
    ]
    again = await grandma.post(f"/tasks/{task['id']}/beneficiary-confirmation")
    assert await refused(again) == (409, "record_not_now")


async def test_volunteers_never_read_whom_it_is_for_before_it_is_confirmed(li, lin, task):
    listed = await li.get("/tasks", params={"mine": "true"})
    one = await li.get(f"/tasks/{task['id']}")
    claimed = await li.post(f"/tasks/{task['id']}/claim")
    own = await li.get("/tasks/mine")

    for answer in (listed, one, claimed, own):
        assert answer.status_code == 200
        assert not [secret for secret in ("王秀英", "13812345678", "酒城大道") if secret in answer.text]
    assert [each["id"] for each in listed.json()["items"]] == [task["id"]]
    early = await li.post(f"/tasks/{task['id']}/contact", {"reason": "上门"})
    assert await refused(early) == (409, "task_not_now")


async def test_the_confirmed_volunteer_reads_the_contact_and_the_resident_sees_it(grandma, li, lin, need, task):
    await confirmed(task, li, lin)

    contact = await ok(await li.post(f"/tasks/{task['id']}/contact", {"reason": "明天上午上门"}))

    assert contact == {"name": "王秀英", "phone": "13812345678", "place": "酒城大道3号", "area": "团结村"}
    assert (await Reading.get(person_id=grandma.person_id)).reader_id == li.person_id
    line = (await ok(await grandma.get(f"/needs/{need.id}")))["timeline"][-1]
    assert (line["who"], line["said"]) == ("志愿者李**", "志愿者查看了您的联系方式，原因：明天上午上门。")


async def test_staff_read_the_timeline_with_masked_names(li, lin, need, task):
    await confirmed(task, li, lin)

    shown = await ok(await lin.get(f"/station/tasks/{task['id']}"))
    worked = await ok(await lin.get(f"/station/needs/{need.id}"))

    assert (shown["volunteer"], shown["need_id"], shown["status_words"]) == ("李**", need.id, "已确认志愿者")
    assert [line["who"] for line in shown["timeline"]] == ["林社工", "志愿者李**", "林社工"]
    assert [line["who"] for line in worked["timeline"]][-2:] == ["志愿者李**", "林社工"]


async def test_the_stations_list_goes_page_by_page_and_by_status(lin, town, task):
    wish = {**TOLD, "station_id": town.stations[HERE].id, "area_id": town.areas["邻玉街道"].id}
    await ok(await lin.post("/station/tasks", {**wish, "category": "culture", "place": "文化站"}), 201)

    first = await ok(await lin.get("/station/tasks", params={"limit": 1}))
    second = await ok(await lin.get("/station/tasks", params={"limit": 1, "after": first["next"]}))
    of_need = await ok(await lin.get("/station/tasks", params={"need": task["need_id"], "status": "published"}))

    assert len({one["id"] for one in first["items"] + second["items"]}) == 2
    assert [one["id"] for one in of_need["items"]] == [task["id"]]
    assert (await ok(await lin.get("/station/tasks", params={"status": "claimed"})))["items"] == []


async def test_a_wish_has_the_station_for_its_contact(li, lin, town):
    wish = {**TOLD, "station_id": town.stations[HERE].id, "area_id": town.areas["邻玉街道"].id}
    made = await ok(await lin.post("/station/tasks", {**wish, "category": "culture", "place": "文化站"}), 201)
    await confirmed(made, li, lin)

    contact = await ok(await li.post(f"/tasks/{made['id']}/contact", REASON))

    assert contact == {"name": HERE, "phone": "0830-2000000", "place": "文化站", "area": "邻玉街道"}


async def test_minutes_are_offered_held_and_shown(grandma, lin, town, need):
    await make_tasks.fund(keys.person(grandma.person_id, MINUTES), 100, town)
    offered = await ok(await grandma.post(f"/needs/{need.id}/minutes-offer", {"minutes": 60}))
    assert (offered["minutes_offered"], offered["task"]) == (60, None)

    published = await ok(await lin.post(f"/station/needs/{need.id}/task", {**TOLD, "payer": "beneficiary"}), 201)

    assert (published["held_minutes"], published["payer"]) == (60, "beneficiary")
    assert (await ok(await grandma.get(f"/needs/{need.id}")))["task"]["held_minutes"] == 60
    assert await refused(await grandma.delete(f"/needs/{need.id}/minutes-offer")) == (409, "task_open")


async def test_an_offer_is_taken_back(grandma, need):
    await ok(await grandma.post(f"/needs/{need.id}/minutes-offer", {"minutes": 60}))

    assert (await ok(await grandma.delete(f"/needs/{need.id}/minutes-offer")))["minutes_offered"] is None
    assert await refused(await grandma.delete(f"/needs/{need.id}/minutes-offer")) == (404, "not_found")


async def test_without_consent_the_resident_is_asked_first(grandma, lin, need):
    path = f"/needs/{need.id}/contact-sharing"
    await ok(await grandma.put(path, {"allowed": False}))
    assert await refused(await lin.post(f"/station/needs/{need.id}/task", TOLD)) == (409, "consent_needed")
    assert await refused(await lin.post(f"/station{path}", {"how": "电话"})) == (409, "ask_on_the_phone")
    await Person.filter(id=grandma.person_id).update(openid=None)

    await ok(await lin.post(f"/station{path}", {"how": "电话征得同意"}))

    await ok(await lin.post(f"/station/needs/{need.id}/task", TOLD), 201)


@pytest.mark.parametrize("minutes", [0, -1, 1.5, "60", 1_000_001, 2**63])
async def test_what_is_no_amount_of_minutes_is_no_offer(grandma, need, minutes):
    answer = await grandma.post(f"/needs/{need.id}/minutes-offer", {"minutes": minutes})

    assert answer.json()["details"]["fields"][0]["field"] == "body.minutes"


@pytest.mark.parametrize(
    "told",
    [
        {"payer": "pool"},
        {"reason": "低保户"},
        {"payer": "station"},
        {"expected_minutes": 0},
        {"starts_at": "2026-03-11T10:00:00"},
        {"title": "长" * 61},
    ],
)
async def test_what_is_no_task_is_refused(lin, need, told):
    assert await refused(await lin.post(f"/station/needs/{need.id}/task", {**TOLD, **told})) == (400, "bad_input")
    assert not await Task.exists()


async def test_refusals_name_the_field(lin, need):
    path = f"/station/needs/{need.id}/task"

    named = await lin.post(path, {**TOLD, "text": "找王秀英"})
    past = await lin.post(path, {**TOLD, "starts_at": "2026-03-10T09:59:00+08:00"})

    assert named.json()["details"] == {"fields": [{"field": "body.text", "problem": "含有姓名"}]}
    assert (past.json()["code"], past.json()["details"]) == ("task_time_wrong", {"field": "body.starts_at"})


async def test_a_volunteer_gives_a_task_back_and_is_refused_another_time(li, lin, task):
    path = f"/tasks/{task['id']}"
    await ok(await li.post(f"{path}/claim"))
    assert (await ok(await li.post(f"{path}/claim-withdrawal")))["may"] == ["claim"]
    await ok(await li.post(f"{path}/claim"))

    shown = await ok(await lin.post(f"/station{path}/refusal", {"reason": "需要女性志愿者"}))

    assert (shown["status"], shown["volunteer"]) == ("published", None)
    notice = (await ok(await li.get("/me/notices")))["items"][0]
    assert notice["body"] == "站点没有确认您的认领，原因：需要女性志愿者"


async def test_a_banned_volunteer_still_gives_back_what_they_have(li, task):
    await ok(await li.post(f"/tasks/{task['id']}/claim"))
    await Volunteer.filter(person_id=li.person_id).update(status="banned")

    assert (await ok(await li.post(f"/tasks/{task['id']}/claim-withdrawal")))["status"] == "published"
    assert await refused(await li.get(f"/tasks/{task['id']}")) == (403, "not_a_volunteer")


async def test_a_cancelled_task_tells_its_volunteer_why(li, lin, task):
    await ok(await li.post(f"/tasks/{task['id']}/claim"))

    await ok(await lin.post(f"/station/tasks/{task['id']}/cancellation", REASON))

    [own] = (await ok(await li.get("/tasks/mine")))["items"]
    assert (own["status_words"], own["ended_because"], own["mine"]) == ("已取消", "时间有变", True)


async def test_a_no_show_makes_room_for_another_task(li, lin, need, task, clock):
    await confirmed(task, li, lin)
    assert await refused(await lin.post(f"/station/tasks/{task['id']}/no-show", REASON)) == (409, "task_too_early")
    clock.set(ENDS)

    await ok(await lin.post(f"/station/tasks/{task['id']}/no-show", REASON))

    later = {"starts_at": "2026-03-12T10:00:00+08:00", "ends_at": "2026-03-12T12:00:00+08:00"}
    await ok(await lin.post(f"/station/needs/{need.id}/task", {**TOLD, **later}), 201)


async def test_staff_confirm_for_who_has_no_phone(li, lin, task, grandma, clock):
    await finished(task, li, lin, clock)
    how, path = {"how": "电话核实"}, f"/station/tasks/{task['id']}/beneficiary-confirmation"
    assert await refused(await lin.post(path, how)) == (409, "task_too_early")
    await Person.filter(id=grandma.person_id).update(openid=None)

    shown = await ok(await lin.post(path, how))

    assert (shown["timeline"][-1]["kind"], shown["timeline"][-1]["note"]) == ("service_confirmed", "电话核实")
    assert shown["service_record_id"] is not None


@pytest.fixture
async def served(task, li, lin, clock):
    return await finished(task, li, lin, clock)


async def test_a_dispute_goes_from_words_to_an_appeal(grandma, li, lin, zhao, served):
    path = f"/tasks/{served['id']}/dispute"
    opened = await ok(await grandma.post(path, {"words": "只来了十分钟"}), 201)
    assert (opened["your_words"], opened["their_words"], opened["minutes"]) == ("只来了十分钟", "", None)
    assert (await ok(await li.get(path)))["their_words"] == "只来了十分钟"
    answered = await ok(await li.post(f"{path}/words", {"words": "签到签退都在"}))
    assert (answered["your_words"], answered["their_words"]) == ("签到签退都在", "只来了十分钟")
    [waiting] = (await ok(await zhao.get("/disputes")))["items"]
    assert (waiting["raised_by"], waiting["served_minutes"], waiting["volunteer"]) == ("beneficiary", 60, "李**")

    decision = {"minutes": 30, "decision": "按实际认定"}
    decided = await ok(await zhao.post(f"/station/tasks/{served['id']}/dispute-decision", decision))

    assert decided == {"task_id": served["id"], "minutes": 30, "final": False}
    until = (await ok(await li.get(f"/tasks/{served['id']}")))["dispute"]["appeal_until"]
    assert until == "2026-03-18T11:00:00+08:00"
    appealed = await ok(await li.post(f"{path}/appeal", {"reason": "请再核实"}))
    assert (appealed["appeal_until"], appealed["appealed_at"] is None) == (None, False)
    shown = await ok(await lin.get(f"/station/tasks/{served['id']}"))
    assert shown["timeline"][-4]["who"] == "居民王**"


async def test_claiming_again_with_the_same_key_is_the_same_claim(li, task):
    first = await li.post(f"/tasks/{task['id']}/claim", key="claim-0001")
    second = await li.post(f"/tasks/{task['id']}/claim", key="claim-0001")

    assert first.json() == second.json()
    assert (await Task.get(id=task["id"])).event_count == 2


async def test_the_worker_and_what_is_over_are_told_apart_in_the_timeline(lin, li, task, clock):
    from server.domain.tasks import watching

    clock.set(ENDS)
    await watching.watch(task["id"], now=clock.now())

    shown = await ok(await lin.get(f"/station/tasks/{task['id']}"))
    assert [line["who"] for line in shown["timeline"]] == ["林社工", "系统"]
    assert (await ok(await li.get("/tasks")))["items"] == []


async def test_who_had_the_task_before_stays_masked(phone_of, town, li, lin, task):
    await confirmed(task, li, lin)
    await ok(await li.post(f"/tasks/{task['id']}/claim-withdrawal"))
    other = await make_tasks.volunteer(town, "周小明")
    await claiming.claim(task["id"], by=other.person_id, now=NOW)
    await claiming.confirm(task["id"], by=town.staff["陈社工"], now=NOW)
    await serving.start(task["id"], by=other.person_id, now=STARTS - timedelta(minutes=5))

    shown = await ok(await lin.get(f"/station/tasks/{task['id']}"))

    who = [line["who"] for line in shown["timeline"]]
    assert who == ["林社工", "志愿者李**", "林社工", "志愿者李**", "志愿者周**", "陈社工", "志愿者周**"]
    assert await Need.all().count() == 1


def test_contract_and_tables_know_the_same_states_and_payers():
    assert [str(one) for one in contract.TaskStatus] == [str(one) for one in TaskStatus]
    assert [str(one) for one in ContractPayer] == [str(one) for one in Payer]
    assert set(contract.TASK_WORDS) == set(contract.TaskStatus)
