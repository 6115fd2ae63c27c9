"""Rights of residents without a phone: used by staff on their word, and by the person who holds the slip."""

from datetime import timedelta

import pytest

from server.domain.needs import triage
from server.models import AuditEntry, Category, CrisisAlert, Need, NeedStatus, Notice, Person, Rating
from tests import factories, steps
from tests.conftest import NOW
from tests.factories.households import household
from tests.people import Phone
from tests.sides import sign_in

COUNTER = {"category": "elder_care", "text": "想请人陪我去医院", "contact_name": "刘桂英", "urgency": "normal"}
RATING = {"solved": "partly", "stars": 5, "tags": [], "comment": "谢谢"}


@pytest.fixture
def phone_at(client, town):
    """Sign in a member of the small city's staff by name."""

    async def sign_in_staff(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, NOW), person_id)

    return sign_in_staff


@pytest.fixture
async def need(town, phone_at) -> Need:
    """Return a need that 陈社工 entered at the counter for a woman without a phone."""
    body = COUNTER | {"contact_phone": "0830-2345678", "area_id": town.areas["团结村"].id, "channel": "counter"}
    answer = await (await phone_at("陈社工")).post("/station/needs", body)
    assert answer.status_code == 201, answer.text
    return await Need.get(id=answer.json()["id"])


def path(need: Need, right: str) -> str:
    return f"/station/needs/{need.id}/on-word/{right}"


async def reminded(phone: Phone, need: Need) -> tuple[str, str]:
    """Return actor and words of the last reminder."""
    shown = (await phone.get(f"/station/needs/{need.id}")).json()["timeline"]
    return [(one["actor"], one["message"]) for one in shown if "催办" in one["message"]][-1]


async def test_reminder_on_the_residents_word_is_noted_as_such(phone_at, need):
    worker = await phone_at("林社工")

    answer = await worker.post(path(need, "reminder"), {"message": "下周一要复查"})

    assert answer.status_code == 200, answer.text
    assert (await Need.get(id=need.id)).urgings == 1
    said = await reminded(worker, need)
    assert said[1] == "您催办了这条需求（应您口头要求，由工作人员代办），工作人员已收到提醒。留言：下周一要复查。"
    assert "林社工" in said[0]
    again = await worker.post(path(need, "reminder"), {})
    assert (again.status_code, again.json()["code"]) == (409, "too_early")


async def test_need_is_withdrawn_on_the_residents_word(phone_at, need):
    answer = await (await phone_at("林社工")).post(path(need, "withdrawal"), {"reason": "女儿回来了"})

    assert answer.status_code == 200, answer.text
    assert (await Need.get(id=need.id)).status == NeedStatus.WITHDRAWN


async def test_appeal_on_the_residents_word_goes_to_the_parent_station(town, phone_at, need):
    await triage.decline(need.id, reason="不属于本站", alternative_help="请到医院", by=town.staff["陈社工"], now=NOW)

    answer = await (await phone_at("林社工")).post(path(need, "appeal"), {"reason": "没有人帮我"})

    assert answer.status_code == 200, answer.text
    assert await Notice.exists(template="appeal_made", person_id=town.staff["孙站长"].person_id)


async def test_resolved_need_is_reopened_on_the_residents_word(town, phone_at, need):
    await steps.resolve_need(town, need, NOW)

    answer = await (await phone_at("林社工")).post(path(need, "reopening"), {"reason": "人没有来"})

    assert answer.status_code == 200, answer.text
    assert (await Need.get(id=need.id)).status == NeedStatus.REOPENED


async def test_rating_on_the_residents_word_is_entered_by_a_colleague_of_the_handler(town, phone_at, need):
    await steps.resolve_need(town, need, NOW)
    handler = (await Need.get(id=need.id)).handler_id
    names = {one.person_id: name for name, one in town.staff.items()}
    colleague = next(name for name in ("陈社工", "林社工") if town.staff[name].person_id != handler)

    own = await (await phone_at(names[handler])).post(path(need, "rating"), RATING)
    answer = await (await phone_at(colleague)).post(path(need, "rating"), RATING)

    assert (own.status_code, own.json()["details"]) == (403, {"rule": "handler_rating"})
    assert answer.status_code == 200, answer.text
    rating = await Rating.get(need_id=need.id)
    assert (rating.person_id, rating.stars) == (need.person_id, 5)
    entry = await AuditEntry.get(action="need.rated")
    assert entry.person_id == town.staff[colleague].person_id


@pytest.mark.parametrize("right", ["reminder", "withdrawal"])
async def test_resident_with_a_phone_uses_their_rights_themselves(town, phone_at, need, right):
    worker = await phone_at("林社工")
    by_phone = await town.need()
    await Person.filter(id=need.person_id).update(openid="openid-liu")

    for one in (need, by_phone):
        answer = await worker.post(path(one, right), {})
        assert (answer.status_code, answer.json()["details"]) == (409, {"status": "has_phone"})
    assert (await Need.get(id=need.id)).urgings == 0


async def test_confidential_need_is_withdrawn_on_word_by_its_reader_alone(town, phone_at, need):
    await Need.filter(id=need.id).update(category_id=(await town.need(category="counselling")).category_id)

    colleague = await (await phone_at("林社工")).post(path(need, "withdrawal"), {})
    head = await (await phone_at("赵站长")).post(path(need, "withdrawal"), {})

    assert (colleague.status_code, colleague.json()["code"]) == (403, "role_required")
    assert head.status_code == 200


async def test_slip_reminds_the_worker_once_in_a_while(client, clock, phone_at, need):
    code = f"{need.slip_code[:5]}-{need.slip_code[5:]}".lower()

    first = await client.post(f"/api/v1/slips/{code}/reminders", json={})
    second = await client.post(f"/api/v1/slips/{code}/reminders", json={})

    assert (first.status_code, first.json()["status"]) == (201, "submitted"), first.text
    assert (second.status_code, second.json()["code"]) == (409, "too_early")
    assert (await reminded(await phone_at("林社工"), need))[1].startswith("有人凭查询单催办了这条需求")
    assert (await client.post("/api/v1/slips/ABCDE23456/reminders", json={})).status_code == 404
    clock.forward(seconds=timedelta(days=7).total_seconds())
    assert (await client.post(f"/api/v1/slips/{code}/reminders", json={})).status_code == 201


async def test_stranger_to_the_station_acts_on_nobodys_word(phone_at, need):
    person = await factories.person("路人", NOW)

    assert (await (await phone_at("周社工")).post(path(need, "reminder"), {})).status_code == 404
    assert (await (await phone_at("冯科长")).post(path(need, "reminder"), {})).status_code == 403
    assert person.id != need.person_id


@pytest.mark.parametrize(
    ("right", "body"), [("reminder", {"message": "她说不想活了"}), ("withdrawal", {"reason": "她说不想活了"})]
)
async def test_words_of_crisis_told_to_a_worker_raise_the_need(phone_at, need, right, body):
    answer = await (await phone_at("林社工")).post(path(need, right), body)

    raised = await Need.get(id=need.id)
    assert (raised.urgency, raised.status) == ("emergency", NeedStatus.SUBMITTED)
    assert await CrisisAlert.exists(need_id=need.id, acknowledged_at=None)
    if right == "reminder":
        assert answer.json()["emergency"]["need_id"] == need.id
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "crisis_not_opened")


async def test_words_of_crisis_about_an_ended_need_are_a_need_of_the_resident(town, phone_at, need):
    await steps.resolve_need(town, need, NOW)

    answer = await (await phone_at("林社工")).post(path(need, "reopening"), {"reason": "儿子又打他，他说要跳楼"})

    assert answer.status_code == 200, answer.text
    filed = await Need.get(id=answer.json()["emergency"]["need_id"])
    assert (filed.person_id, filed.urgency) == (need.person_id, "emergency")


async def test_plea_that_nobody_has_read_is_not_withdrawn_on_word(town, phone_at):
    worker = await phone_at("林社工")
    body = COUNTER | {"text": "她说她不想活了", "contact_phone": "0830-2345678", "channel": "telephone"}
    filed = await worker.post("/station/needs", body | {"area_id": town.areas["团结村"].id, "urgency": "emergency"})

    answer = await worker.post(f"/station/needs/{filed.json()['id']}/on-word/withdrawal", {})

    assert (answer.status_code, answer.json()["code"]) == (409, "crisis_not_opened")
    assert await CrisisAlert.exists(need_id=filed.json()["id"], acknowledged_at=None)


async def test_earlier_handler_neither_rates_nor_withdraws_on_word(town, phone_at, need):
    worker, head = town.staff["陈社工"], town.staff["赵站长"]
    await triage.accept(need.id, by=worker, now=NOW)
    await triage.assign(need.id, worker_id=worker.person_id, by=head, now=NOW)
    own = await (await phone_at("陈社工")).post(path(need, "withdrawal"), {})
    await triage.start(need.id, by=worker, now=NOW)
    await Need.filter(id=need.id).update(assignee_id=head.person_id)
    await triage.resolve(need.id, outcome="办好了", service_minutes=0, by=head, now=NOW)

    rated = await (await phone_at("陈社工")).post(path(need, "rating"), RATING)

    assert (own.status_code, own.json()["details"]) == (403, {"rule": "own_decision"})
    assert (rated.status_code, rated.json()["details"]) == (403, {"rule": "handler_rating"})


async def test_words_of_crisis_on_word_are_heard_although_the_rest_is_refused(town, phone_at, need):
    worker, stranger = await phone_at("林社工"), await phone_at("吴站长")
    await Person.filter(id=need.person_id).update(openid="has-a-phone")

    refused = await worker.post(path(need, "message"), {"text": "她在电话里说不想活了"})
    unknown = await stranger.post(path(need, "message"), {"text": "她在电话里说不想活了"})

    assert (refused.status_code, refused.json()["emergency"]["need_id"]) == (409, need.id)
    assert (unknown.status_code, bool(unknown.json()["emergency"]["phones"])) == (404, True)
    assert await CrisisAlert.all().count() == 2


@pytest.mark.parametrize("status", [NeedStatus.SUBMITTED, NeedStatus.CLOSED])
async def test_worker_reads_no_confidential_need_by_writing_words_of_crisis(town, phone_at, status):
    head, worker = await phone_at("赵站长"), await phone_at("林社工")
    code = (await Category.filter(confidential=True).order_by("id").first()).code
    body = COUNTER | {"category": code, "text": "秘密的话", "contact_phone": "13987654321", "channel": "counter"}
    entered = await head.post("/station/needs", body | {"area_id": town.areas["团结村"].id})
    need_id = entered.json()["id"]
    await Need.filter(id=need_id).update(status=status)

    answers = [
        await worker.post(f"/station/needs/{need_id}/on-word/message", {"text": "她说不想活了"}) for _ in range(2)
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(403, "role_required")}
    opening = {"reason": "核实情况"}
    assert (await worker.post(f"/station/needs/{need_id}/crisis-opening", opening)).json()["code"] == "no_crisis"
    [plea] = await Need.filter(urgency="emergency")
    assert (plea.id != need_id, plea.contact_name, plea.contact_phone) == (True, "", "")
    opened = (await worker.post(f"/station/needs/{plea.id}/crisis-opening", opening)).json()
    assert (opened["phone"], "秘密的话" in str(opened)) == ("", False)


async def test_worker_who_declined_does_not_use_up_the_appeal_on_word(need, phone_at):
    chen, lin = await phone_at("陈社工"), await phone_at("林社工")
    await chen.post(f"/station/needs/{need.id}/decline", {"reason": "不归我们", "alternative_help": "街道"})

    answer = await chen.post(path(need, "appeal"), {"reason": "没有意见"})

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "own_decision")
    assert (await lin.post(path(need, "appeal"), {"reason": "我符合条件"})).status_code == 200


async def test_rights_of_a_person_who_was_shut_out_are_used_on_word(need, phone_at):
    await Person.filter(id=need.person_id).update(openid="openid-of-liu", disabled_at=NOW)

    answer = await (await phone_at("林社工")).post(path(need, "message"), {"text": "我说的是星期二"})

    assert answer.status_code == 200, answer.text


async def test_worker_who_lives_with_the_resident_uses_no_right_of_theirs(need, phone_at):
    chen = await phone_at("陈社工")
    await household(chen.person_id, need.person_id, now=NOW)

    for right in ("withdrawal", "message"):
        body = {"reason": "她不要了"} if right == "withdrawal" else {"text": "她不要了"}
        answer = await chen.post(path(need, right), body)
        assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "own_need"), right
