"""A person without a phone hears the answer to a complaint from staff, and appeals on their word."""

from server.domain.complaints import on_word
from server.errors import InvalidComplaintState
from server.models import Complaint, ComplaintAnswer, Need, Notice, Person, Reading, Role
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.factories.households import household

TEXT, ANSWER = "去了两次都没有开门", {"upheld": True, "text": "情况属实，已要求按时开门"}
ROOM, TOWN, HEAD_STATION = "和平社工室", "邻玉社工站", "江阳总站"
PHONE = "13987654321"


async def look_up(worker) -> int:
    found = await worker.post("/station/people/look-ups", {"phone": PHONE, "reason": "居民到柜台"})
    [one] = found.json()["items"]
    return one["person_id"]


async def filed(town, worker, about) -> tuple[int, int]:
    """Return the person without a phone, and their complaint that the worker entered."""
    need = {"category": "elder_care", "text": "买药", "contact_name": "刘桂英", "contact_phone": PHONE}
    need |= {"area_id": town.areas["团结村"].id, "channel": "counter"}
    assert (await worker.post("/station/needs", need)).status_code == 201
    person_id = await look_up(worker)
    body = {"about": "station", "station_id": town.stations[about].id, "text": TEXT, "channel": "counter"}
    made = await worker.post("/station/complaints", body | {"person_id": person_id})
    assert made.status_code == 201, made.text
    return person_id, made.json()["id"]


async def answered(phone, complaint_id):
    return await phone.post(f"/station/complaints/{complaint_id}/answer", ANSWER)


async def test_worker_who_entered_it_is_told_reads_out_and_appeals(town, phones):
    chen, sun, wei = phones["陈社工"], phones["孙站长"], phones["卫处长"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)
    assert (await answered(wei, complaint_id)).status_code == 200
    assert [one.person_id for one in await Notice.filter(template="complaint_to_tell")] == [chen.person_id]
    assert not await Notice.exists(template="complaint_answered")

    listed = (await chen.get(f"/station/people/{person_id}/complaints")).json()["items"]
    opened = (await chen.get(f"/station/complaints/{complaint_id}/on-word")).json()

    assert [one["id"] for one in listed] == [complaint_id]
    assert TEXT not in str(listed)
    assert (opened["answers"][0]["text"], opened["allowed_actions"]) == (ANSWER["text"], ["appeal"])
    subject = f"complaint:{complaint_id}"
    assert await Reading.exists(person_id=person_id, reader_id=chen.person_id, subject=subject, what="complaint")
    body = {"reason": "还是没有开门", "person_id": person_id}
    appealed = await chen.post(f"/station/complaints/{complaint_id}/on-word/appeal", body)
    assert appealed.status_code == 200, appealed.text
    assert (await ComplaintAnswer.get(complaint_id=complaint_id, number=2)).appealed_by_id == chen.person_id
    assert (await sun.get(f"/station/complaints/{complaint_id}/on-word")).status_code == 404


async def test_final_answer_is_told_too(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, ROOM)
    assert (await answered(phones["孙站长"], complaint_id)).status_code == 200
    body = {"reason": "还是没有开门", "person_id": person_id}
    assert (await chen.post(f"/station/complaints/{complaint_id}/on-word/appeal", body)).status_code == 200

    assert (await answered(phones["卫处长"], complaint_id)).status_code == 200

    assert [one.person_id for one in await Notice.filter(template="complaint_final_to_tell")] == [chen.person_id]


async def test_worker_of_the_station_complained_of_reads_nothing_out(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, TOWN)
    assert (await answered(phones["孙站长"], complaint_id)).status_code == 200

    body = {"reason": "替她申诉", "person_id": person_id}
    assert not await Notice.exists(person_id=chen.person_id, template="complaint_to_tell")
    assert (await chen.get(f"/station/people/{person_id}/complaints")).json()["items"] == []
    assert (await chen.get(f"/station/complaints/{complaint_id}/on-word")).status_code == 404
    assert (await chen.post(f"/station/complaints/{complaint_id}/on-word/appeal", body)).status_code == 404


async def test_person_who_was_not_looked_up_today_is_not_found(town, phones, clock):
    chen, lin = phones["陈社工"], phones["周社工"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)

    async def tried(worker) -> set[int]:
        return {
            (await worker.get(f"/station/people/{person_id}/complaints")).status_code,
            (await worker.get(f"/station/complaints/{complaint_id}/on-word")).status_code,
        }

    assert await tried(lin) == {404}
    clock.forward(days=1)
    assert await tried(chen) == {404}
    await look_up(chen)
    assert await tried(chen) == {200}


async def test_complaint_of_a_person_with_a_phone_is_not_read_out(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)
    await Person.filter(id=person_id).update(openid="openid-of-liu")

    answer = await chen.get(f"/station/complaints/{complaint_id}/on-word")

    assert (answer.status_code, answer.json()["details"]["status"]) == (409, "has_phone")


async def test_appeal_is_not_used_up_by_who_answered(town, phones):
    sun = phones["孙站长"]
    person_id, complaint_id = await filed(town, phones["陈社工"], TOWN)
    assert (await answered(sun, complaint_id)).status_code == 200
    await look_up(sun)

    body = {"reason": "没意见", "person_id": person_id}
    answer = await sun.post(f"/station/complaints/{complaint_id}/on-word/appeal", body)

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "own_decision")


async def test_person_who_was_shut_out_is_read_the_answer(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)
    await Person.filter(id=person_id).update(openid="openid-of-liu", disabled_at=NOW)

    assert (await chen.get(f"/station/complaints/{complaint_id}/on-word")).status_code == 200


async def test_answer_is_told_by_who_gave_it_if_who_entered_it_has_left(town, phones):
    chen, wei = phones["陈社工"], phones["卫处长"]
    _, complaint_id = await filed(town, chen, HEAD_STATION)
    await Role.filter(person_id=chen.person_id).update(current=None)

    assert (await answered(wei, complaint_id)).status_code == 200

    assert [one.person_id for one in await Notice.filter(template="complaint_to_tell")] == [wei.person_id]


async def test_worker_who_lives_with_the_person_reads_nothing_out(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)
    await household(chen.person_id, person_id, now=NOW)

    assert (await chen.get(f"/station/people/{person_id}/complaints")).json()["items"] == []
    assert (await chen.get(f"/station/complaints/{complaint_id}/on-word")).status_code == 404


async def test_number_is_read_by_who_answers_and_the_person_sees_it(town, phones):
    person_id, complaint_id = await filed(town, phones["陈社工"], TOWN)
    sun = phones["孙站长"]

    shown = await sun.post(f"/station/complaints/{complaint_id}/contact")

    assert shown.json() == {"name": "刘桂英", "phone": PHONE}
    assert await Reading.exists(person_id=person_id, reader_id=sun.person_id, what="contact")
    assert (await phones["陈社工"].post(f"/station/complaints/{complaint_id}/contact")).status_code == 404


async def test_head_who_appealed_on_word_does_not_answer_the_appeal(town, phones):
    sun = phones["孙站长"]
    person_id, complaint_id = await filed(town, phones["陈社工"], ROOM)
    complaint = await Complaint.get(id=complaint_id)
    # 赵站长 of the town station would have answered it if she did not stand in for the room.
    await Complaint.filter(id=complaint_id).update(decider_id=town.stations[TOWN].id)
    await ComplaintAnswer.filter(complaint_id=complaint_id).update(
        answered_at=NOW, upheld=False, text="不属实", answered_by_id=phones["赵站长"].person_id
    )
    await Complaint.filter(id=complaint_id).update(status="answered", due_at=None)
    await look_up(sun)

    body = {"reason": "没有核实", "person_id": person_id}
    appealed = await sun.post(f"/station/complaints/{complaint_id}/on-word/appeal", body)

    assert appealed.status_code == 200, appealed.text
    complaint = await Complaint.get(id=complaint_id)
    assert complaint.decider_id == town.stations["市级服务台"].id
    await Complaint.filter(id=complaint_id).update(decider_id=town.stations[HEAD_STATION].id)
    assert (await answered(sun, complaint_id)).status_code == 404


async def test_words_of_crisis_in_the_appeal_are_heard_for_the_person(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)

    body = {"reason": "没人管我，我不想活了", "person_id": person_id}
    answer = await chen.post(f"/station/complaints/{complaint_id}/on-word/appeal", body)

    assert answer.status_code == 409, answer.text
    [plea] = await Need.filter(urgency="emergency")
    assert plea.person_id == person_id
    assert answer.json()["emergency"]["need_id"] == plea.id


async def test_two_appeals_on_word_at_once_are_one(town, phones):
    chen = phones["陈社工"]
    person_id, complaint_id = await filed(town, chen, HEAD_STATION)
    assert (await answered(phones["卫处长"], complaint_id)).status_code == 200
    scope = town.staff["陈社工"]

    found = await at_once(
        *(on_word.appeal(complaint_id, person_id, reason="不服", by=scope, now=NOW) for _ in range(4))
    )

    assert refused(found, InvalidComplaintState) == 3
