"""Races on several connections: one winner, a clear refusal, and every need at exactly one station."""

import pytest

from server.database import db
from server.domain import roles, station_lifecycle, stations
from server.domain.needs import closing, crisis_alerts, crisis_openings, referrals, triage
from server.errors import InvalidNeedState, NotAllowed, NotFound, Refusal
from server.models import CrisisAlert, Need, NeedEvent, NeedStatus, Referral, Role, Station, StationStatus
from tests import factories, steps
from tests.concurrency import at_once, won_and_refused
from tests.conftest import NOW
from tests.jobs.working import needs_follow

ROUNDS = 5


@pytest.fixture(autouse=True)
async def _no_deadlock(city):
    """Check that no race causes a deadlock: the lock order of server/README.md rules them out."""
    before = await deadlocks()
    yield
    assert await deadlocks() == before


async def deadlocks():
    if db.dialect() == "sqlite":
        return 0
    return int((await db.execute("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'"))[1][0]["Value"])


def winners(answers, kind=Need):
    assert all(isinstance(answer, kind | Refusal) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, kind)]


async def whole(need_id):
    """Check that the timeline has no gap and ends with the status of the need; return the need."""
    need = await Need.get(id=need_id)
    lines = await NeedEvent.filter(need_id=need_id).order_by("number")
    assert [line.number for line in lines] == list(range(1, need.event_count + 1))
    moved = [line.to_status for line in lines if line.to_status]
    assert moved[-1] == need.status
    return need


async def test_two_workers_accepting_at_once_accept_once(city):
    for _ in range(ROUNDS):
        need = await city.need()

        answers = await at_once(
            *(triage.accept(need.id, by=city.staff[n], now=NOW) for n in ("陈社工", "林社工", "赵站长"))
        )

        assert len(winners(answers)) == 1
        assert sum(isinstance(answer, InvalidNeedState) for answer in answers) == 2
        await whole(need.id)


async def test_withdrawal_and_assignment_at_once_leave_one_of_them(city):
    for _ in range(ROUNDS):
        need = await steps.accept_need(city, await city.need(), NOW)

        await at_once(
            closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW),
            triage.assign(need.id, worker_id=city.staff["陈社工"].person_id, by=city.staff["赵站长"], now=NOW),
        )

        assert (await whole(need.id)).status == NeedStatus.WITHDRAWN


async def test_station_closing_while_needs_arrive_keeps_none(city):
    town = city.stations["邻玉社工站"]

    answers = await at_once(
        *(city.need() for _ in range(6)),
        station_lifecycle.suspend(town.id, reason="装修", by=city.staff["冯科长"], now=NOW),
        *(city.need() for _ in range(6)),
    )
    await needs_follow()

    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert await Need.filter(station_id=town.id).count() == 0
    assert await Need.filter(station_id=city.stations["江阳总站"].id).count() == 12
    for need in await Need.all():
        await whole(need.id)


async def test_station_opening_while_needs_arrive_has_them_all(city):
    room = city.stations["团结社工室"]
    await factories.employ(city, "团结社工室")
    await at_once(
        *(city.need() for _ in range(5)),
        station_lifecycle.open_station(room.id, by=city.staff["冯科长"], now=NOW),
        *(city.need() for _ in range(5)),
    )
    await needs_follow()

    assert (await stations.Station.get(id=room.id)).status == StationStatus.OPEN
    assert await Need.filter(station_id=room.id).count() == 10


async def test_referral_is_accepted_or_returned_or_withdrawn_once(city):
    for _ in range(ROUNDS):
        need = await city.need()
        await referrals.refer(
            need.id, to_station=city.stations["蓝田社工站"].id, reason="搬家", by=city.staff["陈社工"], now=NOW
        )

        answers = await at_once(
            referrals.accept(need.id, by=city.staff["周社工"], now=NOW),
            referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["吴站长"], now=NOW),
        )

        assert len(winners(answers)) == 1
        # After the return the receiver does not see the need any more.
        refused = NotAllowed | NotFound | InvalidNeedState
        assert sum(isinstance(answer, refused) for answer in answers) == 1
        await whole(need.id)


async def test_crisis_acknowledged_twice_at_once_counts_once(city):
    need, names = await city.need(text="不想活了"), ("陈社工", "赵站长", "林社工")
    for name in names:
        await crisis_openings.open_crisis(need.id, reason="接到报警", by=city.staff[name], now=NOW)

    await at_once(*(crisis_alerts.acknowledge(need.id, by=city.staff[name], now=NOW) for name in names))

    assert await CrisisAlert.filter(acknowledged_at=NOW).count() == 1
    assert await NeedEvent.filter(need_id=need.id, kind="crisis_acknowledged").count() == 1


async def test_needs_merged_into_each_other_at_once_leave_one(city):
    for _ in range(ROUNDS):
        first, second = await city.need(), await city.need()
        answers = await at_once(
            triage_merge(city, first, second, "陈社工"),
            triage_merge(city, second, first, "林社工"),
        )

        assert len(winners(answers)) == 1
        statuses = {(await whole(need.id)).status for need in (first, second)}
        assert statuses == {NeedStatus.MERGED, NeedStatus.SUBMITTED}


def triage_merge(city, need, into, name):
    from server.domain.needs import duplicates

    return duplicates.merge(need.id, into=into.id, by=city.staff[name], now=NOW)


async def test_town_station_and_room_stopping_at_once_keep_no_need(city):
    await Station.filter(id=city.stations["团结社工室"].id).update(status="open")
    for _ in range(3):
        await Station.filter(name__in=["团结社工室", "邻玉社工站"]).update(status="open")
        need = await city.need()

        await at_once(
            *(
                station_lifecycle.suspend(city.stations[name].id, reason="装修", by=city.staff["冯科长"], now=NOW)
                for name in ("邻玉社工站", "团结社工室")
            )
        )
        await needs_follow()

        assert (await whole(need.id)).station_id == city.stations["江阳总站"].id


async def test_leaving_worker_is_not_assigned_at_that_moment(city):
    for _ in range(ROUNDS):
        need = await steps.accept_need(city, await city.need(), NOW)
        leaving = await factories.worker("马上离职", city.stations["邻玉社工站"], NOW)
        role = await Role.get(person_id=leaving.person_id)

        await at_once(
            triage.assign(need.id, worker_id=leaving.person_id, by=city.staff["赵站长"], now=NOW),
            roles.end(role.id, by=city.staff["赵站长"], now=NOW),
        )

        assert (await whole(need.id)).assignee_id is None


async def test_recall_acceptance_return_and_expiry_at_once_leave_one_answer(city):
    for _ in range(ROUNDS):
        need = await steps.start_need(city, await city.need(), NOW)
        to = city.stations["蓝田社工站"].id
        await referrals.refer(need.id, to_station=to, reason="搬家", by=city.staff["陈社工"], now=NOW)
        referral = await Referral.get(need_id=need.id)

        await at_once(
            referrals.expire(referral.id, now=referral.answer_due_at),
            referrals.recall(need.id, by=city.staff["陈社工"], now=NOW),
            referrals.accept(need.id, by=city.staff["周社工"], now=NOW),
            referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["吴站长"], now=NOW),
        )

        need, referral = await whole(need.id), await Referral.get(id=referral.id)
        assert referral.open is None
        accepted = bool(referral.accepted)
        assert (need.status, need.station_id == to) == (
            (NeedStatus.ACCEPTED, True) if accepted else (NeedStatus.IN_PROGRESS, False)
        )
        assert need.referred_to_id is None
        assert need.times_returned == (referral.accepted is False)


async def test_withdrawal_and_resolution_at_once_leave_one(city):
    for _ in range(ROUNDS):
        need = await steps.start_need(city, await city.need(), NOW)

        won, _ = await won_and_refused(
            closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW),
            triage.resolve(need.id, outcome="好", service_minutes=1, by=city.staff["陈社工"], now=NOW),
        )

        assert won == 1
        need = await whole(need.id)
        assert need.status in {NeedStatus.WITHDRAWN, NeedStatus.RESOLVED}
        assert (need.next_due_at, need.due_rank) == (None, 2)


async def test_withdrawal_and_recall_at_once_leave_the_need_withdrawn(city):
    for _ in range(ROUNDS):
        need = await city.need()
        to = city.stations["蓝田社工站"].id
        await referrals.refer(need.id, to_station=to, reason="搬家", by=city.staff["陈社工"], now=NOW)

        await at_once(
            closing.withdraw(need.id, reason="", by=city.grandma.id, now=NOW),
            referrals.recall(need.id, by=city.staff["陈社工"], now=NOW),
        )

        assert (await whole(need.id)).status == NeedStatus.WITHDRAWN
        assert await Referral.filter(need_id=need.id, open=1).count() == 0
        assert await Need.filter(id=need.id, referred_to_id=None).count() == 1
