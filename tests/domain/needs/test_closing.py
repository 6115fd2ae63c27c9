"""Withdrawing, appeals, reopening, and closing without a rating."""

from datetime import timedelta

import pytest

from server.domain.needs import appeals, closing, schedule
from server.domain.needs.resident_queries import get_detail
from server.errors import AlreadyDecided, AlreadySubmitted, DeadlinePassed, InvalidNeedState, NotFound, OwnDecision
from server.models import Need, NeedStatus, Station
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import tasks


async def test_resident_withdraws_need_before_service(city):
    need = await steps.assign_need(city, await city.need(), NOW)

    gone = await closing.withdraw(need.id, reason="已经解决", by=city.grandma.id, now=NOW)

    assert gone.status == NeedStatus.WITHDRAWN


async def test_need_with_begun_task_cannot_be_withdrawn(city):
    task = await tasks.started(city)
    need = await Need.get(id=task.need_id)
    assert need.status == NeedStatus.ASSIGNED

    with pytest.raises(InvalidNeedState):
        await closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW)
    assert "withdrawal" not in (await get_detail(need.id, city.grandma.id, now=NOW)).may


async def test_need_of_a_stranger_is_not_found(city):
    need = await city.need()
    stranger = await factories.person("路人", NOW, city.areas["团结村"])

    for verb in (closing.withdraw, closing.reopen, appeals.submit):
        with pytest.raises(NotFound):
            await verb(need.id, reason="x", by=stranger.id, now=NOW)


async def appealed(city):
    need = await steps.decline_need(city, await city.need(), NOW)
    return need, await appeals.submit(need.id, reason="我符合条件", by=city.grandma.id, now=NOW)


async def test_granted_appeal_gives_need_to_parent_station(city):
    need, appeal = await appealed(city)
    assert appeal.station_id == city.stations["江阳总站"].id

    await appeals.decide(appeal.id, grant=True, decision="应予受理", by=city.staff["孙站长"], now=NOW)

    need = await Need.get(id=need.id)
    assert (need.status, need.station_id) == (NeedStatus.ACCEPTED, city.stations["江阳总站"].id)


async def test_second_late_and_decided_appeals_are_refused(city, clock):
    need, appeal = await appealed(city)
    with pytest.raises(AlreadySubmitted):
        await appeals.submit(need.id, reason="再来", by=city.grandma.id, now=NOW)
    await appeals.decide(appeal.id, grant=False, decision="维持", by=city.staff["孙站长"], now=NOW)
    with pytest.raises(AlreadyDecided):
        await appeals.decide(appeal.id, grant=True, decision="x", by=city.staff["冯科长"], now=NOW)
    assert (await Need.get(id=need.id)).status == NeedStatus.DECLINED

    other = await steps.decline_need(city, await city.need(), NOW)
    with pytest.raises(DeadlinePassed):
        await appeals.submit(other.id, reason="晚了", by=city.grandma.id, now=clock.forward(days=16))


async def test_worker_who_declined_cannot_decide_the_appeal(city):
    await factories.role(
        await factories.Person.get(id=city.staff["陈社工"].person_id), factories.RoleKind.CITY_OFFICER, NOW
    )
    _, appeal = await appealed(city)
    himself = await factories.staff.of_person(city.staff["陈社工"].person_id)

    with pytest.raises(OwnDecision):
        await appeals.decide(appeal.id, grant=False, decision="x", by=himself, now=NOW)


async def test_other_station_does_not_find_the_appeal(city):
    _, appeal = await appealed(city)

    for name in ("赵站长", "吴站长", "褚科长"):
        with pytest.raises(NotFound):
            await appeals.decide(appeal.id, grant=True, decision="x", by=city.staff[name], now=NOW)


async def test_reopened_need_is_assigned_to_the_head_once(city):
    need = await steps.resolve_need(city, await city.need(), NOW)

    again = await closing.reopen(need.id, reason="药买错了", by=city.grandma.id, now=NOW)

    assert again.status == NeedStatus.REOPENED
    assert again.assignee_id == city.staff["赵站长"].person_id


async def test_head_who_handled_the_need_does_not_get_it_back(city):
    need = await steps.assign_need(city, await city.need(), NOW, to="赵站长")
    await steps.triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    await steps.triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["赵站长"], now=NOW)

    again = await closing.reopen(need.id, reason="没有解决", by=city.grandma.id, now=NOW)

    assert again.assignee_id == city.staff["孙站长"].person_id


async def test_reopening_after_its_days_is_refused(city, clock):
    need = await steps.resolve_need(city, await city.need(), NOW)

    with pytest.raises(DeadlinePassed):
        await closing.reopen(need.id, reason="晚了", by=city.grandma.id, now=clock.forward(days=15, minutes=1))


async def test_need_without_rating_closes_after_fifteen_days(city):
    need = await steps.resolve_need(city, await city.need(), NOW)

    await schedule.do_due_actions(need.id, now=NOW + timedelta(days=14, hours=23))
    assert (await Need.get(id=need.id)).status == NeedStatus.RESOLVED
    await schedule.do_due_actions(need.id, now=NOW + timedelta(days=15))

    assert (await Need.get(id=need.id)).status == NeedStatus.CLOSED


async def test_second_reopening_is_refused(city):
    need = await steps.resolve_need(city, await city.need(), NOW)
    await closing.reopen(need.id, reason="药买错了", by=city.grandma.id, now=NOW)
    await steps.triage.start(need.id, by=city.staff["赵站长"], now=NOW)
    await steps.triage.resolve(need.id, outcome="换好了", service_minutes=0, by=city.staff["赵站长"], now=NOW)

    with pytest.raises(AlreadySubmitted):
        await closing.reopen(need.id, reason="还是不对", by=city.grandma.id, now=NOW)


async def test_granted_appeal_to_closed_station_goes_to_its_parent(city):
    need, appeal = await appealed(city)
    await Station.filter(id=city.stations["江阳总站"].id).update(status="closed")

    await appeals.decide(appeal.id, grant=True, decision="应予受理", by=city.staff["卫处长"], now=NOW)

    assert (await Need.get(id=need.id)).station_id == city.stations["市级服务台"].id


async def test_reopened_need_of_closed_station_goes_to_its_parent(city):
    need = await steps.resolve_need(city, await city.need(), NOW)
    await Station.filter(id=city.stations["邻玉社工站"].id).update(status="closed")

    again = await closing.reopen(need.id, reason="药买错了", by=city.grandma.id, now=NOW)

    assert (again.station_id, again.assignee_id) == (city.stations["江阳总站"].id, city.staff["孙站长"].person_id)


async def test_ended_need_has_no_due_steps(city):
    need = await steps.decline_need(city, await city.need(), NOW)

    await schedule.do_due_actions(need.id, now=NOW + timedelta(days=99))

    assert (await Need.get(id=need.id)).event_count == need.event_count
