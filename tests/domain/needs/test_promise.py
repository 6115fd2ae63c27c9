"""Service promise 服务承诺: deadlines, extensions, reminders and escalation."""

from datetime import timedelta

import pytest

from server.domain.needs import closing, extensions, reminders, schedule, timeline
from server.errors import (
    AlreadyDecided,
    AlreadySubmitted,
    AssigneeRequired,
    DeadlinePassed,
    ExtensionTooLong,
    InvalidNeedState,
    NotFound,
    OwnDecision,
    ReminderTooSoon,
)
from server.models import Extension, Job, Need, NeedEvent, Notice
from tests import steps
from tests.conftest import NOW


async def request_extension(city, need, days=3, by="陈社工", now=NOW):
    until = need.completion_due_at + timedelta(days=days)
    return await extensions.request(need.id, until=until, reason="等待医院回复", by=city.staff[by], now=now)


async def test_granted_extension_is_notified_to_resident(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    request = await request_extension(city, need)

    await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["赵站长"], now=NOW)

    assert (await Need.get(id=need.id)).completion_due_at == need.completion_due_at + timedelta(days=3)
    assert await Notice.exists(person_id=city.grandma.id, template="need_extended")


async def test_worker_cannot_grant_their_own_extension(city):
    need = await steps.assign_need(city, await city.need(), NOW, to="赵站长")
    request = await request_extension(city, need, by="赵站长")

    with pytest.raises(OwnDecision):
        await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["赵站长"], now=NOW)
    await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["冯科长"], now=NOW)


async def test_second_late_and_too_long_extensions_are_refused(city, clock):
    need = await steps.assign_need(city, await city.need(), NOW)
    with pytest.raises(ExtensionTooLong):
        await request_extension(city, need, days=30)
    with pytest.raises(AssigneeRequired):
        await request_extension(city, need, by="林社工")
    with pytest.raises(DeadlinePassed):
        await request_extension(city, need, now=need.completion_due_at)
    await request_extension(city, need)
    with pytest.raises(AlreadySubmitted):
        await request_extension(city, need)


async def test_extension_is_decided_once_and_not_by_other_stations(city):
    request = await request_extension(city, await steps.assign_need(city, await city.need(), NOW))
    for name in ("林社工", "吴站长", "褚科长"):
        with pytest.raises(NotFound):
            await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff[name], now=NOW)

    await extensions.decide(request.id, grant=False, reason="情况属实", by=city.staff["赵站长"], now=NOW)

    with pytest.raises(AlreadyDecided):
        await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["冯科长"], now=NOW)
    assert (await Extension.get(id=request.id)).granted is False


async def test_second_reminder_within_a_day_is_refused(city, clock):
    need = await city.need()
    await reminders.remind_worker(need.id, by=city.grandma.id, now=NOW)
    with pytest.raises(ReminderTooSoon):
        await reminders.remind_worker(need.id, by=city.grandma.id, now=clock.forward(hours=23))

    urged = await reminders.remind_worker(need.id, by=city.grandma.id, now=clock.forward(hours=2))

    assert urged.urgings == 2
    assert await Notice.filter(template="need_reminder", person_id=city.staff["陈社工"].person_id).count() == 2


async def run_at(need, moment):
    await schedule.do_due_actions(need.id, now=moment)
    return [event.kind for event in await NeedEvent.filter(need_id=need.id).order_by("number")]


async def test_worker_is_reminded_at_eighty_percent_of_the_time(city):
    need = await city.need()
    job = await Job.get(kind="watch_need", subject=str(need.id))
    assert NOW < job.due_at < need.response_due_at

    assert "response_nearly_due" not in await run_at(need, job.due_at - timedelta(seconds=1))
    assert "response_nearly_due" in await run_at(need, job.due_at)


async def test_overdue_need_is_escalated_to_parent_and_shown_to_resident(city):
    need = await city.need()

    await run_at(need, need.response_due_at + timedelta(minutes=1))

    need = await Need.get(id=need.id)
    assert need.escalated_at is not None
    assert "江阳总站督办" in (await timeline.list_entries(need, for_staff=False))[-1].text
    assert await Notice.exists(person_id=city.staff["孙站长"].person_id, template="response_overdue")


async def test_repeated_run_reminds_and_escalates_once(city):
    need = await city.need()
    late = need.completion_due_at + timedelta(minutes=1)

    once, twice = await run_at(need, late), await run_at(need, late)

    assert once == twice
    assert once.count("completion_overdue") == once.count("response_overdue") == 1


async def test_accepted_need_has_no_overdue_response(city):
    need = await steps.accept_need(city, await city.need(), NOW)

    assert "response_overdue" not in await run_at(need, need.response_due_at + timedelta(minutes=1))


async def test_extended_deadline_is_escalated_again(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    request = await request_extension(city, need)
    await run_at(need, need.completion_due_at - timedelta(minutes=1))
    await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["赵站长"], now=NOW)

    kinds = await run_at(need, need.completion_due_at + timedelta(days=3, minutes=1))

    assert kinds[-1] == "completion_overdue"


async def test_ended_need_cannot_be_extended(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    request = await request_extension(city, need)
    await closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW)

    with pytest.raises(InvalidNeedState):
        await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["赵站长"], now=NOW)


async def test_officer_cannot_extend_their_own_need(city):
    need = await steps.assign_need(
        city, await city.need(by=city.staff["冯科长"].person_id, area_id=city.areas["团结村"].id), NOW
    )
    request = await request_extension(city, need)

    with pytest.raises(OwnDecision):
        await extensions.decide(request.id, grant=True, reason="情况属实", by=city.staff["冯科长"], now=NOW)
