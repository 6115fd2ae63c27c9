"""Needs follow a change of the set-up in portions: each moves once, and is served until then."""

import asyncio

import pytest

from server.domain import invariants, station_lifecycle
from server.domain.needs import referrals, rerouting, triage
from server.errors import ReceiverNotSuitable
from server.models import AuditEntry, Job, Need, NeedEvent, NeedStatus, Notice, Referral, Station, StationStatus
from tests import factories, steps
from tests.conftest import NOW
from tests.jobs.working import needs_follow

CLOSING, NEXT = "邻玉社工站", "江阳总站"


@pytest.fixture
def closing(city):
    return city.stations[CLOSING].id


@pytest.fixture
def portions_of_two(monkeypatch):
    monkeypatch.setattr(rerouting, "PORTION", 2)


async def close(city, station_id):
    return await station_lifecycle.close(station_id, reason="撤并", by=city.staff["冯科长"], now=NOW)


async def places(needs):
    return [(await Need.get(id=need.id).select_related("station")).station.name for need in needs]


async def status_of(station_id):
    return (await Station.get(id=station_id)).status


async def test_needs_move_in_portions_and_the_last_one_closes_the_station(city, closing, portions_of_two):
    needs = sorted([await city.need() for _ in range(5)], key=lambda need: need.id)
    await close(city, closing)

    assert not await rerouting.move_portion(str(closing), now=NOW)
    assert await places(needs) == [NEXT] * 2 + [CLOSING] * 3
    assert await status_of(closing) == StationStatus.CLOSING
    assert await needs_follow() == 2

    assert await places(needs) == [NEXT] * 5
    assert await status_of(closing) == StationStatus.CLOSED


async def test_repeated_portion_moves_nothing_twice(city, closing):
    need = await steps.assign_need(city, await city.need(), NOW)
    await close(city, closing)

    for _ in range(2):
        assert await rerouting.move_portion(str(closing), now=NOW)

    assert await NeedEvent.filter(need_id=need.id, kind="rerouted").count() == 1
    assert await Notice.filter(template="need_rerouted").count() == 1


async def test_portions_at_once_move_each_need_once(city, closing, portions_of_two):
    needs = [await city.need() for _ in range(6)]
    await close(city, closing)

    for _ in range(3):
        await asyncio.gather(*(rerouting.move_portion(str(closing), now=NOW) for _ in range(3)))

    assert await places(needs) == [NEXT] * 6
    assert await NeedEvent.filter(kind="rerouted").count() == 6


async def test_people_of_a_closing_station_serve_its_needs_until_they_move(city, closing):
    need = await city.need()
    await close(city, closing)

    await steps.start_need(city, need, NOW)
    assert (await invariants.check()).holds
    await needs_follow()

    moved = await Need.get(id=need.id)
    assert (moved.status, moved.assignee_id) == (NeedStatus.ACCEPTED, None)


async def test_need_is_not_referred_to_a_closing_station(city, closing):
    need = await city.need(area_id=city.areas["宪桥社区"].id)
    await close(city, closing)

    with pytest.raises(ReceiverNotSuitable):
        await referrals.refer(need.id, to_station=closing, reason="搬家", by=city.staff["周社工"], now=NOW)


async def test_referrals_and_needs_of_a_closing_station_share_portions(city, closing, portions_of_two):
    own = [await city.need() for _ in range(2)]
    others = [await city.need(area_id=city.areas["宪桥社区"].id) for _ in range(3)]
    for need in others:
        await referrals.refer(need.id, to_station=closing, reason="搬家", by=city.staff["周社工"], now=NOW)
    await close(city, closing)

    assert await needs_follow() == 3

    assert await places(own) == [NEXT] * 2
    assert await places(others) == ["蓝田社工站"] * 3
    assert not await Referral.exists(open=1)
    assert await status_of(closing) == StationStatus.CLOSED


async def test_station_with_a_need_is_not_closed_and_the_job_is_planned_again(city, closing):
    need = await city.need()
    await close(city, closing)
    await Job.filter(kind=rerouting.JOB_KIND).delete()

    await station_lifecycle.finish_closing(closing, now=NOW)

    assert await status_of(closing) == StationStatus.CLOSING
    assert await places([need]) == [CLOSING]
    assert await Job.exists(kind=rerouting.JOB_KIND, subject=str(closing))


async def test_finishing_again_after_a_kill_plans_what_was_not_planned(city, closing):
    await close(city, closing)
    await needs_follow()
    await Job.filter(kind="move_volunteers").delete()

    await station_lifecycle.finish_closing(closing, now=NOW)

    assert await Job.filter(kind="move_volunteers").count() == 1
    assert await AuditEntry.filter(action="station.closed").count() == 1


async def test_need_in_hand_stays_when_another_station_opens(city):
    waiting, in_hand = await city.need(), await steps.assign_need(city, await city.need(), NOW)

    await factories.employ(city, "团结社工室")
    await station_lifecycle.open_station(city.stations["团结社工室"].id, by=city.staff["冯科长"], now=NOW)
    await needs_follow()

    assert await places([waiting, in_hand]) == ["团结社工室", CLOSING]


async def test_station_that_opens_again_before_its_turn_keeps_its_needs(city, closing, portions_of_two):
    needs = [await city.need() for _ in range(3)]
    officer = city.staff["冯科长"]
    await station_lifecycle.suspend(closing, reason="装修", by=officer, now=NOW)
    assert not await rerouting.move_portion(str(closing), now=NOW)
    await station_lifecycle.open_station(closing, by=officer, now=NOW)

    await needs_follow()

    assert await places(needs) == [CLOSING] * 3, "two came back, one never left"


async def test_need_answered_before_its_turn_moves_as_it_is_then(city, closing):
    need, declined = await city.need(), await city.need()
    await close(city, closing)
    await triage.accept(need.id, by=city.staff["陈社工"], now=NOW)
    await steps.decline_need(city, declined, NOW)

    await needs_follow()

    assert await places([need, declined]) == [NEXT, CLOSING]
    assert (await Need.get(id=need.id)).status == NeedStatus.ACCEPTED
