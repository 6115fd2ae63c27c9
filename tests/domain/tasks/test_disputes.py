"""Disputes: both sides speak, the head decides, after an appeal the head station; then the task is paid or cancelled."""

from datetime import timedelta

import pytest

from server.domain import staff
from server.domain.needs import timeline
from server.domain.tasks import (
    check_in_out,
    claims,
    dispute_decisions,
    dispute_queries,
    disputes,
    publication,
    reminders,
    service_confirmation,
)
from server.domain.tasks.disputes import Statement
from server.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    DeadlinePassed,
    EarlierReviewer,
    HeadRequired,
    InvalidTaskState,
    MinutesExceedServed,
    NoBeneficiary,
    NotAllowed,
    NotFound,
    OwnDecision,
    OwnTask,
    PhotoNotAvailable,
    ServiceConfirmed,
    StatementGiven,
)
from server.models import Dispute, Need, Notice, Person, Photo, RecordStatus, RoleKind, ServiceRecord, Task, TaskStatus
from tests import factories
from tests.conftest import NOW
from tests.domain.tasks.arguing import LATER, WEEK, appealed, decide, decided, disputed, outcome, outcome_is_open, paid
from tests.factories import records, tasks, volunteers
from tests.factories.tasks import ENDS


async def test_dispute_notifies_both_sides_and_the_head(city):
    task = await disputed(city)

    assert (await Task.get(id=task.id)).status == TaskStatus.DISPUTED
    head = city.staff["赵站长"].person_id
    told = {city.grandma.id: "need_disputed", task.volunteer_id: "task_disputed", head: "dispute_to_decide"}
    for person_id, template in told.items():
        assert await Notice.exists(person_id=person_id, template=template)
    assert not await Notice.exists(person_id=city.staff["陈社工"].person_id, template="dispute_to_decide")


async def test_other_side_gives_one_statement_with_its_own_photos(city):
    task = await disputed(city)
    photo = await Photo.create(owner_id=task.volunteer_id, name="a", width=1, height=1, created_at=NOW)

    await disputes.answer(task.id, Statement("签到签退都在", [photo.id]), by=task.volunteer_id, now=LATER)

    [waiting] = await dispute_queries.list_undecided(city.staff["赵站长"], after=None, limit=9)
    assert (waiting.dispute.beneficiary_words, waiting.dispute.volunteer_words) == ("只来了十分钟", "签到签退都在")
    assert (waiting.raised_by, waiting.photos) == ("beneficiary", {"beneficiary": [], "volunteer": [photo]})
    for person_id in (task.volunteer_id, city.grandma.id):
        with pytest.raises(StatementGiven):
            await disputes.answer(task.id, Statement("还有"), by=person_id, now=LATER)


async def test_photos_of_another_person_are_refused(city):
    task = await paid(city)
    photo = await Photo.create(owner_id=task.volunteer_id, name="a", width=1, height=1, created_at=NOW)

    with pytest.raises(PhotoNotAvailable):
        await disputes.raise_dispute(task.id, Statement("不对", [photo.id]), by=city.grandma.id, now=ENDS)
    assert not await Dispute.exists()


async def test_statement_by_a_third_person_is_refused(city):
    task = await disputed(city)

    for verb in (disputes.raise_dispute, disputes.answer):
        with pytest.raises(NotFound):
            await verb(task.id, Statement("我看见了"), by=city.staff["陈社工"].person_id, now=LATER)
    with pytest.raises(NotFound):
        await dispute_queries.get_for_party(task.id, city.staff["陈社工"].person_id)


async def test_service_confirmed_by_the_resident_cannot_be_disputed_but_one_confirmed_by_staff_can(city):
    agreed = await paid(city)
    await service_confirmation.confirm_by_beneficiary(agreed.id, by=city.grandma.id, now=ENDS)
    for person_id in (agreed.volunteer_id, city.grandma.id):
        with pytest.raises(ServiceConfirmed):
            await disputes.raise_dispute(agreed.id, Statement("不对"), by=person_id, now=ENDS)

    await ServiceRecord.filter(task_id=agreed.id).update(confirmed_by_id=city.staff["陈社工"].person_id)
    await disputed(city, agreed)

    with pytest.raises(InvalidTaskState):
        await service_confirmation.confirm_by_beneficiary(agreed.id, by=city.grandma.id, now=LATER)


async def test_dispute_requires_a_finished_service_with_a_beneficiary(city):
    task = await tasks.started(city)
    with pytest.raises(InvalidTaskState):
        await disputes.raise_dispute(task.id, Statement("不对"), by=city.grandma.id, now=ENDS)
    wish = await tasks.station_task(city, starts_at=ENDS, ends_at=ENDS + timedelta(hours=2))
    done = await tasks.finished(city, wish, await tasks.volunteer(city, "周小明"))

    with pytest.raises(NoBeneficiary):
        await disputes.raise_dispute(done.id, Statement("不对"), by=done.volunteer_id, now=done.finished_at)


async def test_decision_is_for_the_head_and_at_most_the_minutes_served(city):
    task = await disputed(city)

    for name, refusal in (
        ("陈社工", HeadRequired), ("吴站长", NotFound), ("孙站长", NotFound), ("冯科长", NotAllowed), ("卫处长", NotAllowed)
    ):  # fmt: skip
        with pytest.raises(refusal):
            await decide(city, task, 30, by=name)
    with pytest.raises(MinutesExceedServed) as refused:
        await decide(city, task, 61)
    assert refused.value.details == {"served": 60}


async def test_decision_by_a_party_or_their_household_is_refused(city):
    zhao = await Person.get(id=city.staff["赵站长"].person_id)
    volunteer = await volunteers.approved(zhao, city.stations["邻玉社工站"], NOW)
    own = await disputed(city, await tasks.finished(city, by=volunteer))

    assert await dispute_queries.list_undecided(city.staff["赵站长"], after=None, limit=9) == []
    with pytest.raises(OwnTask):
        await decide(city, own, 30)
    colleague = await factories.worker("新站长", city.stations["邻玉社工站"], NOW, head=True)
    await tasks.household(city.grandma, colleague.person_id)
    with pytest.raises(OwnTask):
        await dispute_decisions.decide(own.id, minutes=1, decision="好", by=colleague, now=LATER)


async def test_decision_by_the_worker_who_confirmed_the_service_is_refused(city):
    task, zhao = await paid(city), city.staff["赵站长"]
    await records.confirm(task, zhao.person_id)
    await disputes.raise_dispute(task.id, Statement("还没有说完"), by=task.volunteer_id, now=LATER)

    with pytest.raises(EarlierReviewer):
        await decide(city, task, 60)

    assert (await Dispute.get(task_id=task.id)).decided_at is None
    colleague = await factories.worker("新站长", city.stations["邻玉社工站"], NOW, head=True)
    assert await dispute_decisions.decide(task.id, minutes=60, decision="属实", by=colleague, now=LATER)


async def test_both_sides_read_the_decision_and_the_time_to_appeal(city):
    task = await decided(city)

    said = (await timeline.list_entries(await Need.get(id=task.need_id), for_staff=False))[-1].text
    assert said == "争议处理结果：认定服务30分钟。按实际认定。 如有异议，可以在期限内申诉一次。"
    for person_id, side in ((city.grandma.id, "beneficiary"), (task.volunteer_id, "volunteer")):
        party = await dispute_queries.get_for_party(task.id, person_id)
        assert (party.side, party.dispute.minutes, party.appeal_until) == (side, 30, LATER + WEEK)
    assert await outcome_is_open(city, task)


async def test_second_decision_is_refused(city):
    task = await decided(city)

    with pytest.raises(AlreadyDecided):
        await decide(city, task, 60)
    with pytest.raises(AlreadyDecided):
        await disputes.answer(task.id, Statement("还有"), by=task.volunteer_id, now=LATER)


async def test_decision_without_appeal_is_paid_when_the_time_is_over(city):
    task = await decided(city, minutes=30)

    await reminders.do_due_actions(task.id, now=LATER + WEEK - timedelta(seconds=1))
    assert await outcome_is_open(city, task)
    await reminders.do_due_actions(task.id, now=LATER + WEEK)

    assert await outcome(city, task) == (TaskStatus.APPROVED, RecordStatus.APPROVED, 30, 30)
    assert (await ServiceRecord.get(task_id=task.id)).approved_by_id == city.staff["赵站长"].person_id


async def test_decision_of_no_minutes_cancels_the_task_unpaid(city):
    task = await decided(city, minutes=0)

    await reminders.do_due_actions(task.id, now=LATER + WEEK)

    assert await outcome(city, task) == (TaskStatus.CANCELLED, RecordStatus.DECLINED, 0, 0)


@pytest.mark.parametrize(
    ("minutes", "ends"),
    [
        (60, (TaskStatus.APPROVED, RecordStatus.APPROVED, 60, 60)),
        (0, (TaskStatus.CANCELLED, RecordStatus.DECLINED, 0, 0)),
    ],
)
async def test_decision_after_an_appeal_is_final(city, minutes, ends):
    task = await appealed(city)
    with pytest.raises(NotAllowed):
        await decide(city, task, 30)

    await decide(city, task, minutes, by="孙站长")

    assert await outcome(city, task) == ends
    assert (await Dispute.get(task_id=task.id)).settled_at == LATER
    with pytest.raises(InvalidTaskState):
        await disputes.appeal(task.id, reason="还是不服", by=city.grandma.id, now=LATER)


async def test_refused_dispute_counts_all_minutes(city):
    task = await disputed(city)

    await decide(city, task, None)

    assert (await Dispute.get(task_id=task.id)).minutes == 60


async def test_refused_appeal_keeps_the_minutes_of_the_first_decision(city):
    task = await appealed(city, minutes=30)

    await decide(city, task, None, by="孙站长")

    assert await outcome(city, task) == (TaskStatus.APPROVED, RecordStatus.APPROVED, 30, 30)


async def test_appealed_dispute_shows_the_first_decision_to_the_head_station_only(city):
    await appealed(city)

    [waiting] = await dispute_queries.list_undecided(city.staff["孙站长"], after=None, limit=9)

    assert (waiting.dispute.minutes, waiting.dispute.decision, waiting.appealed_by) == (30, "按实际认定。", "volunteer")
    assert await dispute_queries.list_undecided(city.staff["赵站长"], after=None, limit=9) == []


async def test_appealed_dispute_is_not_settled_by_time(city):
    task = await appealed(city)

    await reminders.do_due_actions(task.id, now=LATER + WEEK * 2)

    assert await outcome_is_open(city, task)


async def test_appeal_is_accepted_once_after_the_decision_and_in_time(city):
    task = await disputed(city)
    with pytest.raises(InvalidTaskState):
        await disputes.appeal(task.id, reason="不服", by=city.grandma.id, now=LATER)
    await decide(city, task, 30)
    with pytest.raises(DeadlinePassed):
        await disputes.appeal(task.id, reason="不服", by=city.grandma.id, now=LATER + WEEK)

    await disputes.appeal(task.id, reason="不服", by=city.grandma.id, now=LATER + WEEK - timedelta(seconds=1))

    with pytest.raises(AlreadySubmitted):
        await disputes.appeal(task.id, reason="我也不服", by=task.volunteer_id, now=LATER)


async def test_head_of_both_stations_cannot_decide_twice(city):
    task = await appealed(city)
    zhao = await Person.get(id=city.staff["赵站长"].person_id)
    await factories.role(zhao, RoleKind.STATION_HEAD, NOW, station=city.stations["江阳总站"])
    of_both = await staff.of_person(zhao.id)

    with pytest.raises(OwnDecision):
        await dispute_decisions.decide(task.id, minutes=60, decision="维持", by=of_both, now=LATER)


async def test_appeal_against_a_head_station_goes_to_the_city_desk(city):
    need = await tasks.need(city)
    await Need.filter(id=need.id).update(station_id=city.stations["江阳总站"].id)
    asked = tasks.content()
    task = await publication.publish_need(need.id, asked, by=city.staff["孙站长"], now=NOW)
    li = await tasks.volunteer(city)
    await claims.claim(task.id, by=li.person_id, now=NOW)
    await claims.confirm(task.id, by=city.staff["郑社工"], now=NOW)
    await check_in_out.check_in(task.id, by=li.person_id, now=task.starts_at)
    await check_in_out.check_out(task.id, by=li.person_id, now=ENDS)
    await disputed(city, task)
    await decide(city, task, 30, by="孙站长")

    await disputes.appeal(task.id, reason="不服", by=city.grandma.id, now=LATER)

    [waiting] = await dispute_queries.list_undecided(city.staff["卫处长"], after=None, limit=9)
    assert waiting.dispute.task_id == task.id
    assert (await decide(city, task, 0, by="卫处长")).minutes == 0
    assert (await Task.get(id=task.id)).status == TaskStatus.CANCELLED


async def test_undecided_disputes_are_listed_oldest_first(city):
    first = await disputed(city, await tasks.finished(city))
    need = await tasks.need(city, text="帮忙打扫一下屋子")
    later = await tasks.published(city, need, starts_at=ENDS, ends_at=ENDS + timedelta(hours=2))
    second = await tasks.finished(city, later, await tasks.volunteer(city, "周小明"))
    await disputes.raise_dispute(second.id, Statement("不对"), by=city.grandma.id, now=LATER)
    zhao = city.staff["赵站长"]

    [one] = await dispute_queries.list_undecided(zhao, after=None, limit=1)
    [other] = await dispute_queries.list_undecided(zhao, after=(one.dispute.raised_at, one.dispute.id), limit=1)

    assert [one.dispute.task_id, other.dispute.task_id] == [first.id, second.id]
