"""A need goes on speaking: messages and photos both ways, until it is closed."""

import pytest

from server.domain.needs import messages
from server.domain.satisfaction import need_rating
from server.errors import InvalidNeedState
from server.models import CrisisAlert, Need, NeedEvent, Notice, Urgency
from tests import steps
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories import ratings
from tests.handlers.test_photos import GOOD, upload
from tests.people import Phone
from tests.sides import sign_in

SAID = {"text": "我说的是星期二"}


@pytest.fixture
async def grandma(client, town):
    return Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)


@pytest.fixture
async def chen(client, town):
    person_id = town.staff["陈社工"].person_id
    return Phone(client, await sign_in(person_id, NOW), person_id)


async def photo_of(phone) -> int:
    answer = await upload(phone, GOOD)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_resident_answers_a_question_with_a_photo_and_the_worker_answers_back(town, grandma, chen):
    need = await steps.assign_need(town, await town.need(), NOW)
    asked = await chen.post(f"/station/needs/{need.id}/note", {"message": "是哪一种药？"})
    hers = await photo_of(grandma)

    written = await grandma.post(f"/needs/{need.id}/messages", {"text": "这一盒", "photo_ids": [hers]})

    assert (asked.status_code, written.status_code) == (200, 200), written.text
    last = written.json()["timeline"][-1]
    assert (last["actor"], last["message"], [one["id"] for one in last["photos"]]) == ("您", "留言：这一盒", [hers])
    seen = (await chen.get(f"/station/needs/{need.id}")).json()
    line = seen["timeline"][-1]
    assert (line["kind"], line["actor"], line["message"]) == ("resident_wrote", "居民", "留言：这一盒")
    assert ([one["id"] for one in line["photos"]], seen["photos"]) == ([hers], [])
    his = await photo_of(chen)
    answered = await chen.post(f"/station/needs/{need.id}/note", {"message": "明天送来", "photo_ids": [his]})
    assert answered.status_code == 200, answered.text
    line = (await grandma.get(f"/needs/{need.id}")).json()["timeline"][-1]
    assert (line["message"], [one["id"] for one in line["photos"]]) == ("明天送来", [his])
    assert (await grandma.client.get(line["photos"][0]["small"])).status_code == 200


async def test_worker_gets_one_notice_until_they_have_read_it(town, grandma, chen):
    need = await steps.assign_need(town, await town.need(), NOW)
    for turn in range(3):
        await grandma.post(f"/needs/{need.id}/messages", {"text": f"第{turn}句"})

    notices = Notice.filter(template="need_written", subject_id=need.id)
    assert [one.person_id for one in await notices] == [chen.person_id]
    await chen.post("/me/notifications/reading")
    await grandma.post(f"/needs/{need.id}/messages", SAID)
    assert await notices.count() == 2


async def test_unassigned_need_notifies_everybody_who_acts_for_the_station(town, grandma):
    need = await town.need()

    await grandma.post(f"/needs/{need.id}/messages", SAID)

    people = {one.person_id for one in await Notice.filter(template="need_written")}
    assert people == {town.staff[name].person_id for name in ("陈社工", "林社工", "赵站长")}


async def test_message_with_words_of_crisis_makes_the_need_an_emergency(town, grandma):
    need = await town.need()

    answer = await grandma.post(f"/needs/{need.id}/messages", {"text": "我不想活了"})

    assert answer.json()["emergency"]["need_id"] == need.id
    assert (await Need.get(id=need.id)).urgency == Urgency.EMERGENCY
    assert await CrisisAlert.exists(need_id=need.id)


@pytest.mark.parametrize("state", ["closed", "declined", "withdrawn", "merged"])
async def test_ended_need_takes_no_message(town, grandma, state):
    need = await steps.need_in_state(town, state, NOW, by=grandma.person_id)

    answer = await grandma.post(f"/needs/{need.id}/messages", SAID)

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_state")


async def test_photo_of_somebody_else_is_refused_and_nothing_is_written(town, grandma, chen):
    need, other = await town.need(), await photo_of(chen)

    answer = await grandma.post(f"/needs/{need.id}/messages", SAID | {"photo_ids": [other]})

    assert (answer.status_code, answer.json()["code"]) == (409, "photo_not_available")
    assert not await NeedEvent.exists(need_id=need.id, kind="resident_wrote")


async def test_photo_without_a_message_is_refused_to_staff(town, chen):
    need = await town.need()

    answer = await chen.post(f"/station/needs/{need.id}/note", {"note": "照片", "photo_ids": [1]})

    assert answer.status_code == 400, answer.text
    assert [one["field"] for one in answer.json()["details"]["fields"]] == ["body.photo_ids"]


async def test_worker_writes_down_what_a_resident_without_a_phone_says(town, chen):
    body = {"category": "elder_care", "text": "想请人陪我去医院", "contact_name": "刘桂英", "channel": "telephone"}
    body |= {"contact_phone": "13987654321", "area_id": town.areas["团结村"].id}
    need_id = (await chen.post("/station/needs", body)).json()["id"]

    answer = await chen.post(f"/station/needs/{need_id}/on-word/message", SAID)

    assert answer.status_code == 200, answer.text
    timeline = (await chen.get(f"/station/needs/{need_id}")).json()["timeline"]
    [line] = [one for one in timeline if one["kind"] == "resident_wrote"]
    assert line["message"] == "留言（应您口头要求，由工作人员代办）：我说的是星期二"


async def test_message_while_the_need_is_closed_is_kept_before_it_or_refused(city):
    need = await steps.resolve_need(city, await city.need(), NOW)

    rating = need_rating.rate(need.id, ratings.stars(5), by=city.grandma.id, now=NOW)
    written, _ = await at_once(messages.write(need.id, text="谢谢", by=city.grandma.id, now=NOW), rating)

    kinds = [one.kind for one in await NeedEvent.filter(need_id=need.id).order_by("number")]
    assert kinds[-1] == "closed"
    assert isinstance(written, InvalidNeedState) is ("resident_wrote" not in kinds)


async def test_messages_at_once_are_all_kept_in_the_order_of_their_numbers(city):
    need = await city.need()

    await at_once(*(messages.write(need.id, text=f"第{turn}句", by=city.grandma.id, now=NOW) for turn in range(8)))

    written = await NeedEvent.filter(need_id=need.id, kind="resident_wrote").order_by("number")
    assert {one.text for one in written} == {f"留言：第{turn}句" for turn in range(8)}
    assert [one.number for one in written] == list(range(2, 10))


async def test_message_sent_twice_is_one_and_said_again_later_is_another(town, grandma, clock):
    need = await town.need()
    for minutes in (0, 1, 11):
        clock.forward(minutes=minutes)
        assert (await grandma.post(f"/needs/{need.id}/messages", SAID)).status_code == 200

    assert await NeedEvent.filter(need_id=need.id, kind="resident_wrote").count() == 2


async def test_same_words_with_another_photo_are_another_message(town, grandma):
    need = await town.need(by=grandma.person_id, area_id=town.areas["团结村"].id)
    photos = [(await upload(grandma, GOOD)).json()["id"] for _ in range(2)]

    for photo in photos:
        sent = await grandma.post(f"/needs/{need.id}/messages", {"text": "照片", "photo_ids": [photo]})
        assert sent.is_success, sent.text

    shown = [one["photos"] for one in (await grandma.get(f"/needs/{need.id}")).json()["timeline"]]
    assert [one["id"] for line in shown for one in line] == photos
