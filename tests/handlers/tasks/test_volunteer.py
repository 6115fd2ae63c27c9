"""Tasks between volunteers and their station, through HTTP."""

from datetime import timedelta

import pytest

from server.domain.tasks import check_in_out, claims, reminders
from server.models import Need, Person, Reading, Task, Volunteer
from tests.conftest import NOW
from tests.factories import tasks, volunteers
from tests.factories.households import household
from tests.factories.tasks import ENDS, HERE, STARTS
from tests.handlers.tasks.doing import NEW_TASK, REASON, confirmed, ok, refused


async def test_personal_data_is_hidden_before_the_confirmation(li, lin, task):
    listed = await li.get("/tasks", params={"matching_only": "true"})
    one = await li.get(f"/tasks/{task['id']}")
    claimed = await li.post(f"/tasks/{task['id']}/claim")
    own = await li.get("/tasks/mine")

    for answer in (listed, one, claimed, own):
        assert answer.status_code == 200
        assert not [secret for secret in ("王秀英", "13812345678", "酒城大道") if secret in answer.text]
    assert [each["id"] for each in listed.json()["items"]] == [task["id"]]
    early = await li.post(f"/tasks/{task['id']}/contact", {"reason": "上门"})
    assert refused(early) == (409, "invalid_state")


async def test_confirmed_volunteer_reads_the_contact_and_the_resident_sees_it(grandma, li, lin, need, task):
    await confirmed(task, li, lin)

    contact = await ok(await li.post(f"/tasks/{task['id']}/contact", {"reason": "明天上午上门"}))

    assert contact == {
        "name": "王秀英",
        "phone": "13812345678",
        "place": "酒城大道3号",
        "area": "团结村",
        "emergency": None,
    }
    assert (await Reading.get(person_id=grandma.person_id)).reader_id == li.person_id
    line = (await ok(await grandma.get(f"/needs/{need.id}")))["timeline"][-1]
    assert (line["actor"], line["message"]) == ("志愿者李**", "志愿者查看了您的联系方式，原因：明天上午上门。")


async def test_timeline_for_staff_masks_names(li, lin, need, task):
    await confirmed(task, li, lin)

    shown = await ok(await lin.get(f"/station/tasks/{task['id']}"))
    worked = await ok(await lin.get(f"/station/needs/{need.id}"))

    assert (shown["volunteer"], shown["need_id"], shown["status_words"]) == ("李**", need.id, "已确认志愿者")
    assert [line["actor"] for line in shown["timeline"]] == ["林社工", "志愿者李**", "林社工"]
    assert [line["actor"] for line in worked["timeline"]][-2:] == ["志愿者李**", "林社工"]


async def test_station_list_has_pages_and_filters(lin, town, task):
    wish = {**NEW_TASK, "station_id": town.stations[HERE].id, "area_id": town.areas["邻玉街道"].id}
    await ok(await lin.post("/station/tasks", {**wish, "category": "culture", "place": "文化站"}), 201)

    first = await ok(await lin.get("/station/tasks", params={"limit": 1}))
    second = await ok(await lin.get("/station/tasks", params={"limit": 1, "after": first["next"]}))
    of_need = await ok(await lin.get("/station/tasks", params={"need": task["need_id"], "status": "published"}))

    assert len({one["id"] for one in first["items"] + second["items"]}) == 2
    assert [one["id"] for one in of_need["items"]] == [task["id"]]
    assert (await ok(await lin.get("/station/tasks", params={"status": "claimed"})))["items"] == []


async def test_contact_of_a_station_task_is_the_station(li, lin, town):
    wish = {**NEW_TASK, "station_id": town.stations[HERE].id, "area_id": town.areas["邻玉街道"].id}
    made = await ok(await lin.post("/station/tasks", {**wish, "category": "culture", "place": "文化站"}), 201)
    await confirmed(made, li, lin)

    contact = await ok(await li.post(f"/tasks/{made['id']}/contact", REASON))

    assert contact == {"name": HERE, "phone": "0830-2000000", "place": "文化站", "area": "邻玉街道", "emergency": None}


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
async def test_invalid_task_is_refused(lin, need, told):
    assert refused(await lin.post(f"/station/needs/{need.id}/task", {**NEW_TASK, **told})) == (400, "bad_input")
    assert not await Task.exists()


async def test_refusal_names_the_field(lin, need):
    path = f"/station/needs/{need.id}/task"

    named = await lin.post(path, {**NEW_TASK, "text": "找王秀英"})
    past = await lin.post(path, {**NEW_TASK, "starts_at": "2026-03-10T09:59:00+08:00"})

    assert named.json()["details"] == {"fields": [{"field": "body.text", "problem": "含有姓名"}]}
    assert past.json()["code"] == "invalid_task_time"
    assert past.json()["details"] == {
        "fields": [
            {"field": "body.starts_at", "problem": "应在将来开始"},
            {"field": "body.ends_at", "problem": "应在开始后24小时内结束"},
        ]
    }


async def test_claim_is_withdrawn_and_another_one_refused(li, lin, task):
    path = f"/tasks/{task['id']}"
    await ok(await li.post(f"{path}/claim"))
    assert (await ok(await li.post(f"{path}/claim-withdrawal")))["allowed_actions"] == ["claim"]
    await ok(await li.post(f"{path}/claim"))

    shown = await ok(await lin.post(f"/station{path}/refusal", {"reason": "需要女性志愿者"}))

    assert (shown["status"], shown["volunteer"]) == ("published", None)
    notice = (await ok(await li.get("/me/notifications")))["items"][0]
    assert notice["body"] == "站点没有确认您的认领，原因：需要女性志愿者。"


async def test_banned_volunteer_can_withdraw_a_claim(li, task):
    await ok(await li.post(f"/tasks/{task['id']}/claim"))
    await Volunteer.filter(person_id=li.person_id).update(status="banned")

    assert (await ok(await li.post(f"/tasks/{task['id']}/claim-withdrawal")))["status"] == "published"
    assert refused(await li.get(f"/tasks/{task['id']}")) == (403, "role_required")


async def test_cancelled_task_shows_its_volunteer_the_reason(li, lin, task):
    await ok(await li.post(f"/tasks/{task['id']}/claim"))

    await ok(await lin.post(f"/station/tasks/{task['id']}/cancellation", REASON))

    [own] = (await ok(await li.get("/tasks/mine")))["items"]
    assert (own["status_words"], own["end_reason"], own["is_mine"]) == ("已取消", "时间有变", True)


async def test_no_show_allows_another_task(li, lin, need, task, clock):
    await confirmed(task, li, lin)
    assert refused(await lin.post(f"/station/tasks/{task['id']}/no-show", REASON)) == (409, "too_early")
    clock.set(ENDS)

    await ok(await lin.post(f"/station/tasks/{task['id']}/no-show", REASON))

    later = {"starts_at": "2026-03-12T10:00:00+08:00", "ends_at": "2026-03-12T12:00:00+08:00"}
    await ok(await lin.post(f"/station/needs/{need.id}/task", {**NEW_TASK, **later}), 201)


async def test_claim_with_the_same_key_is_the_same_claim(li, task):
    first = await li.post(f"/tasks/{task['id']}/claim", key="claim-0001")
    second = await li.post(f"/tasks/{task['id']}/claim", key="claim-0001")

    assert first.json() == second.json()
    assert (await Task.get(id=task["id"])).event_count == 2


async def test_timeline_names_the_system_after_the_end_of_the_task(lin, li, task, clock):
    clock.set(ENDS)
    await reminders.do_due_actions(task["id"], now=clock.now())

    shown = await ok(await lin.get(f"/station/tasks/{task['id']}"))
    assert [line["actor"] for line in shown["timeline"]] == ["林社工", "系统"]
    assert (await ok(await li.get("/tasks")))["items"] == []


async def test_earlier_volunteer_stays_masked_in_the_timeline(phone_of, town, li, lin, task):
    await confirmed(task, li, lin)
    await ok(await li.post(f"/tasks/{task['id']}/claim-withdrawal"))
    other = await tasks.volunteer(town, "周小明")
    await claims.claim(task["id"], by=other.person_id, now=NOW)
    await claims.confirm(task["id"], by=town.staff["陈社工"], now=NOW)
    await check_in_out.check_in(task["id"], by=other.person_id, now=STARTS - timedelta(minutes=5))

    shown = await ok(await lin.get(f"/station/tasks/{task['id']}"))

    who = [line["actor"] for line in shown["timeline"]]
    assert who == ["林社工", "志愿者李**", "林社工", "志愿者李**", "志愿者周**", "陈社工", "志愿者周**"]
    assert await Need.all().count() == 1


async def test_task_at_home_is_published_only_with_the_address_that_its_volunteer_reads(grandma, li, lin, need):
    await Need.filter(id=need.id).update(at_home=True, place="")
    path = f"/station/needs/{need.id}"

    early = await lin.post(f"{path}/task", NEW_TASK)
    assert refused(early) == (409, "address_required")
    assert (await ok(await lin.get(path)))["place_missing"] is True
    await ok(await lin.post(f"{path}/place", {"place": "先锋村3组12号"}))
    task = await ok(await lin.post(f"{path}/task", NEW_TASK), 201)
    await confirmed(task, li, lin)

    contact = await ok(await li.post(f"/tasks/{task['id']}/contact", {"reason": "明天上午上门"}))
    assert contact["place"] == "先锋村3组12号"
    assert "先锋村3组" not in (await lin.get(path)).text


async def test_claim_is_shown_exactly_where_it_succeeds(phone_of, town, li, lin, task):
    grandson = await phone_of("sunzi")
    await Person.filter(id=grandson.person_id).update(name="王小明")
    await volunteers.approved(await Person.get(id=grandson.person_id), town.stations[HERE], NOW)
    grandma = (await Need.get(id=task["need_id"])).person_id
    await household(grandma, grandson.person_id, now=NOW)
    other = {**NEW_TASK, "station_id": town.stations[HERE].id, "area_id": town.areas["邻玉街道"].id}
    same_hour = await ok(await lin.post("/station/tasks", {**other, "category": "culture", "place": "文化站"}), 201)
    await ok(await li.post(f"/tasks/{same_hour['id']}/claim"))

    for phone in (grandson, li):
        shown = (await ok(await phone.get(f"/tasks/{task['id']}")))["allowed_actions"]
        assert shown == []
        assert not (await phone.post(f"/tasks/{task['id']}/claim")).is_success
    await ok(await li.post(f"/tasks/{same_hour['id']}/claim-withdrawal"))
    assert (await ok(await li.get(f"/tasks/{task['id']}")))["allowed_actions"] == ["claim"]
    assert (await li.post(f"/tasks/{task['id']}/claim")).is_success
