"""Steps of station staff: open, accept, assign, start, add a note, resolve, decline."""

from itertools import pairwise

import pytest

from server.database import db
from server.domain import roles
from server.domain.needs import timeline, triage
from server.domain.needs.transitions import TRANSITIONS, move
from server.domain.needs.triage import NoteContent
from server.errors import (
    AssigneeRequired,
    Busy,
    HeadRequired,
    InvalidNeedState,
    NotAllowed,
    NotFound,
    NotStationWorker,
    OwnNeed,
)
from server.models import Need, NeedEvent, NeedStatus, Notice, Reading, Role, RoleKind
from tests import factories, steps
from tests.conftest import NOW


async def test_every_step_from_submission_to_resolution_is_on_timeline(city):
    need = await city.need()

    await steps.resolve_need(city, need, NOW)

    lines = await NeedEvent.filter(need_id=need.id).order_by("number")
    assert [line.kind for line in lines] == ["submitted", "accepted", "assigned", "started", "resolved"]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert all(a.to_status == b.from_status for a, b in pairwise(lines))


async def test_first_worker_to_open_need_is_named_until_acceptance(city):
    need = await city.need()
    await triage.record_first_opening(need.id, by=city.staff["林社工"], now=NOW)
    await triage.record_first_opening(need.id, by=city.staff["赵站长"], now=NOW)
    assert (await Need.get(id=need.id)).first_worker_id == city.staff["林社工"].person_id

    await steps.accept_need(city, need, NOW)

    assert (await Need.get(id=need.id)).first_worker_id == city.staff["陈社工"].person_id


async def test_officer_who_opens_need_is_not_first_worker(city):
    need = await city.need()

    await triage.record_first_opening(need.id, by=city.staff["冯科长"], now=NOW)

    assert (await Need.get(id=need.id)).first_worker_id is None


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("周社工", NotFound), ("孙站长", NotFound), ("钱社工", NotFound), ("冯科长", NotAllowed), ("卫处长", NotAllowed)],
)
async def test_only_responsible_station_accepts_need(city, name, refusal):
    need = await city.need()

    with pytest.raises(refusal):
        await triage.accept(need.id, by=city.staff[name], now=NOW)


async def test_worker_cannot_work_on_their_own_need(city):
    await factories.role(city.grandma, RoleKind.SOCIAL_WORKER, NOW, station=city.stations["邻玉社工站"])
    herself = await factories.staff.of_person(city.grandma.id)
    need = await city.need()

    with pytest.raises(OwnNeed):
        await triage.accept(need.id, by=herself, now=NOW)


async def test_worker_cannot_assign_a_colleague(city):
    need = await steps.accept_need(city, await city.need(), NOW)

    with pytest.raises(HeadRequired):
        await triage.assign(need.id, worker_id=city.staff["林社工"].person_id, by=city.staff["陈社工"], now=NOW)


async def test_worker_takes_unassigned_need(city):
    need = await steps.accept_need(city, await city.need(), NOW)

    taken = await triage.assign(need.id, worker_id=city.staff["林社工"].person_id, by=city.staff["林社工"], now=NOW)

    assert taken.assignee_id == city.staff["林社工"].person_id


async def test_assignment_to_worker_of_other_station_is_refused(city):
    need = await steps.accept_need(city, await city.need(), NOW)

    with pytest.raises(NotStationWorker):
        await triage.assign(need.id, worker_id=city.staff["周社工"].person_id, by=city.staff["赵站长"], now=NOW)


async def test_only_assigned_worker_or_head_starts_and_resolves(city):
    need = await steps.assign_need(city, await city.need(), NOW)

    with pytest.raises(AssigneeRequired):
        await triage.start(need.id, by=city.staff["林社工"], now=NOW)
    await triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    with pytest.raises(AssigneeRequired):
        await triage.resolve(need.id, outcome="好了", service_minutes=0, by=city.staff["林社工"], now=NOW)


async def test_declined_need_says_who_can_help(city):
    need = await steps.decline_need(city, await city.need(), NOW)

    line = (await timeline.list_entries(need, for_staff=False))[-1]

    assert need.status == NeedStatus.DECLINED
    assert "街道便民服务中心" in line.text
    assert "申诉" in line.text


async def test_note_is_for_staff_and_message_for_resident(city):
    need = await steps.assign_need(city, await city.need(), NOW)

    await triage.add_note(need.id, NoteContent("儿子不接电话", "明天上午上门", 15), by=city.staff["陈社工"], now=NOW)
    await triage.add_note(need.id, NoteContent(note="只给同事看", service_minutes=5), by=city.staff["陈社工"], now=NOW)

    public = await timeline.list_entries(need, for_staff=False)
    assert [line.text for line in public][-1] == "明天上午上门"
    assert [line.note for line in await timeline.list_entries(need, for_staff=True)][-2:] == [
        "儿子不接电话",
        "只给同事看",
    ]


async def test_revealed_contact_is_logged_and_shown_to_resident(city):
    need = await steps.assign_need(city, await city.need(), NOW)

    read = await triage.reveal_contact(need.id, reason="上门前联系", by=city.staff["陈社工"], now=NOW)

    assert read.contact_phone == "13812345678"
    assert await Reading.filter(person_id=city.grandma.id, what="contact").count() == 1
    assert "上门前联系" in (await timeline.list_entries(need, for_staff=False))[-1].text


async def test_resident_is_notified_of_each_step_without_names(city):
    await steps.resolve_need(city, await city.need(), NOW)

    notices = await Notice.filter(person_id=city.grandma.id)

    assert {one.template for one in notices} == {"need_accepted", "need_assigned", "need_resolved"}
    assert not any("王" in one.title + one.body or "138" in one.body for one in await Notice.all())


def test_every_status_is_in_transitions():
    assert set(TRANSITIONS) == set(NeedStatus)


async def test_invalid_transition_is_refused_and_changes_nothing(city):
    need = await steps.resolve_need(city, await city.need(), NOW)
    before = await NeedEvent.filter(need_id=need.id).count()

    for verb in (triage.accept, triage.start):
        with pytest.raises(InvalidNeedState):
            await verb(need.id, by=city.staff["赵站长"], now=NOW)

    assert await NeedEvent.filter(need_id=need.id).count() == before


async def test_needs_of_leaving_worker_are_handed_back(city):
    assigned, started = (
        await steps.assign_need(city, await city.need(), NOW),
        await steps.start_need(city, await city.need(), NOW),
    )
    role = await Role.get(person_id=city.staff["陈社工"].person_id)

    await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    for need in (assigned, started):
        now_ = await Need.get(id=need.id)
        assert (now_.status, now_.assignee_id) == (NeedStatus.ACCEPTED, None)
    assert await Notice.filter(template="need_handed_back").count() == 2


async def test_worker_who_opens_their_own_need_is_not_first_worker(city):
    await factories.role(city.grandma, RoleKind.SOCIAL_WORKER, NOW, station=city.stations["邻玉社工站"])
    need = await city.need()

    await triage.record_first_opening(need.id, by=await factories.staff.of_person(city.grandma.id), now=NOW)

    assert (await Need.get(id=need.id)).first_worker_id is None


async def test_move_itself_checks_the_transition(city):
    need = await steps.resolve_need(city, await city.need(), NOW)

    @db.transaction
    async def leap():
        await move(need, NeedStatus.SUBMITTED, timeline.TimelineEntry("leap", None), now=NOW)

    with pytest.raises(InvalidNeedState):
        await leap()


async def test_timeline_entry_without_lock_is_refused(city):
    need = await city.need()
    stale = await Need.get(id=need.id)
    await steps.accept_need(city, need, NOW)

    @db.transaction
    async def write():
        await timeline.add(stale, timeline.TimelineEntry("note", None), now=NOW)

    with pytest.raises(Busy):
        await write()


async def test_worker_with_another_role_at_station_keeps_needs(city):
    need = await steps.assign_need(city, await city.need(), NOW, to="赵站长")
    zhao = city.staff["赵站长"].person_id
    second = await factories.role(
        await factories.Person.get(id=zhao), RoleKind.SOCIAL_WORKER, NOW, station=city.stations["邻玉社工站"]
    )

    await roles.end(second.id, by=city.staff["冯科长"], now=NOW)

    assert (await Need.get(id=need.id)).assignee_id == zhao


async def test_begun_need_that_was_handed_back_cannot_be_declined(city):
    need = await steps.start_need(city, await city.need(), NOW)
    role = await Role.get(person_id=city.staff["陈社工"].person_id)
    await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    with pytest.raises(InvalidNeedState):
        await steps.triage.decline(need.id, reason="x", alternative_help="y", by=city.staff["林社工"], now=NOW)


async def test_reason_with_full_stop_is_joined_without_doubling_it(city):
    need = await city.need()

    await triage.decline(
        need.id, reason="不属于服务范围。", alternative_help="街道办，15天内。", by=city.staff["陈社工"], now=NOW
    )

    text = (await timeline.list_entries(need, for_staff=False))[-1].text
    assert text == "未能受理，原因：不属于服务范围。您可以找：街道办，15天内。如有异议，15天内可以申诉一次。"
