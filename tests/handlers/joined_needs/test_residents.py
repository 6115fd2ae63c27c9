"""A need that was merged into another one of the household: both residents follow, write, urge, reopen and rate it."""

import pytest

from server.domain import invariants
from server.domain.needs import closing, duplicates, referrals
from server.errors import InvalidNeedState, NotMergeable, OwnNeed
from server.models import CrisisAlert, Need, NeedEvent, NeedStatus, Notice, Person, Rating, RoleKind
from tests import factories, steps
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories.households import household
from tests.handlers.joined_needs.conftest import TEXT, filed, merge
from tests.handlers.test_photos import GOOD, upload
from tests.people import Phone
from tests.sides import sign_in


async def test_both_residents_read_the_joined_need_and_are_notified(pair, grandma, granddaughter):
    hers, merged = pair

    for phone in (grandma, granddaughter):
        shown = (await phone.get(f"/needs/{hers}")).json()
        assert (shown["text"], [one["text"] for one in shown["joined_needs"]]) == (TEXT, ["奶奶家屋顶漏水"])
    [listed] = (await granddaughter.get("/needs")).json()["items"]
    assert (listed["id"], listed["merged_into_id"]) == (merged, hers)
    notices = {
        one.template: (one.person_id, one.subject_id)
        for one in await Notice.filter(template__in=["need_merged", "need_joined"])
    }
    assert notices == {"need_merged": (granddaughter.person_id, hers), "need_joined": (grandma.person_id, hers)}


async def test_both_residents_write_urge_and_rate(pair, town, grandma, granddaughter, chen):
    hers, _ = pair
    assert (await granddaughter.post(f"/needs/{hers}/messages", {"text": "我是她孙女"})).status_code == 200
    assert (await granddaughter.post(f"/needs/{hers}/reminders")).status_code == 200
    line = (await grandma.get(f"/needs/{hers}")).json()["timeline"][-1]
    assert line["actor"] == "家人"
    await steps.resolve_need(town, await Need.get(id=hers), NOW)

    for phone, stars in ((granddaughter, 4), (grandma, 5)):
        shown = (await phone.get(f"/needs/{hers}")).json()["allowed_actions"]
        answer = await phone.put(
            f"/needs/{hers}/rating", {"solved": "partly", "stars": stars, "tags": [], "comment": ""}
        )
        assert ("rating" in shown, answer.status_code) == (True, 200), answer.text
    assert await Notice.filter(template="need_resolved", subject_id=hers).count() == 2


async def test_other_resident_reopens_the_joined_need(pair, town, granddaughter):
    hers, _ = pair
    await steps.resolve_need(town, await Need.get(id=hers), NOW)

    answer = await granddaughter.post(f"/needs/{hers}/reopening", {"reason": "还在漏"})

    assert (answer.status_code, answer.json()["status"]) == (200, "reopened")


async def test_neighbour_reads_nothing_of_it(pair, phone_of):
    stranger = await phone_of("luren")

    assert (await stranger.get(f"/needs/{pair[0]}")).status_code == 404
    assert (await stranger.post(f"/needs/{pair[0]}/messages", {"text": "你好"})).status_code == 404


async def test_photos_and_words_of_both_go_with_the_need_to_another_station(town, grandma, granddaughter, chen, client):
    photos = [(await upload(phone, GOOD)).json()["id"] for phone in (grandma, granddaughter)]
    hers = await filed(grandma, photo_ids=[photos[0]])
    merged = await filed(granddaughter, text="奶奶家屋顶漏水", photo_ids=[photos[1]])
    await merge(chen, merged, hers)
    await referrals.refer(
        hers, to_station=town.stations["蓝田社工站"].id, reason="已搬家", by=town.staff["陈社工"], now=NOW
    )
    await referrals.accept(hers, by=town.staff["周社工"], now=NOW)
    zhou = Phone(client, await sign_in(town.staff["周社工"].person_id, NOW), 0)

    seen = (await zhou.get(f"/station/needs/{hers}")).json()

    assert [one["text"] for one in seen["joined_needs"]] == ["奶奶家屋顶漏水"]
    shown = [one["id"] for one in seen["photos"]] + [one["id"] for line in seen["timeline"] for one in line["photos"]]
    assert shown == photos
    assert (await zhou.get(f"/station/needs/{merged}")).status_code == 200
    assert (await invariants.check()).holds


async def test_slip_of_a_merged_need_shows_and_urges_the_joined_one(town, pair, client):
    hers, merged = pair
    await steps.accept_need(town, await Need.get(id=hers), NOW)
    code = (await Need.get(id=merged)).slip_code

    slip = (await client.get(f"/api/v1/slips/{code}")).json()
    urged = await client.post(f"/api/v1/slips/{code}/reminders")

    assert slip["status"] == (await Need.get(id=hers)).status
    assert (urged.status_code, (await Need.get(id=hers)).urgings) == (201, 1)


async def test_need_merged_twice_leads_to_the_last_one(pair, grandma, granddaughter, chen):
    hers, merged = pair
    last = await filed(grandma, text="屋顶漏水，还没有人来")

    await merge(chen, hers, last)

    assert (await Need.get(id=merged)).merged_into_id == last
    assert (await granddaughter.get(f"/needs/{last}")).status_code == 200
    assert (await granddaughter.get(f"/needs/{hers}")).status_code == 404
    assert (await Need.get(id=last)).joined_needs == 2
    told = {(one.person_id, one.subject_id) for one in await Notice.filter(template="need_merged")}
    assert told == {(granddaughter.person_id, hers), (grandma.person_id, last), (granddaughter.person_id, last)}
    assert (await invariants.check()).holds


async def test_resident_of_a_merged_need_does_not_handle_the_joined_one(town, pair, granddaughter, chen):
    hers, _ = pair
    await factories.role(
        (await Need.get(id=pair[1]).select_related("person")).person,
        RoleKind.SOCIAL_WORKER,
        NOW,
        station=town.stations["邻玉社工站"],
    )

    answer = await granddaughter.post(f"/station/needs/{hers}/acceptance")

    assert (answer.status_code, answer.json()["details"]["rule"]) == (403, OwnNeed.fixed_details["rule"])


async def test_merging_and_withdrawing_at_once_keep_every_resident(town, grandma, granddaughter):
    hers, merged = await filed(grandma), await filed(granddaughter)
    chen = town.staff["陈社工"]

    answers = await at_once(
        duplicates.merge(merged, into=hers, by=chen, now=NOW),
        closing.withdraw(merged, reason="", by=granddaughter.person_id, now=NOW),
    )

    ended = await Need.get(id=merged)
    # Whoever comes second is refused: the merge, or the withdrawal.
    assert sum(isinstance(one, (NotMergeable, InvalidNeedState)) for one in answers) == 1
    assert (ended.status == NeedStatus.MERGED) is ((await Need.get(id=hers)).joined_needs == 1)
    assert (await invariants.check()).holds


async def test_two_needs_merged_into_one_at_once_are_both_counted(town, grandma, granddaughter):
    hers, two = await filed(grandma), [await filed(granddaughter) for _ in range(2)]
    chen = town.staff["陈社工"]

    await at_once(*(duplicates.merge(one, into=hers, by=chen, now=NOW) for one in two))

    assert (await Need.get(id=hers)).joined_needs == 2
    assert (await invariants.check()).holds


async def test_plea_of_the_other_resident_is_a_need_of_their_own_that_is_hidden(pair, grandma, granddaughter):
    hers, _ = pair

    for step, body in (("messages", {"text": "她又打我，我想死"}), ("reminders", {"message": "我不想活了"})):
        answer = await granddaughter.post(f"/needs/{hers}/{step}", body)
        assert answer.json()["emergency"]["need_id"] != hers, answer.text

    pleas = await Need.filter(urgency="emergency")
    assert {one.person_id for one in pleas} == {granddaughter.person_id}
    assert "想死" not in (await grandma.get(f"/needs/{hers}")).text
    assert "不想活" not in (await grandma.get(f"/needs/{hers}")).text


async def test_other_resident_neither_withdraws_nor_shares_the_contact(pair, granddaughter):
    hers, _ = pair

    assert "withdrawal" not in (await granddaughter.get(f"/needs/{hers}")).json()["allowed_actions"]
    for answer in (
        await granddaughter.post(f"/needs/{hers}/withdrawal"),
        await granddaughter.put(f"/needs/{hers}/contact-sharing", {"allowed": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_person_who_left_the_household_follows_the_joined_need_no_longer(pair, grandma, granddaughter):
    hers, merged = pair
    assert (await granddaughter.post("/household/leaving")).status_code in {200, 204}

    assert (await granddaughter.get(f"/needs/{hers}")).status_code == 404
    assert (await granddaughter.get(f"/needs/{merged}")).status_code == 200
    assert "奶奶家屋顶漏水" not in (await grandma.get(f"/needs/{hers}")).text


@pytest.fixture
async def liu(town, grandma, chen):
    """刘桂英 without a phone, who lives with 王奶奶: the id of 王奶奶's need, of hers merged into it, and of herself."""
    body = {"category": "elder_care", "text": "屋顶漏水", "contact_name": "刘桂英", "contact_phone": "13987654321"}
    body |= {"area_id": town.areas["团结村"].id, "channel": "counter"}
    entered, joined = (await chen.post("/station/needs", body)).json(), await filed(grandma)
    await household(town.grandma.id, entered["person_id"], now=NOW)
    await merge(chen, entered["id"], joined)
    return joined, entered["id"], entered["person_id"]


async def test_resident_without_a_phone_has_her_rights_on_word_after_a_merge(liu, chen):
    joined, _, _ = liu
    path = f"/station/needs/{joined}/on-word"

    written = [await chen.post(f"{path}/message", {"text": "明天在家"}) for _ in range(2)]

    assert [one.status_code for one in written] == [200, 200], written[0].text
    assert await NeedEvent.filter(need_id=joined, kind="resident_wrote").count() == 1
    assert (await chen.post(f"{path}/reminder", {"message": ""})).status_code == 200


@pytest.mark.parametrize("of_merged", [False, True])
async def test_plea_on_word_of_a_joined_resident_is_her_own_and_hidden(liu, grandma, chen, of_merged):
    joined, merged, person_id = liu
    path = f"/station/needs/{merged if of_merged else joined}/on-word"

    written = [await chen.post(f"{path}/message", {"text": "王秀英打我，我不想活了"}) for _ in range(2)]
    await chen.post(f"{path}/reminder", {"message": "王秀英打我，我不想活了"})

    [plea] = await Need.filter(urgency="emergency")
    assert (plea.person_id, plea.contact_phone) == (person_id, "13987654321")
    assert {one.json()["emergency"]["need_id"] for one in written} == {plea.id}
    assert "不想活" not in (await grandma.get(f"/needs/{joined}")).text
    assert (await grandma.get(f"/needs/{plea.id}")).status_code == 404


async def test_joined_resident_on_word_neither_withdraws_nor_changes_the_others_rating(
    town, liu, grandma, chen, client
):
    joined, _, person_id = liu
    withdrawn = await chen.post(f"/station/needs/{joined}/on-word/withdrawal", {})
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (403, "not_allowed")
    await steps.resolve_need(town, await Need.get(id=joined), NOW)
    own, said = ({"solved": "yes", "stars": stars, "tags": [], "comment": ""} for stars in (4, 5))
    assert (await grandma.put(f"/needs/{joined}/rating", own)).status_code == 200
    lin = Phone(client, await sign_in(town.staff["林社工"].person_id, NOW), town.staff["林社工"].person_id)

    rated = await lin.post(f"/station/needs/{joined}/on-word/rating", said)

    assert rated.status_code == 200, rated.text
    assert {one.person_id: one.stars for one in await Rating.all()} == {grandma.person_id: 4, person_id: 5}


async def test_plea_in_the_reason_of_a_reopening_or_an_appeal_is_hidden(town, pair, grandma, granddaughter):
    joined, _ = pair
    await steps.resolve_need(town, await Need.get(id=joined), NOW)
    assert (await granddaughter.post(f"/needs/{joined}/reopening", {"reason": "奶奶打我，我想死"})).status_code == 200
    await Need.filter(id=joined).update(status="declined", ended_at=NOW)
    assert (await granddaughter.post(f"/needs/{joined}/appeal", {"reason": "奶奶打我，我不想活了"})).status_code in {
        200,
        201,
    }

    shown = (await grandma.get(f"/needs/{joined}")).text
    assert "打我" not in shown
    assert "您要求重新办理。" in shown
    assert {one.person_id for one in await Need.filter(urgency="emergency")} == {granddaughter.person_id}


async def test_plea_joins_no_need_of_another_person(town, grandma, granddaughter, chen):
    hers, plea = await filed(grandma), await filed(granddaughter, text="奶奶打我，我想死")
    await CrisisAlert.all().update(acknowledged_at=NOW, acknowledged_by_id=chen.person_id)

    refused = await chen.post(f"/station/needs/{plea}/merge", {"target_need_id": hers})

    assert refused.status_code == 409, refused.text
    assert "打我" not in (await grandma.get(f"/needs/{hers}")).text


async def test_plea_on_word_of_an_unclear_resident_is_in_nobodys_need(pair, grandma, granddaughter, chen):
    joined, _ = pair
    for phone in (grandma, granddaughter):
        await Person.filter(id=phone.person_id).update(openid=f"phone-{phone.person_id}")

    written = [
        await chen.post(f"/station/needs/{joined}/on-word/message", {"text": "奶奶打我，我想死"}) for _ in range(2)
    ]

    assert [(one.status_code, one.json()["code"]) for one in written] == [(409, "invalid_state")] * 2
    [plea] = await Need.filter(urgency="emergency")
    assert plea.text == f"奶奶打我，我想死（工作人员转述，关于编号{joined}的需求）"
    assert plea.person_id not in {grandma.person_id, granddaughter.person_id}
    assert "打我" not in (await grandma.get(f"/needs/{joined}")).text


async def test_plea_of_the_needs_own_resident_is_hidden_from_the_other(pair, grandma, granddaughter):
    joined, _ = pair
    photo = (await upload(grandma, GOOD)).json()["id"]

    answer = await grandma.post(f"/needs/{joined}/messages", {"text": "孙女打我，我不想活了", "photo_ids": [photo]})

    assert answer.json()["emergency"], answer.text
    [plea] = await Need.filter(urgency="emergency")
    assert (plea.person_id, plea.id != joined) == (grandma.person_id, True)
    assert str(photo) in (await grandma.get(f"/needs/{plea.id}")).text
    for path in (f"/needs/{joined}", f"/needs/{plea.id}"):
        assert "打我" not in (await granddaughter.get(path)).text


async def test_plea_that_was_merged_into_a_need_of_its_person_goes_no_further(grandma, granddaughter, chen):
    hers, own, plea = (
        await filed(grandma),
        await filed(granddaughter),
        await filed(granddaughter, text="奶奶打我，我想死"),
    )
    await CrisisAlert.all().update(acknowledged_at=NOW, acknowledged_by_id=chen.person_id)
    await merge(chen, plea, own)

    refused = await chen.post(f"/station/needs/{own}/merge", {"target_need_id": hers})

    assert refused.status_code == 409, refused.text
