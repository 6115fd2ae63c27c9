"""Referrals 转介 to another station: accepted, returned, decided by the head station."""

import pytest

from server.domain import roles, station_lifecycle
from server.domain.needs import closing, referrals
from server.errors import NotAllowed, NotFound, ReferralFinal, SameStation, StationNotOperating
from server.models import Need, NeedStatus, Referral, Role, Station, StationCategory
from tests import steps
from tests.conftest import NOW
from tests.jobs.working import needs_follow


async def referred(city, need, to="蓝田社工站", by="陈社工"):
    return await referrals.refer(
        need.id, to_station=city.stations[to].id, reason="已搬到蓝田", by=city.staff[by], now=NOW
    )


async def test_sender_stays_responsible_until_receiver_accepts(city):
    need = await city.need()
    sent = await referred(city, need)
    assert (sent.status, sent.station_id) == (NeedStatus.REFERRED, city.stations["邻玉社工站"].id)

    taken = await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)

    assert (taken.status, taken.station_id) == (NeedStatus.ACCEPTED, city.stations["蓝田社工站"].id)


async def test_accepted_referral_keeps_deadlines(city, clock):
    need = await city.need()
    due = need.completion_due_at
    await referred(city, need)

    await referrals.accept(need.id, by=city.staff["周社工"], now=clock.forward(hours=5))

    assert (await Need.get(id=need.id)).completion_due_at == due


async def test_returned_referral_restores_former_status(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    await referred(city, need)

    back = await referrals.return_to_sender(need.id, reason="地址仍在邻玉", by=city.staff["周社工"], now=NOW)

    assert (back.status, back.station_id) == (NeedStatus.ASSIGNED, city.stations["邻玉社工站"].id)
    assert back.assignee_id == city.staff["陈社工"].person_id


async def returned_three_times(city):
    need = await city.need()
    for _ in range(3):
        await referred(city, need)
        await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)
    return await Need.get(id=need.id)


async def test_third_return_goes_to_head_station(city):
    need = await returned_three_times(city)

    assert need.station_id == city.stations["江阳总站"].id
    assert need.status == NeedStatus.SUBMITTED


async def test_referral_by_head_station_cannot_be_returned(city):
    need = await returned_three_times(city)
    await referred(city, need, by="孙站长")

    with pytest.raises(ReferralFinal):
        await referrals.return_to_sender(need.id, reason="还是不要", by=city.staff["周社工"], now=NOW)
    taken = await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)

    assert taken.station_id == city.stations["蓝田社工站"].id


async def test_other_stations_cannot_answer_a_referral(city):
    need = await city.need()
    await referred(city, need)

    for name, refusal in (("陈社工", NotAllowed), ("孙站长", NotFound), ("钱社工", NotFound)):
        with pytest.raises(refusal):
            await referrals.accept(need.id, by=city.staff[name], now=NOW)


async def test_second_answer_to_a_referral_is_refused(city):
    need = await city.need()
    await referred(city, need)
    await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)

    with pytest.raises(NotAllowed):
        await referrals.return_to_sender(need.id, reason="x", by=city.staff["周社工"], now=NOW)
    assert await Referral.filter(open=1).count() == 0


async def test_referral_to_unsuitable_station_is_refused(city):
    need = await city.need()
    with pytest.raises(SameStation):
        await referred(city, need, to="邻玉社工站")
    with pytest.raises(StationNotOperating):
        await referred(city, need, to="团结社工室")
    await StationCategory.filter(station_id=city.stations["蓝田社工站"].id).delete()
    with pytest.raises(StationNotOperating):
        await referred(city, need)


async def test_resident_withdraws_referred_need(city):
    need = await city.need()
    await referred(city, need)

    await closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW)

    assert await Referral.filter(open=1).count() == 0
    with pytest.raises(NotFound):
        await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)


async def test_closed_receiver_cannot_accept_a_referral(city):
    need = await city.need()
    await referred(city, need)
    await Station.filter(id=city.stations["蓝田社工站"].id).update(status="suspended")

    with pytest.raises(StationNotOperating):
        await referrals.accept(need.id, by=city.staff["周社工"], now=NOW)
    assert (await Need.get(id=need.id)).station_id == city.stations["邻玉社工站"].id


async def test_city_desk_decides_without_operating_head_station(city):
    await Station.filter(id=city.stations["江阳总站"].id).update(status="suspended")

    need = await returned_three_times(city)

    assert need.station_id == city.stations["市级服务台"].id


async def test_referral_to_station_that_stops_is_returned(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    await referred(city, need)

    await station_lifecycle.suspend(city.stations["蓝田社工站"].id, reason="装修", by=city.staff["冯科长"], now=NOW)
    await needs_follow()

    back = await Need.get(id=need.id)
    assert (back.status, back.station_id) == (NeedStatus.ASSIGNED, city.stations["邻玉社工站"].id)
    assert await Referral.filter(open=1).count() == 0


async def test_referral_from_station_that_stops_is_cancelled(city):
    need = await city.need()
    await referred(city, need)

    await station_lifecycle.suspend(city.stations["邻玉社工站"].id, reason="装修", by=city.staff["冯科长"], now=NOW)
    await needs_follow()

    moved = await Need.get(id=need.id)
    assert (moved.status, moved.station_id) == (NeedStatus.ACCEPTED, city.stations["江阳总站"].id)
    assert await Referral.filter(open=1).count() == 0


async def test_returned_need_whose_worker_left_is_unassigned(city):
    need = await steps.assign_need(city, await city.need(), NOW)
    await referred(city, need)
    role = await Role.get(person_id=city.staff["陈社工"].person_id)
    await roles.end(role.id, by=city.staff["赵站长"], now=NOW)

    await station_lifecycle.suspend(city.stations["蓝田社工站"].id, reason="装修", by=city.staff["冯科长"], now=NOW)
    await needs_follow()

    back = await Need.get(id=need.id)
    assert (back.status, back.assignee_id) == (NeedStatus.ACCEPTED, None)
