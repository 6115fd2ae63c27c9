"""Merged needs part again, and none of it tells one resident what the other wrote or where they are now."""

from datetime import timedelta

from server.domain import households, invariants
from server.domain.needs import closing, duplicates, partings, referrals
from server.models import Job, Need, NeedEvent, NeedStatus, Notice
from tests import steps
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.handlers.joined_needs.conftest import filed, merge
from tests.handlers.test_photos import GOOD, upload

HIS = "奶奶家屋顶漏水"
CRY = "他又打我，我不想活了，我在妹妹家"


async def leave(phone) -> None:
    assert (await phone.post("/household/leaving")).status_code in {200, 204}
    assert await Job.exists(kind=partings.JOB_KIND, subject=str(phone.person_id))
    await partings.part_of_person(phone.person_id, now=NOW)


async def move_in(host, guest) -> None:
    code, _ = await households.invite(by=host.person_id, now=NOW)
    await households.join(code, by=guest.person_id, now=NOW)


async def test_need_goes_on_by_itself_when_its_resident_leaves(pair, grandma, granddaughter):
    hers, merged = pair

    await leave(granddaughter)

    parted = (await granddaughter.get(f"/needs/{merged}")).json()
    assert (parted["status"], parted["merged_into_id"]) == ("submitted", None)
    assert parted["timeline"][-1]["message"].startswith("你们不再登记为一户，您的需求恢复单独办理，由邻玉社工站负责。")
    assert (await grandma.get(f"/needs/{hers}")).json()["joined_needs"] == []
    assert (await Notice.filter(template="need_parted").get()).person_id == granddaughter.person_id
    assert await Notice.exists(template="need_parted_here")
    assert (await invariants.check()).holds


async def test_need_goes_on_when_the_other_resident_withdraws(pair, town, grandma, granddaughter, chen):
    hers, merged = pair
    await steps.accept_need(town, await Need.get(id=hers), NOW)

    answer = await grandma.post(f"/needs/{hers}/withdrawal", {"reason": "已经修好"})

    assert answer.status_code == 200, answer.text
    assert (await granddaughter.get(f"/needs/{merged}")).json()["status"] == "accepted"
    assert await Notice.exists(template="need_parted", person_id=granddaughter.person_id)
    taken = await chen.post(f"/station/needs/{merged}/assignment", {"worker_id": chen.person_id})
    assert taken.status_code == 200, taken.text
    assert (await invariants.check()).holds


async def test_person_who_comes_back_reads_nothing_written_meanwhile(pair, grandma, granddaughter):
    hers, _ = pair
    await leave(granddaughter)
    await grandma.post(f"/needs/{hers}/messages", {"text": "请改到妹妹家三楼"})
    await move_in(grandma, granddaughter)

    assert (await granddaughter.get(f"/needs/{hers}")).status_code == 404


async def test_need_is_not_merged_on_to_people_who_do_not_live_there(pair, town, grandma, chen, phone_of):
    hers, merged = pair
    other = (await Need.get(id=merged)).person_id
    await households.leave(by=other, now=NOW)  # and no job has run yet
    aunt = await phone_of("guma")
    await move_in(grandma, aunt)
    last = await filed(aunt, text="屋顶还在漏水", area_id=town.areas["团结村"].id)

    await merge(chen, hers, last)

    assert (await Need.get(id=merged)).status == NeedStatus.SUBMITTED
    assert HIS not in (await aunt.get(f"/needs/{last}")).text
    assert (await invariants.check()).holds


async def test_station_of_the_other_is_hidden_from_who_left(pair, town, client, granddaughter):
    hers, merged = pair
    await steps.accept_need(town, await Need.get(id=hers), NOW)
    await granddaughter.post("/household/leaving")  # and no job has run yet
    to = town.stations["蓝田社工站"].id
    code = (await Need.get(id=merged)).slip_code
    await partings.part_of_person(granddaughter.person_id, now=NOW)
    await referrals.refer(hers, to_station=to, reason="已搬家", by=town.staff["陈社工"], now=NOW)
    await referrals.accept(hers, by=town.staff["周社工"], now=NOW)

    slip = (await client.get(f"/api/v1/slips/{code}")).json()
    own = await granddaughter.get(f"/needs/{merged}")

    assert slip["station"]["name"] == own.json()["station"]["name"] == "邻玉社工站"
    assert (await Need.get(id=hers)).slip_code not in own.text


async def test_plea_in_the_reason_of_a_withdrawal_is_hidden(pair, grandma, granddaughter):
    hers, _ = pair

    answer = await grandma.post(f"/needs/{hers}/withdrawal", {"reason": CRY})

    assert answer.json()["emergency"]["need_id"] != hers
    assert not [one for one in await NeedEvent.all() if one.need_id == hers and "妹妹" in one.text]


async def test_need_that_was_an_emergency_is_merged_with_no_other_person(grandma, granddaughter, chen):
    hers = await filed(grandma, urgency="emergency", text="快来人，我躲在三楼厕所")
    await chen.post(f"/station/needs/{hers}/crisis-opening", {"reason": "接到警报"})
    await chen.post(f"/station/needs/{hers}/crisis-acknowledgement", {})
    other = await filed(granddaughter)

    for source, target in ((hers, other), (other, hers)):
        answer = await chen.post(f"/station/needs/{source}/merge", {"target_need_id": target})
        assert answer.status_code == 409, answer.text


async def test_plea_in_a_reason_is_read_by_nobody_who_comes_to_the_need_later(town, grandma, granddaughter, chen):
    hers = await filed(grandma)
    await steps.resolve_need(town, await Need.get(id=hers), NOW)
    assert (await grandma.post(f"/needs/{hers}/reopening", {"reason": CRY})).status_code == 200

    await merge(chen, await filed(granddaughter), hers)

    assert "妹妹家" not in (await granddaughter.get(f"/needs/{hers}")).text
    assert "妹妹家" not in str((await chen.get(f"/station/needs/{hers}")).json()["timeline"])


async def test_withdrawing_and_leaving_at_once_part_the_need_once(pair, town, grandma, granddaughter):
    hers, merged = pair
    await granddaughter.post("/household/leaving")

    await at_once(
        closing.withdraw(hers, reason="", by=grandma.person_id, now=NOW),
        *(partings.part_of_person(one.person_id, now=NOW) for one in (granddaughter, grandma, granddaughter)),
    )

    assert (await Need.get(id=merged)).status == NeedStatus.SUBMITTED
    assert await NeedEvent.filter(need_id=merged, kind="parted").count() == 1
    assert (await Need.get(id=hers)).joined_needs == 0
    assert (await invariants.check()).holds


async def test_resolved_need_parts_as_resolved_and_is_rated_by_each(pair, town, grandma, granddaughter):
    hers, merged = pair
    await steps.resolve_need(town, await Need.get(id=hers), NOW)

    await leave(granddaughter)

    own = (await granddaughter.get(f"/needs/{merged}")).json()
    assert own["status"] == "resolved"
    assert {"rating", "reopening"} <= set(own["allowed_actions"])
    assert (await granddaughter.get(f"/needs/{hers}")).status_code == 404
    rated = await granddaughter.put(f"/needs/{merged}/rating", {"solved": "yes", "stars": 5, "tags": [], "comment": ""})
    assert rated.status_code == 200, rated.text
    assert (await invariants.check()).holds


async def test_declined_need_parts_as_declined_and_is_appealed(pair, town, granddaughter):
    hers, merged = pair
    await steps.decline_need(town, await Need.get(id=hers), NOW)

    await leave(granddaughter)

    appealed = await granddaughter.post(f"/needs/{merged}/appeal", {"reason": "我还需要帮助"})
    assert appealed.status_code == 200, appealed.text


async def test_person_who_comes_back_before_the_job_reads_nothing(pair, grandma, granddaughter, clock):
    hers, merged = pair
    await granddaughter.post("/household/leaving")
    later = clock.forward(minutes=1)
    code, _ = await households.invite(by=grandma.person_id, now=later)
    await households.join(code, by=granddaughter.person_id, now=later)

    assert (await granddaughter.get(f"/needs/{hers}")).status_code == 404
    await partings.part_of_person(granddaughter.person_id, now=later)
    assert (await granddaughter.get(f"/needs/{merged}")).json()["status"] == "submitted"


async def test_parted_need_has_the_later_deadlines_or_new_ones(pair, town, grandma, granddaughter, clock):
    hers, merged = pair
    await steps.accept_need(town, await Need.get(id=hers), NOW)
    later = clock.forward(days=30)

    await closing.withdraw(hers, reason="", by=grandma.person_id, now=later)

    parted = await Need.get(id=merged)
    assert (parted.status, parted.completion_due_at > later) == (NeedStatus.ACCEPTED, True)


async def test_photos_go_back_to_the_need_that_they_came_with(town, grandma, granddaughter, chen):
    photos = [(await upload(granddaughter, GOOD)).json()["id"] for _ in range(2)]
    hers = await filed(grandma)
    theirs = [await filed(granddaughter, text=f"漏水{number}", photo_ids=[photos[number]]) for number in range(2)]
    await merge(chen, theirs[0], hers)
    await duplicates.merge(theirs[1], into=hers, by=town.staff["陈社工"], now=NOW + timedelta(minutes=1))

    await grandma.post(f"/needs/{hers}/withdrawal", {})

    shown = [[one["id"] for one in (await granddaughter.get(f"/needs/{need}")).json()["photos"]] for need in theirs]
    assert shown == [[photos[0]], [photos[1]]]


async def test_people_whom_a_worker_seated_together_share_no_need(town, phone_of, chen):
    wife, stranger = await phone_of("qizi"), await phone_of("moshengren")
    needs = []
    for phone in (wife, stranger):
        code = (await phone.post("/me/code")).json()["code"]
        await chen.post("/station/people/look-ups", {"person_code": code, "reason": "来访"})
        needs.append(await filed(phone, area_id=town.areas["团结村"].id))
    seated = {"person_id": stranger.person_id, "household_member_id": wife.person_id}
    assert (await chen.post("/station/households/members", seated)).status_code == 201

    answer = await chen.post(f"/station/needs/{needs[1]}/merge", {"target_need_id": needs[0]})

    assert answer.status_code == 409, answer.text


async def test_merged_need_of_people_who_do_not_live_together_is_found_by_the_check_of_data(pair, granddaughter):
    await granddaughter.post("/household/leaving")
    assert (await invariants.check()).holds
    await Job.filter(kind=partings.JOB_KIND).delete()

    broken = (await invariants.check()).broken

    assert list(broken) == ["the people of a merged need live together, or a job is about to part it"]


async def test_words_of_who_left_stay_those_of_a_family_member(pair, grandma, granddaughter, chen):
    hers, _ = pair
    await granddaughter.post(f"/needs/{hers}/messages", {"text": "她耳朵不好"})
    await leave(granddaughter)

    [entry] = [one for one in (await grandma.get(f"/needs/{hers}")).json()["timeline"] if "耳朵" in one["message"]]
    staff = [one for one in (await chen.get(f"/station/needs/{hers}")).json()["timeline"] if "耳朵" in one["message"]]

    assert (entry["actor"], staff[0]["actor"]) == ("家人", "居民")


async def test_joined_need_takes_over_a_missing_address(grandma, granddaughter, chen):
    hers = await filed(grandma)
    theirs = await filed(granddaughter, at_home=True, place="3栋2单元501", help_times="周末")

    await merge(chen, theirs, hers)

    shown = (await grandma.get(f"/needs/{hers}")).json()
    assert (shown["at_home"], shown["place"], shown["help_times"]) == (True, "3栋2单元501", "周末")
