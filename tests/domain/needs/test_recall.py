"""A referral that nobody answers: recalled by its sender, and of itself; a need in progress is referred too."""

from datetime import timedelta

import pytest

from server.domain import roles
from server.domain.needs import closing, referrals, triage
from server.domain.needs.triage import NoteContent
from server.errors import InvalidNeedState, NotAllowed, NotFound
from server.models import Job, Need, NeedStatus, Notice, Referral, Role, Urgency
from tests import steps
from tests.conftest import NOW

S = NeedStatus


async def referred(city, need, by="陈社工"):
    to = city.stations["蓝田社工站"].id
    return await referrals.refer(need.id, to_station=to, reason="已搬到蓝田", by=city.staff[by], now=NOW)


async def expect_back_at_sender(city, need, status):
    """Check that the need is the sender's again, in the state, with no open referral; return it."""
    need = await Need.get(id=need.id)
    assert (need.status, need.station_id) == (status, city.stations["邻玉社工站"].id)
    assert need.referred_to_id is None
    assert await Referral.filter(need_id=need.id, open=1).count() == 0
    return need


async def test_sender_recalls_a_referral_that_nobody_answered(city):
    need = await referred(city, await city.need())

    await referrals.recall(need.id, by=city.staff["林社工"], now=NOW)

    need = await expect_back_at_sender(city, need, S.SUBMITTED)
    assert need.times_returned == 0
    with pytest.raises(NotFound):
        await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)
    assert await Notice.exists(template="referral_recalled", person_id=city.staff["吴站长"].person_id)


async def test_answered_referral_cannot_be_recalled(city):
    need = await referred(city, await city.need())
    await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)

    with pytest.raises(InvalidNeedState):
        await referrals.recall(need.id, by=city.staff["陈社工"], now=NOW)


async def test_only_the_sender_recalls(city):
    need = await referred(city, await city.need())

    for name, refusal in (("周社工", NotAllowed), ("冯科长", NotAllowed), ("钱社工", NotFound)):
        with pytest.raises(refusal):
            await referrals.recall(need.id, by=city.staff[name], now=NOW)


async def test_referral_of_an_emergency_recalls_itself_within_minutes(city):
    need = await referred(city, await city.need(urgency=Urgency.EMERGENCY))

    await referrals.expire((await Referral.get(need_id=need.id)).id, now=NOW + timedelta(minutes=30))

    await expect_back_at_sender(city, need, S.SUBMITTED)


async def test_expiry_of_an_answered_referral_changes_nothing(city):
    need = await referred(city, await city.need())
    first = await Referral.get(need_id=need.id)
    await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)
    await referred(city, need)

    await referrals.expire(first.id, now=NOW + timedelta(days=9))

    assert (await Need.get(id=need.id)).status == S.REFERRED


async def test_early_expiry_is_planned_again(city):
    need = await referred(city, await city.need())
    referral = await Referral.get(need_id=need.id)

    await referrals.expire(referral.id, now=NOW)

    assert (await Need.get(id=need.id)).status == S.REFERRED
    job = await Job.get(kind=referrals.EXPIRY, subject=str(referral.id))
    assert (job.due_at, job.state) == (referral.answer_due_at, "waiting")


async def test_receiver_reads_until_when_to_answer(city):
    await referred(city, await city.need())

    notice = await Notice.get(template="need_referred", person_id=city.staff["吴站长"].person_id)
    assert "请在03月11日17:30前接收" in notice.body


async def test_sender_works_on_while_the_referral_waits(city):
    need = await referred(city, await steps.start_need(city, await city.need(), NOW))
    chen = city.staff["陈社工"]

    await triage.add_note(
        need.id, NoteContent(note="已电话联系", message="明天上门", service_minutes=5), by=chen, now=NOW
    )
    contact = await triage.reveal_contact(need.id, reason="上门前联系", by=chen, now=NOW)

    assert contact.contact_phone == "13812345678"
    assert (await Need.get(id=need.id)).station_id == city.stations["邻玉社工站"].id
    with pytest.raises(InvalidNeedState):
        await triage.resolve(need.id, outcome="好", service_minutes=1, by=chen, now=NOW)


@pytest.mark.parametrize("ending", ["returned", "recalled", "expired"])
async def test_need_in_progress_is_in_progress_again_when_its_referral_ends(city, ending):
    need = await referred(city, await steps.start_need(city, await city.need(), NOW))

    if ending == "returned":
        await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)
    elif ending == "recalled":
        await referrals.recall(need.id, by=city.staff["陈社工"], now=NOW)
    else:
        referral = await Referral.get(need_id=need.id)
        await referrals.expire(referral.id, now=referral.answer_due_at)

    need = await expect_back_at_sender(city, need, S.IN_PROGRESS)
    assert need.assignee_id == city.staff["陈社工"].person_id


async def test_recalled_need_whose_worker_left_is_unassigned(city):
    need = await referred(city, await steps.start_need(city, await city.need(), NOW))
    role = await Role.get(person_id=city.staff["陈社工"].person_id)
    await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    await referrals.recall(need.id, by=city.staff["赵站长"], now=NOW)

    assert (await expect_back_at_sender(city, need, S.ACCEPTED)).assignee_id is None


async def test_referred_need_in_progress_is_accepted_and_never_declined(city):
    need = await referred(city, await steps.start_need(city, await city.need(), NOW))

    taken = await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)

    assert (taken.status, taken.assignee_id) == (S.ACCEPTED, None)
    with pytest.raises(InvalidNeedState):
        await triage.decline(need.id, reason="不归我们", alternative_help="街道", by=city.staff["周社工"], now=NOW)


async def test_third_return_of_a_need_in_progress_goes_to_the_head_station(city):
    need = await steps.start_need(city, await city.need(), NOW)
    for _ in range(3):
        await referred(city, need)
        await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)

    need = await Need.get(id=need.id)
    assert (need.status, need.station_id) == (S.ACCEPTED, city.stations["江阳总站"].id)
    assert (need.assignee_id, need.decided_by_head) == (None, True)


async def test_resident_withdraws_a_need_in_progress(city):
    need = await steps.start_need(city, await city.need(), NOW)

    gone = await closing.withdraw(need.id, reason="已经解决", by=city.grandma.id, now=NOW)

    assert (gone.status, gone.next_due_at) == (S.WITHDRAWN, None)
    assert await Notice.exists(template="need_withdrawn", person_id=city.staff["陈社工"].person_id)


async def test_receiver_learns_that_a_referred_need_was_withdrawn(city):
    need = await referred(city, await city.need())

    await closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW)

    assert await Notice.exists(template="referral_recalled", person_id=city.staff["吴站长"].person_id)


async def test_need_won_back_by_an_appeal_is_not_declined_again(city):
    from server.domain.needs import appeals

    need = await steps.decline_need(city, await city.need(), NOW)
    appeal = await appeals.submit(need.id, reason="我符合条件", by=city.grandma.id, now=NOW)
    await appeals.decide(appeal.id, grant=True, decision="应予受理", by=city.staff["孙站长"], now=NOW)

    with pytest.raises(InvalidNeedState):
        await triage.decline(need.id, reason="x", alternative_help="y", by=city.staff["孙站长"], now=NOW)
