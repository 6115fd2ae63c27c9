"""A complaint reaches the station above, never who is complained of; it is answered in time, and appealed once."""

from datetime import datetime, timedelta

import pytest

from server.domain.complaints import answers, schedule, submit
from server.domain.complaints.submit import ComplaintContent
from server.errors import InvalidComplaintState
from server.models import Complaint, ComplaintAbout, CrisisAlert, Job, Need, Notice, Person, Reading, Role, RoleKind
from tests import factories
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.people import Phone
from tests.sides import sign_in

COUNTER = {"category": "elder_care", "text": "买药", "contact_name": "刘桂英", "channel": "counter"}
COUNTER |= {"contact_phone": "13987654321"}
TEXT = "约好的时间没有来，也没有打电话"
ANSWER = {"upheld": True, "text": "情况属实，已安排补办"}
TOWN, HEAD_STATION, DESK = "邻玉社工站", "江阳总站", "市级服务台"


@pytest.fixture
async def grandma(client, town):
    return Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)


async def filed(grandma, town, station=TOWN, **more) -> dict:
    body = {"about": "worker", "station_id": town.stations[station].id, "named": "陈社工", "text": TEXT}
    answer = await grandma.post("/complaints", body | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def answered(phone, complaint_id: int):
    return await phone.post(f"/station/complaints/{complaint_id}/answer", ANSWER)


@pytest.mark.parametrize(
    ("about", "decider"), [("和平社工室", TOWN), (TOWN, HEAD_STATION), (HEAD_STATION, DESK), (DESK, DESK)]
)
async def test_station_above_answers_within_ten_working_days(town, grandma, about, decider):
    await factories.employ(town, "和平社工室")
    made = await filed(grandma, town, about)

    assert (made["answered_by"]["name"], made["due_at"]) == (decider, "2026-03-24T17:30:00+08:00")


async def test_people_complained_of_learn_nothing(town, grandma, phones):
    made = await filed(grandma, town)

    for name in ("陈社工", "林社工", "赵站长", "周社工"):
        assert (await phones[name].get("/station/complaints")).json()["items"] == []
        assert (await phones[name].get(f"/station/complaints/{made['id']}")).status_code == 404
        assert (await answered(phones[name], made["id"])).status_code == 404
    assert {one.person_id for one in await Notice.filter(template="complaint_filed")} == {phones["孙站长"].person_id}


async def test_head_above_who_also_works_there_answers_nothing(town, grandma, phones):
    sun = await Person.get(id=phones["孙站长"].person_id)
    await factories.role(sun, RoleKind.SOCIAL_WORKER, NOW, station=town.stations[TOWN])

    made = await filed(grandma, town)

    assert made["answered_by"]["name"] == DESK
    assert (await answered(phones["孙站长"], made["id"])).status_code == 404
    assert (await answered(phones["卫处长"], made["id"])).status_code == 200


async def test_reading_is_seen_by_the_person_and_the_answer_is_read(town, grandma, phones):
    made = await filed(grandma, town)
    sun = phones["孙站长"]
    [row] = (await sun.get("/station/complaints")).json()["items"]
    assert TEXT not in str(row)

    opened = (await sun.get(f"/station/complaints/{made['id']}")).json()
    assert (opened["text"], opened["named"], opened["allowed_actions"]) == (TEXT, "陈社工", ["answer"])
    assert (await answered(sun, made["id"])).status_code == 200

    mine = (await grandma.get(f"/complaints/{made['id']}")).json()
    assert (mine["status_words"], mine["answers"][0]["text"], mine["due_at"]) == ("已答复", ANSWER["text"], None)
    assert mine["allowed_actions"] == ["appeal"]
    assert await Reading.exists(person_id=grandma.person_id, reader_id=sun.person_id, subject=f"complaint:{made['id']}")
    assert await Notice.exists(person_id=grandma.person_id, template="complaint_answered")
    shown = (await grandma.get("/me/readings")).json()["items"][0]
    assert (shown["kind_words"], shown["reason"]) == ("查看了您的投诉", "答复投诉")


async def test_appeal_goes_one_station_up_once_and_is_final(town, grandma, phones):
    made = await filed(grandma, town)
    await answered(phones["孙站长"], made["id"])

    appealed = await grandma.post(f"/complaints/{made['id']}/appeal", {"reason": "没有说明原因"})

    assert appealed.status_code == 200, appealed.text
    assert (appealed.json()["answered_by"]["name"], appealed.json()["status_words"]) == (DESK, "复核中")
    assert (await answered(phones["孙站长"], made["id"])).status_code == 404
    assert (await answered(phones["卫处长"], made["id"])).status_code == 200
    mine = (await grandma.get(f"/complaints/{made['id']}")).json()
    assert (mine["status"], [one["appeal"] for one in mine["answers"]]) == ("final", ["", "没有说明原因"])
    again = await grandma.post(f"/complaints/{made['id']}/appeal", {"reason": "还是不服"})
    assert (again.status_code, again.json()["code"]) == (409, "invalid_state")


async def test_person_who_answered_first_does_not_answer_the_appeal(town, grandma, phones):
    made = await filed(grandma, town, HEAD_STATION)
    await answered(phones["卫处长"], made["id"])
    await grandma.post(f"/complaints/{made['id']}/appeal", {"reason": "不服"})

    answer = await answered(phones["卫处长"], made["id"])

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "own_decision")
    opened = (await phones["卫处长"].get(f"/station/complaints/{made['id']}")).json()
    assert opened["allowed_actions"] == []


async def test_appeal_after_fifteen_days_is_refused_and_not_shown(town, grandma, phones, clock):
    made = await filed(grandma, town)
    await answered(phones["孙站长"], made["id"])
    clock.forward(days=15, seconds=1)

    assert (await grandma.get(f"/complaints/{made['id']}")).json()["allowed_actions"] == []
    late = await grandma.post(f"/complaints/{made['id']}/appeal", {"reason": "不服"})
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


async def test_overdue_complaint_is_told_daily_to_heads_and_officers(town, grandma, phones):
    made = await filed(grandma, town)
    complaint = await Complaint.get(id=made["id"])
    await schedule.watch(complaint.id, now=NOW)
    assert not await Notice.exists(template="complaint_overdue")

    await schedule.watch(complaint.id, now=complaint.due_at)

    told = {one.person_id for one in await Notice.filter(template="complaint_overdue")}
    assert told == {phones["孙站长"].person_id, phones["冯科长"].person_id}


async def test_worker_enters_a_complaint_and_does_not_read_it_again(town, phones):
    chen = phones["陈社工"]
    body = {"category": "elder_care", "text": "买药", "contact_name": "刘桂英", "contact_phone": "13987654321"}
    need = await chen.post("/station/needs", body | {"area_id": town.areas["团结村"].id, "channel": "counter"})
    entry = {"about": "station", "station_id": town.stations[TOWN].id, "text": "去了两次没开门", "channel": "counter"}

    made = await chen.post("/station/complaints", entry | {"person_id": need.json()["person_id"]})

    assert made.status_code == 201, made.text
    assert (await Complaint.get(id=made.json()["id"])).decider_id == town.stations[HEAD_STATION].id
    assert "没开门" not in made.text
    assert (await chen.get(f"/station/complaints/{made.json()['id']}")).status_code == 404
    stranger = await chen.post("/station/complaints", entry | {"person_id": phones["卫处长"].person_id})
    assert stranger.status_code == 404


async def test_words_of_crisis_in_a_complaint_file_an_emergency(town, grandma):
    made = await filed(grandma, town, text="没有人管我，我不想活了")

    assert made["emergency"]["phones"]
    assert await CrisisAlert.all().count() == 1


async def test_emergency_of_a_complaint_does_not_tell_those_complained_of(town, grandma):
    await filed(grandma, town, text="陈社工上门时打我，打得手臂青了")

    [plea] = await Need.filter(urgency="emergency")
    assert plea.text == "居民写到了“打我”，请马上联系本人。"


@pytest.mark.parametrize("wrong", [{}, {"station_id": 999}])
async def test_words_of_crisis_in_a_complaint_at_the_counter_are_heard(town, phones, wrong):
    need = await phones["陈社工"].post("/station/needs", COUNTER | {"area_id": town.areas["团结村"].id})
    body = {"about": "station", "station_id": town.stations[TOWN].id, "text": "没人管我，我不想活了"}
    body |= {"channel": "telephone", "person_id": need.json()["person_id"]} | wrong

    answers_ = [await phones["陈社工"].post("/station/complaints", body) for _ in range(2)]

    assert {one.status_code for one in answers_} == {404 if wrong else 201}
    [plea] = await Need.filter(urgency="emergency")
    assert plea.person_id == need.json()["person_id"]
    assert answers_[0].json()["emergency"]["need_id"] == plea.id
    assert await CrisisAlert.all().count() == 1


async def test_stand_in_and_former_worker_do_not_answer(town, grandma, phones):
    stood_in = await filed(grandma, town, "和平社工室")  # nobody works there: 赵站长 stands in
    assert stood_in["answered_by"]["name"] == HEAD_STATION
    assert (await answered(phones["赵站长"], stood_in["id"])).status_code == 404
    made = await filed(grandma, town)
    await Role.filter(person_id=phones["陈社工"].person_id).update(current=None)
    chen = await Person.get(id=phones["陈社工"].person_id)
    await factories.role(chen, RoleKind.STATION_HEAD, NOW, station=town.stations[HEAD_STATION])

    assert (await phones["陈社工"].get(f"/station/complaints/{made['id']}")).status_code == 404
    assert (await answered(phones["陈社工"], made["id"])).status_code == 404
    assert (await answered(phones["孙站长"], made["id"])).status_code == 200


async def test_complaint_moves_up_within_a_day_when_nobody_may_answer_it_any_more(town, grandma, phones):
    made = await filed(grandma, town)
    await schedule.watch(made["id"], now=NOW + timedelta(days=1))
    assert (await Complaint.get(id=made["id"])).decider_id == town.stations[HEAD_STATION].id
    await Role.filter(person_id=phones["孙站长"].person_id).update(current=None)
    zhou = await Person.get(id=phones["周社工"].person_id)
    await factories.role(zhou, RoleKind.SOCIAL_WORKER, NOW, station=town.stations[HEAD_STATION])
    await Notice.all().delete()

    await schedule.watch(made["id"], now=NOW + timedelta(days=2))

    assert {one.person_id for one in await Notice.filter(template="complaint_filed")} == {phones["卫处长"].person_id}
    assert (await answered(phones["卫处长"], made["id"])).status_code == 200
    mine = (await grandma.get(f"/complaints/{made['id']}")).json()
    assert mine["answers"][0]["station"]["name"] == DESK


async def test_head_who_entered_a_complaint_does_not_answer_it(town, phones):
    sun = phones["孙站长"]
    need = await phones["陈社工"].post("/station/needs", COUNTER | {"area_id": town.areas["团结村"].id})
    await Need.filter(id=need.json()["id"]).update(station_id=town.stations[HEAD_STATION].id)
    body = {"about": "station", "station_id": town.stations[TOWN].id, "text": TEXT, "channel": "counter"}

    made = await sun.post("/station/complaints", body | {"person_id": need.json()["person_id"]})

    assert made.status_code == 201, made.text
    assert (await Complaint.get(id=made.json()["id"])).decider_id == town.stations[DESK].id
    assert (await answered(sun, made.json()["id"])).status_code == 404


async def test_complaint_of_another_person_is_not_found(town, grandma, phone_of):
    made = await filed(grandma, town)
    stranger = await phone_of("luren")

    assert (await stranger.get(f"/complaints/{made['id']}")).status_code == 404
    assert (await stranger.post(f"/complaints/{made['id']}/appeal", {"reason": "好奇"})).status_code == 404
    assert (await stranger.get("/complaints")).json()["items"] == []


async def test_stored_answer_of_an_appeal_is_for_who_may_read_the_complaint_now(town, grandma, phones, phone_of):
    made = await filed(grandma, town)
    await answered(phones["孙站长"], made["id"])
    path = f"/complaints/{made['id']}/appeal"
    first = await grandma.post(path, {"reason": "没有说明原因"}, key="appeal")
    assert first.status_code == 200, first.text
    # A joining that is undone gives the complaint back.
    await Complaint.filter(id=made["id"]).update(person_id=(await phone_of("qita")).person_id)

    again = await grandma.post(path, {"reason": "没有说明原因"}, key="appeal")

    assert again.status_code == 404


async def test_two_answers_at_once_are_one(city):
    content = ComplaintContent(ComplaintAbout.STATION, city.stations[TOWN].id, TEXT)
    made = await submit.file(content, by=city.grandma.id, now=NOW)
    sun = city.staff["孙站长"]

    found = await at_once(*(answers.answer(made.id, upheld=True, text="属实", by=sun, now=NOW) for _ in range(4)))

    assert refused(found, InvalidComplaintState) == 3
    assert await Notice.filter(template="complaint_answered").count() == 1


async def test_two_appeals_at_once_are_one(city):
    content = ComplaintContent(ComplaintAbout.STATION, city.stations[TOWN].id, TEXT)
    made = await submit.file(content, by=city.grandma.id, now=NOW)
    await answers.answer(made.id, upheld=False, text="不属实", by=city.staff["孙站长"], now=NOW)

    found = await at_once(*(submit.appeal(made.id, reason="不服", by=city.grandma.id, now=NOW) for _ in range(4)))

    assert refused(found, InvalidComplaintState) == 3
    assert (await Complaint.get(id=made.id)).decider_id == city.stations[DESK].id


async def test_complaint_where_nobody_heads_goes_to_the_city_desk(town, grandma):
    await Role.filter(station_id=town.stations[HEAD_STATION].id, kind="station_head").update(current=None)

    assert (await filed(grandma, town))["answered_by"]["name"] == DESK


async def test_last_city_officer_answers_what_nobody_else_may(town, phones):
    wei = phones["卫处长"]
    officer = await Person.get(id=wei.person_id)
    await factories.role(officer, RoleKind.SOCIAL_WORKER, NOW, station=town.stations[HEAD_STATION])
    content = ComplaintContent(ComplaintAbout.STATION, town.stations[HEAD_STATION].id, TEXT)

    made = await submit.file(content, by=town.grandma.id, now=NOW)

    assert {one.person_id for one in await Notice.filter(template="complaint_filed")} == {wei.person_id}
    assert (await answered(wei, made.id)).status_code == 200


async def test_complaint_is_looked_after_daily_and_at_the_end_of_its_time(city):
    content = ComplaintContent(ComplaintAbout.STATION, city.stations[TOWN].id, TEXT)
    made = await submit.file(content, by=city.grandma.id, now=NOW)

    async def planned() -> datetime:
        return (await Job.get(kind="watch_complaint", subject=str(made.id))).due_at

    assert await planned() == NOW + timedelta(days=1)
    await schedule.watch(made.id, now=made.due_at - timedelta(hours=2))
    assert await planned() == made.due_at
    await schedule.watch(made.id, now=made.due_at)
    assert await planned() == made.due_at + timedelta(days=1)
