"""Merged needs part again, and none of it tells one resident what the other wrote or where they are now."""

import pytest

from server.domain import households, invariants
from server.domain.needs import closing, partings, referrals
from server.models import Job, Need, NeedEvent, NeedStatus, Notice
from tests import steps
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.handlers.joined_needs.conftest import filed, merge

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
    assert (await granddaughter.get(f"/needs/{merged}")).json()["status"] == "submitted"
    assert await Notice.exists(template="need_parted", person_id=granddaughter.person_id)
    assert (await chen.post(f"/station/needs/{merged}/acceptance")).status_code == 200
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


@pytest.mark.parametrize("step", ["reopening", "button"])
async def test_need_with_a_danger_told_is_merged_with_no_other_person(town, grandma, granddaughter, chen, step):
    if step == "reopening":
        hers = await filed(grandma)
        await steps.resolve_need(town, await Need.get(id=hers), NOW)
        assert (await grandma.post(f"/needs/{hers}/reopening", {"reason": CRY})).status_code == 200
    else:
        hers = await filed(grandma, urgency="emergency", text="快来人，我躲在三楼厕所")
        await chen.post(f"/station/needs/{hers}/crisis-opening", {"reason": "接到警报"})
        await chen.post(f"/station/needs/{hers}/crisis-acknowledgement", {})
    other = await filed(granddaughter)

    for source, target in ((hers, other), (other, hers)):
        answer = await chen.post(f"/station/needs/{source}/merge", {"target_need_id": target})
        assert answer.status_code == 409, answer.text

    assert "三楼" not in (await granddaughter.get(f"/needs/{other}")).text


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


async def test_ended_need_is_not_parted(pair, town, grandma, granddaughter):
    hers, merged = pair
    await steps.resolve_need(town, await Need.get(id=hers), NOW)

    await leave(granddaughter)

    assert (await Need.get(id=merged)).status == NeedStatus.MERGED
    assert (await granddaughter.get(f"/needs/{hers}")).status_code == 404
