"""A confidential need: only the head assigns it, it is referred without its words, and deciders read it as an act."""

from dataclasses import replace

import pytest

from server.database import db
from server.domain import roles
from server.domain.needs import access, appeals, referrals, rerouting, staff_queries, triage
from server.errors import NotFound
from server.models import AuditEntry, Need, NeedStatus, Reading, Role
from tests import factories
from tests.conftest import NOW
from tests.handlers.test_photos import GOOD, upload
from tests.jobs.working import needs_follow
from tests.people import Phone
from tests.sides import sign_in

WORDS = "医生说是抑郁症"


@pytest.fixture
async def grandma(client, town):
    return Phone(client, await sign_in(town.grandma.id, NOW), town.grandma.id)


@pytest.fixture
async def staff_phones(client, town):
    """The phones of the small city's staff by name."""
    return {
        name: Phone(client, await sign_in(scope.person_id, NOW), scope.person_id) for name, scope in town.staff.items()
    }


@pytest.fixture
async def need(town):
    return await town.need(category="counselling", text=WORDS)


async def accepted(town, need):
    return await triage.accept(need.id, by=town.staff["赵站长"], now=NOW)


async def assigned(town, need):
    await accepted(town, need)
    worker = town.staff["陈社工"].person_id
    return await triage.assign(need.id, worker_id=worker, by=town.staff["赵站长"], now=NOW)


STEPS = {
    "acceptance": {},
    "decline": {"reason": "不归我们", "alternative_help": "医院"},
    "note": {"note": "打过电话"},
    "contact": {"reason": "上门"},
    "contact-sharing": {"verification": "电话里问过"},
}


@pytest.mark.parametrize("step", STEPS)
async def test_worker_who_may_not_read_takes_no_step(town, need, staff_phones, step):
    answer = await staff_phones["陈社工"].post(f"/station/needs/{need.id}/{step}", STEPS[step])

    assert (answer.status_code, answer.json()["details"]["role"]) == (403, "head")


async def test_worker_may_not_take_a_confidential_need(town, need, staff_phones):
    await accepted(town, need)
    chen = staff_phones["陈社工"]

    taken = await chen.post(f"/station/needs/{need.id}/assignment", {"worker_id": chen.person_id})

    assert (taken.status_code, taken.json()["details"]["role"]) == (403, "head")
    assert (await chen.get(f"/station/needs/{need.id}")).json()["text"] is None


async def test_head_assigning_themselves_is_noted(town, need, staff_phones):
    await accepted(town, need)
    head = staff_phones["赵站长"]

    answer = await head.post(f"/station/needs/{need.id}/assignment", {"worker_id": head.person_id})

    assert answer.status_code == 200
    note = await AuditEntry.get(action="need.assigned")
    assert (note.subject, note.person_id, note.facts) == (f"need:{need.id}", head.person_id, {"worker": head.person_id})


async def test_worker_may_not_refer_a_confidential_need(town, need, staff_phones):
    to = {"station_id": town.stations["蓝田社工站"].id, "reason": "搬家"}

    answer = await staff_phones["陈社工"].post(f"/station/needs/{need.id}/referral", to)

    assert (answer.status_code, answer.json()["details"]["role"]) == (403, "head")


async def refer(town, need, to="江阳总站", reason="她丈夫在我们站工作"):
    return await referrals.refer(
        need.id, to_station=town.stations[to].id, reason=reason, by=town.staff["赵站长"], now=NOW
    )


async def test_receiver_reads_a_referred_need_only_after_accepting(town, need, staff_phones):
    await refer(town, need)
    receiver = staff_phones["孙站长"]

    before = await receiver.get(f"/station/needs/{need.id}")
    listed = await receiver.get("/station/needs", params={"scope": "referred"})
    assert before.json()["text"] is None
    for answer in (before, listed):
        assert WORDS not in answer.text
        assert "丈夫" not in answer.text

    assert (await receiver.post(f"/station/needs/{need.id}/referral-acceptance")).status_code == 200
    after = await receiver.get(f"/station/needs/{need.id}")
    assert after.json()["text"] == WORDS
    assert "丈夫" in after.text
    assert (await staff_phones["赵站长"].get(f"/station/needs/{need.id}")).status_code == 404


@pytest.mark.parametrize("answer", ["referral-acceptance", "referral-return"])
async def test_only_the_head_answers_a_referral_of_a_confidential_need(town, need, staff_phones, answer):
    worker = await factories.worker("吴社工", town.stations["江阳总站"], NOW)
    client = staff_phones["孙站长"].client
    phone = Phone(client, await sign_in(worker.person_id, NOW), worker.person_id)
    await refer(town, need)
    body = {"reason": "不归我们"} if answer == "referral-return" else {}

    assert (await phone.post(f"/station/needs/{need.id}/{answer}", body)).status_code == 403
    assert (await staff_phones["孙站长"].post(f"/station/needs/{need.id}/{answer}", body)).status_code == 200


async def test_words_of_a_return_are_read_by_the_sender_alone(town, need, staff_phones):
    await refer(town, need)
    returned = await staff_phones["孙站长"].post(
        f"/station/needs/{need.id}/referral-return", {"reason": "我们站有她的亲戚"}
    )

    assert returned.status_code == 200
    assert "亲戚" in (await staff_phones["赵站长"].get(f"/station/needs/{need.id}")).text
    for name in ("陈社工", "冯科长", "卫处长"):
        assert "亲戚" not in (await staff_phones[name].get(f"/station/needs/{need.id}")).text


async def test_worker_who_entered_a_confidential_need_prints_its_slip_for_a_day(town, staff_phones, clock):
    entered = {
        "category": "marriage_family",
        "text": "想请人帮忙",
        "contact_name": "王秀英",
        "contact_phone": "13812345678",
    }
    entered |= {"area_id": town.areas["团结村"].id, "channel": "counter"}
    need_id = (await staff_phones["陈社工"].post("/station/needs", entered)).json()["id"]

    assert (await staff_phones["陈社工"].get(f"/station/needs/{need_id}/slip")).status_code == 200
    clock.forward(hours=25)
    assert (await staff_phones["陈社工"].get(f"/station/needs/{need_id}/slip")).status_code == 403


async def test_worker_of_the_station_prints_no_slip_of_a_confidential_need(town, need, staff_phones):
    assert (await staff_phones["陈社工"].get(f"/station/needs/{need.id}/slip")).status_code == 403
    assert (await staff_phones["赵站长"].get(f"/station/needs/{need.id}/slip")).status_code == 200


async def test_former_assignee_reads_no_more(town, need, staff_phones):
    await assigned(town, need)
    chen = staff_phones["陈社工"]
    assert (await chen.get(f"/station/needs/{need.id}")).json()["text"] == WORDS

    worker = {"worker_id": staff_phones["赵站长"].person_id}
    await staff_phones["赵站长"].post(f"/station/needs/{need.id}/assignment", worker)

    assert (await chen.get(f"/station/needs/{need.id}")).json()["text"] is None


async def test_assignee_who_left_the_station_and_became_officer_reads_no_more(town, need):
    need = await assigned(town, need)
    await Need.filter(id=need.id).update(status=NeedStatus.RESOLVED)
    officer = replace(town.staff["冯科长"], person_id=town.staff["陈社工"].person_id)

    view = await staff_queries.open_need(need.id, by=officer, now=NOW)

    assert not view.shown.readable


async def test_every_opening_of_a_confidential_need_is_listed_for_the_resident(town, need, staff_phones, grandma):
    await assigned(town, need)
    for name in ("陈社工", "赵站长", "赵站长", "林社工"):
        await staff_phones[name].get(f"/station/needs/{need.id}")

    readings = (await grandma.get("/me/readings")).json()["items"]

    assert [(one["reader"], one["kind"]) for one in readings] == [
        ("赵站长", "confidential"), ("赵站长", "confidential"), ("陈社工", "confidential"),
    ]  # fmt: skip


async def test_known_person_is_not_learnt_from_a_confidential_need(town, need, staff_phones):
    entry = {
        "channel": "counter", "category": "elder_care", "text": "买药", "contact_name": "王秀英",
        "contact_phone": "13812345678", "area_id": town.areas["团结村"].id, "person_id": town.grandma.id,
    }  # fmt: skip

    assert (await staff_phones["陈社工"].post("/station/needs", entry)).status_code == 404
    assert (await staff_phones["赵站长"].post("/station/needs", entry)).status_code == 201


async def test_confidential_need_is_shown_beside_no_ordinary_one_and_beside_another_to_the_head(
    town, need, staff_phones
):
    other = await town.need(text=WORDS)
    second = await town.need(text=WORDS, category="marriage_family")

    seen = {
        name: (await staff_phones[name].get(f"/station/needs/{other.id}")).json()["similar_needs"]
        for name in ("陈社工", "赵站长", "冯科长")
    }

    assert [len(seen[name]) for name in seen] == [0, 0, 0]
    beside = (await staff_phones["赵站长"].get(f"/station/needs/{second.id}")).json()["similar_needs"]
    assert {one["id"]: one["excerpt"] is None for one in beside} == {need.id: True, other.id: False}


async def test_merging_says_not_whose_a_confidential_need_is(town, need, staff_phones):
    theirs = await town.need()
    stranger = await factories.person("李婆婆", NOW, town.areas["团结村"])
    others = await town.need(by=stranger.id, contact_phone="13900001111")

    for one in (theirs, others):
        answer = await staff_phones["陈社工"].post(f"/station/needs/{one.id}/merge", {"target_need_id": need.id})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_required")


async def test_confidential_need_joins_only_confidential_needs_of_the_same_people(town, need, staff_phones):
    ordinary = await town.need()
    husband = await factories.person("王大爷", NOW, town.areas["团结村"])
    his = await town.need(category="counselling", by=husband.id)
    again = await town.need(category="counselling")
    head = staff_phones["赵站长"]

    joined = {
        one.id: (await head.post(f"/station/needs/{one.id}/merge", {"target_need_id": need.id})).status_code
        for one in (ordinary, his, again)
    }

    assert joined == {ordinary.id: 409, his.id: 409, again.id: 200}
    assert (await staff_phones["陈社工"].get(f"/station/needs/{again.id}")).json()["merged_into_id"] is None


async def declined(town, need, staff_phones):
    body = {"reason": "不属于服务范围", "alternative_help": "精神卫生中心"}
    assert (await staff_phones["赵站长"].post(f"/station/needs/{need.id}/decline", body)).status_code == 200


DECIDERS = ("孙站长", "冯科长", "卫处长")


async def test_appeal_of_a_confidential_need_is_listed_without_its_words(town, need, staff_phones, grandma):
    await declined(town, need, staff_phones)
    await grandma.post(f"/needs/{need.id}/appeal", {"reason": f"{WORDS}，求你们了"})

    for name in DECIDERS:
        answer = await staff_phones[name].get("/appeals")
        [row] = answer.json()["items"]
        assert (row["confidential"], row["reason"]) == (True, None)
        assert WORDS not in answer.text


@pytest.mark.parametrize("name", DECIDERS)
async def test_decider_reads_a_confidential_appeal_as_a_logged_act(town, need, staff_phones, grandma, name):
    await declined(town, need, staff_phones)
    await grandma.post(f"/needs/{need.id}/appeal", {"reason": "求你们了"})
    decider = staff_phones[name]
    path = f"/appeals/{(await decider.get('/appeals')).json()['items'][0]['id']}"

    assert (await decider.post(f"{path}/reading", {"reason": " "})).status_code == 400
    for _ in range(2):
        read = (await decider.post(f"{path}/reading", {"reason": "复核申诉材料"})).json()
        assert (read["text"], read["reason"]) == (WORDS, "求你们了")
        assert "不属于服务范围" in read["decline"]

    readings = (await grandma.get("/me/readings")).json()["items"]
    assert [(one["reader"], one["kind"], one["reason"]) for one in readings] == [(name, "appeal", "复核申诉材料")] * 2
    thread = (await grandma.get(f"/needs/{need.id}")).json()["timeline"]
    assert [one["message"] for one in thread if "复核申诉材料" in one["message"]] == [
        "为复核申诉查看了您的需求，原因：复核申诉材料。"
    ]


async def test_decided_appeal_is_read_no_more(town, need, staff_phones, grandma):
    await declined(town, need, staff_phones)
    await grandma.post(f"/needs/{need.id}/appeal", {"reason": "求你们了"})
    officer = staff_phones["冯科长"]
    path = f"/appeals/{(await officer.get('/appeals')).json()['items'][0]['id']}"
    await officer.post(f"{path}/decision", {"granted": False, "reason": "维持"})

    answer = await officer.post(f"{path}/reading", {"reason": "再看看"})

    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
    assert await Reading.filter(what="appeal").count() == 0


async def test_worker_of_the_parent_station_reads_no_appeal(town, need, staff_phones, grandma):
    await declined(town, need, staff_phones)
    await grandma.post(f"/needs/{need.id}/appeal", {"reason": "求你们了"})
    [row] = (await staff_phones["冯科长"].get("/appeals")).json()["items"]

    for name in ("陈社工", "赵站长", "周社工", "褚科长"):
        answer = await staff_phones[name].post(f"/appeals/{row['id']}/reading", {"reason": "看看"})
        assert answer.status_code == 404


async def test_extension_of_a_confidential_need_is_read_as_a_logged_act(town, need, staff_phones, grandma):
    need = await assigned(town, need)
    until = need.completion_due_at.replace(hour=need.completion_due_at.hour + 1).isoformat()
    asked = {"extended_until": until, "reason": "等她住院回来"}
    assert (await staff_phones["陈社工"].post(f"/station/needs/{need.id}/extension", asked)).status_code == 201

    for name in ("赵站长", "冯科长", "卫处长"):
        answer = await staff_phones[name].get("/extensions")
        [row] = answer.json()["items"]
        assert (row["confidential"], row["reason"]) == (True, None)
        read = await staff_phones[name].post(f"/extensions/{row['id']}/reading", {"reason": "审批"})
        assert (read.json()["reason"], read.json()["text"]) == ("等她住院回来", WORDS)

    readings = (await grandma.get("/me/readings")).json()["items"]
    assert [(one["reader"], one["kind"]) for one in readings] == [
        ("卫处长", "extension"), ("冯科长", "extension"), ("赵站长", "extension"),
    ]  # fmt: skip


async def test_worker_who_asked_reads_no_own_request_as_decider(town, need, staff_phones):
    await assigned(town, need)
    need = await Need.get(id=need.id)
    until = need.completion_due_at.replace(hour=need.completion_due_at.hour + 1).isoformat()
    head = staff_phones["赵站长"]
    await head.post(f"/station/needs/{need.id}/extension", {"extended_until": until, "reason": "等回复"})
    [row] = (await staff_phones["冯科长"].get("/extensions")).json()["items"]
    [own] = (await head.get("/extensions")).json()["items"]
    assert (own["id"], own["is_mine"], row["is_mine"]) == (row["id"], True, False)

    answer = await head.post(f"/extensions/{row['id']}/reading", {"reason": "看看"})

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, "own_decision")


async def test_photo_of_a_confidential_need_is_shown_while_its_reader_may_read_it(town, staff_phones, grandma, client):
    photo = (await upload(grandma, GOOD)).json()
    need = await assigned(town, await town.need(category="counselling", photo_ids=[photo["id"]]))

    async def link_of(name: str) -> str:
        [links] = (await staff_phones[name].get(f"/station/needs/{need.id}")).json()["photos"]
        return links["small"].partition("/api/v1")[2]

    async def status(link: str) -> int:
        return (await client.get(f"/api/v1{link}")).status_code

    workers, heads = await link_of("陈社工"), await link_of("赵站长")
    worker, colleague = (town.staff[name].person_id for name in ("陈社工", "林社工"))
    assert [await status(link) for link in (workers, heads, photo["small"].partition("/api/v1")[2])] == [200] * 3
    assert await status(workers.replace(str(worker), str(colleague))) == 404

    await roles.end((await Role.get(person_id=worker, current=1)).id, by=town.staff["冯科长"], now=NOW)

    assert [await status(link) for link in (workers, heads)] == [404, 200]
    for reader in (colleague, town.staff["冯科长"].person_id, None):
        with pytest.raises(NotFound):
            await access.require_photo_reader(need.id, reader)


async def test_confidential_need_goes_to_the_nearest_station_with_a_head(town, grandma, staff_phones):
    """A room with one social worker serves ordinary needs; of confidential ones nobody there could read a word."""
    await factories.employ(town, "和平社工室")
    body = {"text": WORDS, "contact_name": "王秀英", "contact_phone": "13812345678"}
    body |= {"area_id": town.areas["和平社区"].id}

    found = {
        category: (await grandma.post("/needs", body | {"category": category})).json()["station"]["name"]
        for category in ("elder_care", "counselling")
    }

    assert found == {"elder_care": "和平社工室", "counselling": "邻玉社工站"}


async def test_confidential_need_moves_up_when_the_head_leaves_and_back_when_there_is_one(town, need):
    await accepted(town, need)
    head = await Role.get(person_id=town.staff["赵站长"].person_id, current=1)
    await roles.end(head.id, by=town.staff["冯科长"], now=NOW)
    await needs_follow()
    above = (await Need.get(id=need.id)).station_id
    await factories.worker("新站长", town.stations["邻玉社工站"], NOW, head=True)
    await rerouting_planned(town)
    await needs_follow()

    assert above == town.stations["江阳总站"].id
    assert (await Need.get(id=need.id)).station_id == town.stations["邻玉社工站"].id


async def rerouting_planned(town):
    """Plan what an appointment plans."""

    @db.transaction
    async def plan() -> None:
        await rerouting.plan(town.stations["邻玉社工站"].id, now=NOW)

    await plan()


async def test_granted_appeal_and_last_return_go_to_a_station_with_a_head(town, need):
    """The head station has a worker and no head: the city desk above takes what nobody there may read."""
    await Role.filter(station_id=town.stations["江阳总站"].id, kind="station_head").update(current=None)
    await factories.worker("台长", town.stations["市级服务台"], NOW, head=True)
    chen_head = town.staff["赵站长"]
    await triage.decline(need.id, reason="不归我们", alternative_help="医院", by=chen_head, now=NOW)
    appeal = await appeals.submit(need.id, reason="请再看看", by=need.person_id, now=NOW)

    await appeals.decide(appeal.id, grant=True, decision="应予受理", by=town.staff["卫处长"], now=NOW)

    assert (await Need.get(id=need.id)).station_id == town.stations["市级服务台"].id


async def test_returned_need_does_not_stay_where_the_head_has_left(town, need):
    await accepted(town, need)
    lantian = town.stations["蓝田社工站"].id
    await referrals.refer(need.id, to_station=lantian, reason="已搬家", by=town.staff["赵站长"], now=NOW)
    await Role.filter(person_id=town.staff["赵站长"].person_id).update(current=None)

    await referrals.return_to_sender(need.id, reason="没有搬来", by=town.staff["吴站长"], now=NOW)
    await needs_follow()

    assert (await Need.get(id=need.id)).station_id == town.stations["江阳总站"].id


async def test_accepted_referral_stays_when_roles_of_the_areas_station_change(town):
    need = await town.need(area_id=town.areas["宪桥社区"].id)
    await referrals.refer(
        need.id, to_station=town.stations["邻玉社工站"].id, reason="已搬家", by=town.staff["周社工"], now=NOW
    )
    await referrals.accept(need.id, by=town.staff["赵站长"], now=NOW)
    head = await Role.get(person_id=town.staff["吴站长"].person_id, current=1)

    await roles.end(head.id, by=town.staff["冯科长"], now=NOW)
    await needs_follow()

    assert (await Need.get(id=need.id)).station_id == town.stations["邻玉社工站"].id


@pytest.mark.parametrize(("category", "shown"), [("elder_care", WORDS), ("counselling", None)])
async def test_deciders_read_the_category_and_as_entitled_the_text_of_what_they_decide(
    town, staff_phones, grandma, category, shown
):
    filed = await town.need(category=category, text=WORDS)
    await triage.decline(filed.id, reason="不归我们", alternative_help="医院", by=town.staff["赵站长"], now=NOW)
    await grandma.post(f"/needs/{filed.id}/appeal", {"reason": "请再看看"})

    [row] = (await staff_phones["孙站长"].get("/appeals")).json()["items"]

    assert (row["category_name"], row["text"]) == (
        {"elder_care": "养老服务", "counselling": "心理疏导"}[category],
        shown,
    )
