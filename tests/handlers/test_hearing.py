"""Words of crisis in anything a resident writes file an emergency need, or make an open need one."""

from datetime import timedelta

import pytest

from server.domain import staff
from server.models import Category, CrisisAlert, CrisisRing, Need, NeedEvent, NeedStatus, Urgency
from tests.conftest import NOW
from tests.factories.needs import hear
from tests.handlers.test_photos import TOLD

WORDS = "我不想活了，没有人管我"


@pytest.fixture
async def grandma(town, phone_of):
    phone = await phone_of("wangnainai")
    await phone.put("/me/home", {"area_id": town.areas["团结村"].id})
    return phone


@pytest.fixture
async def need(grandma):
    return (await grandma.post("/needs", TOLD)).json()


@pytest.fixture
async def worker(phone_of_staff):
    return await phone_of_staff("陈", "邻玉社工站", head=True)


async def resolve(worker, need):
    path = f"/station/needs/{need['id']}"
    for step, body in (("acceptance", None), ("assignment", {"worker_id": worker.person_id}), ("start", None)):
        assert (await worker.post(f"{path}/{step}", body)).status_code == 200
    assert (await worker.post(f"{path}/resolution", {"outcome": "已办好"})).status_code == 200


async def heard(answer, but: int | None = None) -> Need:
    """Return the emergency need that was filed of the words, and that the answer names."""
    found = await Need.get(id=answer.json()["emergency"]["need_id"])
    assert found.urgency == Urgency.EMERGENCY
    assert found.id != but
    assert WORDS in found.text
    assert await CrisisAlert.exists(need_id=found.id)
    return found


async def test_words_of_crisis_in_a_reopening_file_an_emergency(grandma, need, worker):
    await resolve(worker, need)

    answer = await grandma.post(f"/needs/{need['id']}/reopening", {"reason": WORDS})

    assert answer.json()["status"] == "reopened"
    filed = await heard(answer, but=need["id"])
    assert (filed.contact_phone, filed.station_id) == (TOLD["contact_phone"], need["station"]["id"])


async def test_words_of_crisis_in_a_rating_do_not_only_close_the_need(grandma, need, worker):
    await resolve(worker, need)

    answer = await grandma.put(f"/needs/{need['id']}/rating", {"solved": "partly", "stars": 5, "comment": WORDS})

    assert (await Need.get(id=need["id"])).status == NeedStatus.CLOSED
    assert (await heard(answer, but=need["id"])).status == NeedStatus.SUBMITTED


async def test_words_about_a_confidential_need_stay_confidential(grandma, worker):
    need = (await grandma.post("/needs", TOLD | {"category": "marriage_family"})).json()
    await resolve(worker, need)

    answer = await grandma.post(f"/needs/{need['id']}/reopening", {"reason": WORDS})

    assert (await Category.get(id=(await heard(answer)).category_id)).code == "marriage_family"


async def test_words_of_crisis_in_an_urging_make_the_need_an_emergency(grandma, need):
    answer = await grandma.post(f"/needs/{need['id']}/reminders", {"message": WORDS})

    raised = await Need.get(id=need["id"])
    assert answer.json()["emergency"]["need_id"] == need["id"]
    assert raised.urgency == Urgency.EMERGENCY
    assert raised.response_due_at == NOW + timedelta(minutes=30)
    assert await CrisisAlert.exists(need_id=raised.id)
    assert WORDS in (await NeedEvent.get(need_id=raised.id, kind="became_emergency")).text
    assert await Need.all().count() == 1


async def test_message_of_an_urging_is_in_the_timeline(grandma, need, worker):
    assert (await grandma.post(f"/needs/{need['id']}/reminders", {"message": "还在漏水"})).status_code == 200

    shown = (await worker.get(f"/station/needs/{need['id']}")).json()

    assert "还在漏水" in shown["timeline"][-1]["message"] + shown["timeline"][-2]["message"]


async def test_second_urging_of_a_day_is_heard_and_not_refused_if_it_is_a_plea(grandma, need):
    path = f"/needs/{need['id']}/reminders"
    await grandma.post(path)

    assert (await grandma.post(path, {"message": "快一点"})).json()["code"] == "too_early"
    answer = await grandma.post(path, {"message": WORDS})

    assert answer.status_code == 200
    assert answer.json()["urgency"] == "emergency"


async def test_words_again_after_acknowledgement_raise_the_alert_again(grandma, need, worker, clock):
    path = f"/needs/{need['id']}/reminders"
    await grandma.post(path, {"message": WORDS})
    await worker.post(f"/station/needs/{need['id']}/crisis-opening", {"reason": "接到报警"})
    await worker.post(f"/station/needs/{need['id']}/crisis-acknowledgement")
    assert await CrisisAlert.exists(need_id=need["id"], acknowledged_at__not_isnull=True)

    clock.forward(minutes=20)
    await grandma.post(path, {"message": "他又打我了"})

    assert await CrisisAlert.exists(need_id=need["id"], acknowledged_at=None)
    assert await NeedEvent.filter(need_id=need["id"], kind="crisis_written").count() == 1


async def test_words_of_crisis_in_a_withdrawal_file_a_need_that_stays(grandma, need):
    answer = await grandma.post(f"/needs/{need['id']}/withdrawal", {"reason": WORDS})

    assert answer.json()["status"] == "withdrawn"
    assert (await heard(answer, but=need["id"])).status == NeedStatus.SUBMITTED


async def test_words_of_crisis_in_an_appeal_file_an_emergency(grandma, need, worker):
    await worker.post(
        f"/station/needs/{need['id']}/decline", {"reason": "不属于服务范围", "alternative_help": "街道便民中心"}
    )

    answer = await grandma.post(f"/needs/{need['id']}/appeal", {"reason": WORDS})

    assert answer.status_code == 200
    await heard(answer, but=need["id"])


async def test_words_of_crisis_in_a_refused_request_are_heard(grandma, need):
    answer = await grandma.post(f"/needs/{need['id']}/reopening", {"reason": WORDS})

    assert answer.json()["code"] == "invalid_state"
    await heard(answer, but=need["id"])


async def test_words_of_crisis_about_a_strangers_need_are_heard(grandma, need, phone_of):
    answer = await (await phone_of("luren")).post(f"/needs/{need['id']}/reminders", {"message": WORDS})

    assert answer.status_code == 404
    await heard(answer, but=need["id"])
    assert (await Need.get(id=need["id"])).urgency == Urgency.NORMAL


async def test_words_of_crisis_in_a_wrong_body_are_heard(grandma, need):
    answer = await grandma.post(f"/needs/{need['id']}/withdrawal", {"reason": WORDS * 100, "why": WORDS})

    assert answer.status_code == 400
    await heard(answer, but=need["id"])
    assert (await Need.get(id=need["id"])).status == NeedStatus.SUBMITTED


async def test_words_of_crisis_over_the_rate_limit_are_heard(grandma, need, app):
    for _ in range(300):
        last = await grandma.get("/me")
    assert last.status_code in {200, 429}

    answer = await grandma.change("/me", {"name": "救命" + "王"})

    assert answer.json()["emergency"]["need_id"]


@pytest.mark.parametrize("on_a_need", [True, False])
async def test_same_words_after_acknowledgement_ring_again(grandma, need, worker, clock, on_a_need):
    async def cry() -> int:
        if on_a_need:
            answer = await grandma.post(f"/needs/{need['id']}/reminders", {"message": WORDS})
        else:
            answer = await grandma.post("/me/changes", {"name": WORDS})
        return answer.json()["emergency"]["need_id"]

    first = await cry()
    await hear(await Need.get(id=first), await staff.of_person(worker.person_id), clock.now())
    clock.forward(minutes=3)

    assert await cry() == first

    assert await CrisisAlert.exists(need_id=first, acknowledged_at=None, raised_at=clock.now())
    assert await CrisisRing.filter(current=1).count() == 1


async def test_same_words_sent_twice_are_one_need(grandma, need, worker):
    await resolve(worker, need)
    answers = [
        await grandma.put(f"/needs/{need['id']}/rating", {"solved": "partly", "stars": 4, "comment": WORDS})
        for _ in range(2)
    ]

    assert answers[0].json()["emergency"] == answers[1].json()["emergency"]
    assert await Need.all().count() == 2


async def test_words_of_a_volunteer_and_of_a_profile_are_heard(grandma, town):
    profile = await grandma.change("/me", {"name": "不想活了"})
    deed = await grandma.post("/points/deeds", {"rule_id": 1, "happened_on": "2026-03-09", "text": WORDS})

    assert profile.json()["emergency"]["need_id"]
    await heard(deed)


async def test_words_in_an_answer_of_a_booking_are_heard(grandma):
    answer = await grandma.post("/activities/4711/bookings", {"answers": {"why": WORDS}})

    assert answer.status_code == 404
    await heard(answer)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/household"), ("DELETE", "/session"), ("POST", "/needs/1/reminders")]
)
async def test_undeclared_body_is_refused(grandma, method, path):
    answer = await grandma.call(method, path, json={"words": "没有这一项"})

    assert answer.status_code == 400
    assert answer.json()["details"]["fields"] == [{"field": "body.words", "problem": "没有这一项"}]


async def test_undeclared_body_of_staff_is_refused(worker, need):
    answer = await worker.post(f"/station/needs/{need['id']}/acceptance", {"note": "马上去"})

    assert answer.status_code == 400
