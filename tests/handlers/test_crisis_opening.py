"""A crisis of a confidential category is opened by a logged act, and only who has opened it acknowledges it."""

import pytest

from server.domain import roles
from server.domain.needs import closing, crisis_alerts, crisis_openings, hearing, triage
from server.domain.roles import Appointment
from server.errors import CrisisNotOpened, NoCrisis
from server.models import (
    CrisisAlert,
    CrisisOpening,
    CrisisRecipient,
    CrisisRing,
    Job,
    Need,
    NeedEvent,
    NeedStatus,
    Notice,
    Person,
    Reading,
    Role,
    RoleKind,
    Urgency,
)
from tests.concurrency import at_once, won_and_refused
from tests.conftest import NOW
from tests.factories.needs import hear
from tests.people import Phone
from tests.sides import sign_in

PLEA = {
    "category": "marriage_family",
    "text": "他又打我，我不想活了",
    "contact_name": "王秀英",
    "contact_phone": "13812345678",
}
WHY = {"reason": "接到报警，马上联系"}


@pytest.fixture
def phone_of_worker(client, town, clock):
    """Return the phone of a person of the town's staff."""

    async def sign_in_as(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, clock.now()), person_id)

    return sign_in_as


@pytest.fixture
async def grandma(client, town, clock):
    return Phone(client, await sign_in(town.grandma.id, clock.now()), town.grandma.id)


async def plead(grandma: Phone, **changes: str) -> str:
    """File a plea and return its path for staff."""
    answer = await grandma.post("/needs", PLEA | changes)
    assert answer.status_code == 201, answer.text
    return f"/station/needs/{answer.json()['id']}"


def need_id(path: str) -> int:
    return int(path.rsplit("/", 1)[1])


async def story(grandma: Phone, path: str) -> str:
    lines = (await grandma.get(path.removeprefix("/station"))).json()["timeline"]
    return "\n".join(line["message"] for line in lines)


@pytest.mark.parametrize("who", ["陈社工", "赵站长", "孙站长", "郑社工"])
async def test_confidential_crisis_is_opened_by_everybody_it_alarms(grandma, phone_of_worker, who):
    path, worker = await plead(grandma), await phone_of_worker(who)

    opened = await worker.post(f"{path}/crisis-opening", WHY)

    assert opened.status_code == 200, opened.text
    assert opened.json() == {"name": "王秀英", "phone": "13812345678", "place": "", "text": PLEA["text"], "written": []}
    shown = (await worker.get(path)).json()
    assert (shown["text"], shown["crisis"], shown["crisis_opened"]) == (PLEA["text"], "unanswered", True)
    assert (await worker.post(f"{path}/contact", WHY)).json()["phone"] == "13812345678"


@pytest.mark.parametrize(("who", "status"), [("冯科长", 403), ("卫处长", 403), ("周社工", 404), ("褚科长", 404)])
async def test_confidential_crisis_is_closed_to_those_it_does_not_alarm(grandma, phone_of_worker, who, status):
    path, other = await plead(grandma), await phone_of_worker(who)

    assert (await other.post(f"{path}/crisis-opening", WHY)).status_code == status
    assert await CrisisOpening.all().count() == 0


@pytest.mark.parametrize(("who", "where"), [("周社工", "周社工（蓝田社工站）"), ("冯科长", "冯科长（民政部门）")])
async def test_crisis_is_opened_and_acknowledged_by_those_whom_its_alert_reached(grandma, phone_of_worker, who, where):
    path, other = await plead(grandma), await phone_of_worker(who)
    alert = await CrisisAlert.get(need_id=need_id(path))
    await CrisisRecipient.create(alert_id=alert.id, person_id=other.person_id, at=NOW)

    assert (await other.get(path)).json()["text"] is None
    assert (await other.post(f"{path}/crisis-opening", WHY)).json()["phone"] == "13812345678"
    assert (await other.get(path)).json()["text"] == PLEA["text"]
    assert (await other.post(f"{path}/contact", WHY)).status_code == 200
    assert (await other.post(f"{path}/acceptance")).status_code == 403
    assert (await other.post(f"{path}/crisis-acknowledgement")).status_code == 200

    lines = (await grandma.get(path.removeprefix("/station"))).json()["timeline"]
    assert {line["actor"] for line in lines[2:]} == {where}


async def test_worker_who_has_not_opened_it_reads_no_word_of_a_confidential_crisis(grandma, phone_of_worker):
    path = await plead(grandma)
    await (await phone_of_worker("孙站长")).post(f"{path}/crisis-opening", WHY)

    shown = (await (await phone_of_worker("陈社工")).get(path)).json()

    assert (shown["text"], shown["name"], shown["phone"], shown["crisis_opened"]) == (None, None, None, False)


async def test_opening_is_a_reading_with_its_reason_that_the_resident_sees(grandma, phone_of_worker):
    path, chen = await plead(grandma), await phone_of_worker("陈社工")
    for _ in range(2):
        assert (await chen.post(f"{path}/crisis-opening", WHY)).status_code == 200

    readings = await Reading.filter(subject=f"need:{need_id(path)}", what="crisis", reader_id=chen.person_id)
    assert [one.reason for one in readings] == [WHY["reason"]] * 2
    [opening] = await CrisisOpening.all()
    assert (opening.person_id, opening.opened_at, opening.reason) == (chen.person_id, NOW, WHY["reason"])
    assert (await story(grandma, path)).count("值班人员打开了您的求助") == 1
    assert WHY["reason"] in await story(grandma, path)


async def test_crisis_is_not_acknowledged_by_a_worker_who_has_not_opened_it(grandma, phone_of_worker):
    path, chen = await plead(grandma), await phone_of_worker("陈社工")

    answer = await chen.post(f"{path}/crisis-acknowledgement")

    assert (answer.status_code, answer.json()["code"]) == (409, "crisis_not_opened")
    assert await CrisisAlert.exists(acknowledged_at=None)
    assert "正在联系您" not in await story(grandma, path)


async def test_resident_is_promised_contact_only_after_the_acknowledgement(grandma, phone_of_worker):
    path, chen = await plead(grandma), await phone_of_worker("陈社工")

    await chen.post(f"{path}/crisis-opening", WHY)
    assert "正在联系您" not in await story(grandma, path)
    assert (await chen.post(f"{path}/crisis-acknowledgement")).status_code == 200

    assert "值班人员已看到您的求助，正在联系您，请保持电话畅通。" in await story(grandma, path)
    assert await Notice.exists(person_id=grandma.person_id, template="crisis_seen")


async def test_reading_the_contact_opens_a_crisis_of_any_category(grandma, phone_of_worker):
    path, chen = await plead(grandma, category="elder_care"), await phone_of_worker("陈社工")
    assert (await chen.post(f"{path}/crisis-acknowledgement")).status_code == 409

    assert (await chen.post(f"{path}/contact", WHY)).status_code == 200

    assert (await chen.post(f"{path}/crisis-acknowledgement")).status_code == 200


async def test_acceptance_of_an_unread_crisis_is_refused_and_the_alert_rings_on(grandma, phone_of_worker):
    path, chen = await plead(grandma, category="elder_care"), await phone_of_worker("陈社工")

    refused = await chen.post(f"{path}/acceptance")

    assert (refused.status_code, refused.json()["code"]) == (409, "crisis_not_opened")
    assert (await Need.get(id=need_id(path))).accepted_at is None
    assert await CrisisAlert.exists(acknowledged_at=None)
    assert "正在联系您" not in await story(grandma, path)


async def test_acceptance_after_opening_acknowledges_the_alert(grandma, phone_of_worker):
    path, chen = await plead(grandma, category="elder_care"), await phone_of_worker("陈社工")
    await chen.post(f"{path}/crisis-opening", WHY)

    assert (await chen.post(f"{path}/acceptance")).status_code == 200

    assert await CrisisAlert.exists(acknowledged_by_id=chen.person_id)


async def test_decline_of_an_unread_crisis_is_refused(grandma, phone_of_worker):
    path, zhao = await plead(grandma), await phone_of_worker("赵站长")
    refusal = {"reason": "不属于服务范围", "alternative_help": "派出所"}

    unread = await zhao.post(f"{path}/decline", refusal)
    await zhao.post(f"{path}/crisis-opening", WHY)

    assert unread.json()["code"] == "crisis_not_opened"
    assert (await zhao.post(f"{path}/decline", refusal)).status_code == 200


async def test_opener_reads_a_confidential_need_until_a_worker_is_assigned(grandma, phone_of_worker):
    path, sun, zhao = await plead(grandma), await phone_of_worker("孙站长"), await phone_of_worker("赵站长")
    await sun.post(f"{path}/crisis-opening", WHY)
    await sun.post(f"{path}/crisis-acknowledgement")
    assert (await sun.get(path)).json()["text"] == PLEA["text"]

    assert (await zhao.post(f"{path}/acceptance")).status_code == 200
    assigned = await zhao.post(f"{path}/assignment", {"worker_id": zhao.person_id})

    assert assigned.status_code == 200, assigned.text
    assert (await sun.get(path)).json()["text"] is None
    assert (await sun.post(f"{path}/contact", WHY)).status_code == 403
    assert (await sun.post(f"{path}/crisis-opening", WHY)).json()["code"] == "no_crisis"


async def test_need_without_crisis_is_not_opened(grandma, phone_of_worker):
    path, chen = await plead(grandma, text="想离婚"), await phone_of_worker("陈社工")

    assert (await chen.post(f"{path}/crisis-opening", WHY)).json()["code"] == "no_crisis"


async def test_alert_raised_again_must_be_opened_again(city, clock):
    need, chen = await city.need(text="不想活了"), city.staff["陈社工"]
    await hear(need, chen, NOW)
    again = {"raised_at": clock.forward(hours=1), "acknowledged_at": None, "acknowledged_by_id": None}
    await CrisisAlert.filter(need_id=need.id).update(**again)

    with pytest.raises(CrisisNotOpened):
        await crisis_alerts.acknowledge(need.id, by=chen, now=clock.now())

    await hear(need, chen, clock.now())
    assert await CrisisOpening.all().count() == 2


async def test_two_workers_acknowledging_at_once_leave_one(city):
    need, workers = await city.need(text="不想活了"), [city.staff[name] for name in ("陈社工", "赵站长", "林社工")]

    await at_once(*(crisis_openings.open_crisis(need.id, reason="接到报警", by=one, now=NOW) for one in workers))
    await at_once(*(crisis_alerts.acknowledge(need.id, by=one, now=NOW) for one in workers))

    assert await CrisisAlert.filter(need_id=need.id, acknowledged_at=NOW).count() == 1
    assert await NeedEvent.filter(need_id=need.id, kind="crisis_acknowledged").count() == 1
    assert await CrisisOpening.all().count() == len(workers)


async def test_crisis_opened_twice_at_once_by_one_worker_has_one_opening(city):
    need, chen = await city.need(text="不想活了"), city.staff["陈社工"]

    won, _ = await won_and_refused(
        *(crisis_openings.open_crisis(need.id, reason="接到报警", by=chen, now=NOW) for _ in range(3))
    )

    assert won == 3
    assert await CrisisOpening.all().count() == 1
    assert await NeedEvent.filter(need_id=need.id, kind="crisis_opened").count() == 1


async def test_opening_and_withdrawal_at_once_leave_a_withdrawn_need(city):
    need = await city.need(urgency=Urgency.EMERGENCY)

    answers = await at_once(
        crisis_openings.open_crisis(need.id, reason="接到报警", by=city.staff["陈社工"], now=NOW),
        closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW),
    )

    withdrawn = answers[1]
    assert withdrawn.status == NeedStatus.WITHDRAWN
    kinds = await NeedEvent.filter(need_id=need.id).order_by("number").values_list("kind", flat=True)
    refused = isinstance(answers[0], NoCrisis)
    assert kinds == ["submitted", "crisis", *([] if refused else ["crisis_opened"]), "withdrawn"]


async def test_unread_crisis_of_a_resolved_need_is_still_opened(city):
    need, zhao = await city.need(), city.staff["赵站长"]
    await triage.accept(need.id, by=zhao, now=NOW)
    await triage.assign(need.id, worker_id=zhao.person_id, by=zhao, now=NOW)
    await triage.start(need.id, by=zhao, now=NOW)
    await hearing.hear("我不想活了", by=city.grandma.id, about=need.id, raises=True, now=NOW)
    await triage.resolve(need.id, outcome="已办好", service_minutes=0, by=zhao, now=NOW)

    await hear(need, zhao, NOW)

    assert await CrisisAlert.exists(acknowledged_by_id=zhao.person_id)


async def test_former_worker_whom_the_alert_reached_opens_nothing_from_another_station(
    grandma, phone_of_worker, town, clock
):
    path, worker, officer = await plead(grandma), await phone_of_worker("陈社工"), await phone_of_worker("冯科长")
    role = await Role.get(person_id=worker.person_id, current=1)
    elsewhere = Appointment(worker.person_id, RoleKind.SOCIAL_WORKER, town.stations["蓝田社工站"].id)
    assert (await officer.post(f"/roles/{role.id}/ending")).status_code == 200
    await roles.appoint(elsewhere, by=officer.person_id, now=clock.now())

    assert (await worker.get(path)).status_code == 404
    assert (await worker.post(f"{path}/crisis-opening", WHY)).status_code == 404
    assert (await worker.post(f"{path}/crisis-acknowledgement")).status_code == 404


async def test_opening_shows_the_words_that_were_written_later(grandma, phone_of_worker):
    path, chen = await plead(grandma, text="孙子的数学跟不上", category="elder_care"), await phone_of_worker("陈社工")
    await grandma.post(f"/needs/{need_id(path)}/reminders", {"message": "再没人管，我要跳楼了"})

    opened = (await chen.post(f"{path}/crisis-opening", WHY)).json()

    assert opened["text"] == "孙子的数学跟不上"
    assert opened["written"] == ["紧急求助：再没人管，我要跳楼了"]


async def test_resident_without_a_phone_is_asked_for_one_and_promised_no_call(grandma, phone_of_worker, town):
    await Person.filter(id=grandma.person_id).update(phone=None)
    filed = (await grandma.post("/needs", {"text": "我不想活了", "area_id": town.areas["团结村"].id})).json()
    path, chen = f"/station/needs/{filed['id']}", await phone_of_worker("陈社工")
    assert "您没有留电话，请在催办留言里写下电话和所在的地方。" in filed["emergency"]["message"]

    await chen.post(f"{path}/crisis-opening", WHY)
    assert (await chen.post(f"{path}/crisis-acknowledgement")).status_code == 200

    told = await story(grandma, path)
    assert "值班人员已看到您的求助，但没有您的电话：请打0830-2000000" in told
    assert "正在联系您" not in told


async def test_unacknowledged_crisis_rings_at_the_station_that_accepts_it(grandma, phone_of_worker, town):
    path, chen = await plead(grandma, category="elder_care"), await phone_of_worker("陈社工")
    zhou, receiver = await phone_of_worker("周社工"), town.stations["蓝田社工站"].id
    before = await CrisisRing.get(current=1)
    await chen.post(f"{path}/referral", {"station_id": receiver, "reason": "她住在那边"})

    assert (await zhou.post(f"{path}/referral-acceptance")).status_code == 200

    ring = await CrisisRing.get(current=1)
    assert (ring.station_id, ring.id != before.id) == (receiver, True)
    assert await Job.exists(kind="sound_crisis", subject=str(ring.id), state="waiting", due_at__lte=NOW)
    assert await Notice.exists(person_id=zhou.person_id, template="crisis")
    assert (await zhou.post(f"{path}/crisis-opening", WHY)).status_code == 200


async def test_acknowledged_crisis_that_is_referred_rings_nowhere(grandma, phone_of_worker, town):
    path, chen = await plead(grandma, category="elder_care"), await phone_of_worker("陈社工")
    zhou = await phone_of_worker("周社工")
    await chen.post(f"{path}/crisis-opening", WHY)
    await chen.post(f"{path}/crisis-acknowledgement")
    await chen.post(f"{path}/referral", {"station_id": town.stations["蓝田社工站"].id, "reason": "她住在那边"})

    assert (await zhou.post(f"{path}/referral-acceptance")).status_code == 200

    assert not await CrisisRing.exists(current=1)
