"""The next deadline of a need, and the list by it: emergencies first, needs that nothing is due for last."""

from datetime import timedelta

import pytest

from server.domain.needs import (
    appeals,
    closing,
    duplicates,
    extensions,
    referrals,
    staff_queries,
    triage,
)
from server.domain.needs.filters import ORDERS, NeedFilter, NeedScope, Sort
from server.models import Need, NeedStatus, Urgency
from server.models.needs import DueRank
from tests import steps
from tests.conftest import NOW

OPEN_NEEDS = 42


async def most_urgent(city, by="陈社工", **need_filter):
    """Return the needs of all pages, two at a time."""
    found, after = [], None
    order = ORDERS[Sort.MOST_URGENT]
    while True:
        wanted = NeedFilter(sort=Sort.MOST_URGENT, after=after, limit=2, **need_filter)
        page = (await staff_queries.list_needs(wanted, by=city.staff[by], now=NOW)).items
        if not page:
            return found
        found += [item.need.id for item in page]
        after = order.place(page[-1].need)


async def test_emergency_among_many_open_needs_comes_first(city):
    for _ in range(OPEN_NEEDS):
        await steps.accept_need(city, await city.need(), NOW)
    emergency = await city.need(urgency=Urgency.EMERGENCY)

    for by in ("陈社工", "冯科长", "卫处长"):
        assert (await most_urgent(city, by))[0] == emergency.id


async def test_needs_come_by_their_next_deadline_and_those_without_one_last(city):
    resolved = await steps.resolve_need(city, await city.need(), NOW)
    declined = await steps.decline_need(city, await city.need(), NOW)
    ended_emergency = await city.need(urgency=Urgency.EMERGENCY)
    await closing.withdraw(ended_emergency.id, reason="", by=city.grandma.id, now=NOW)
    accepted = await steps.accept_need(city, await city.need(), NOW)
    urgent, normal = await city.need(urgency=Urgency.URGENT), await city.need()
    emergency = await steps.accept_need(city, await city.need(urgency=Urgency.EMERGENCY), NOW)

    # The response to the normal need is due before the completion of the accepted one.
    due = [emergency.id, urgent.id, normal.id, accepted.id]
    for by in ("陈社工", "冯科长", "卫处长"):
        found = await most_urgent(city, by)
        assert found[:4] == due
        assert found[4:] == sorted([resolved.id, declined.id, ended_emergency.id])


@pytest.mark.parametrize("by", ["陈社工", "冯科长", "卫处长"])
async def test_pages_of_the_most_urgent_are_narrowed_by_status(city, by):
    accepted = await steps.accept_need(city, await city.need(), NOW)
    resolved = await steps.resolve_need(city, await city.need(), NOW)
    submitted = await city.need()

    for statuses, expected in (
        ([NeedStatus.SUBMITTED, NeedStatus.ACCEPTED], [submitted.id, accepted.id]),
        ([NeedStatus.RESOLVED, NeedStatus.CLOSED], [resolved.id]),
        ([NeedStatus.RESOLVED, NeedStatus.ACCEPTED], [accepted.id, resolved.id]),
    ):
        assert await most_urgent(city, by, statuses=statuses) == expected


async def test_overdue_needs_come_by_their_next_deadline(city):
    late, later, on_time = await city.need(), await city.need(), await city.need()
    for need, hours in ((late, 2), (later, 1)):
        due = {"response_due_at": NOW - timedelta(hours=hours), "next_due_at": NOW - timedelta(hours=hours)}
        await Need.filter(id=need.id).update(submitted_at=NOW - timedelta(hours=3), **due)

    for by in ("陈社工", "冯科长", "卫处长"):
        assert await most_urgent(city, by, overdue=True) == [late.id, later.id]
    assert on_time.id in await most_urgent(city)


async def test_city_officer_finds_the_most_urgent_of_one_station(city):
    need, elsewhere = await city.need(), await city.need(area_id=city.areas["码头社区"].id)

    assert await most_urgent(city, "卫处长", station_id=need.station_id) == [need.id]
    assert set(await most_urgent(city, "卫处长")) == {need.id, elsewhere.id}


async def test_receiver_finds_the_most_urgent_of_what_is_referred_to_them(city):
    first, second = await city.need(), await city.need(urgency=Urgency.URGENT)
    for need in (first, second):
        to = city.stations["蓝田社工站"].id
        await referrals.refer(need.id, to_station=to, reason="搬家", by=city.staff["陈社工"], now=NOW)

    assert await most_urgent(city, "周社工", scope=NeedScope.REFERRED) == [second.id, first.id]


async def kept(need):
    """Return the need as the database has it now."""
    return await Need.get(id=need.id)


async def test_next_deadline_follows_every_step_of_a_need(city):
    need = await kept(await city.need())
    response, completion = need.response_due_at, need.completion_due_at
    assert (need.next_due_at, need.due_rank) == (response, DueRank.OTHER)

    sent = {"to_station": city.stations["蓝田社工站"].id, "reason": "搬家", "by": city.staff["陈社工"], "now": NOW}
    await referrals.refer(need.id, **sent)
    assert (await kept(need)).next_due_at == response
    await referrals.return_to_sender(need.id, reason="不归我们", by=city.staff["周社工"], now=NOW)
    assert (await kept(need)).next_due_at == response
    await steps.assign_need(city, need, NOW)
    assert (await kept(need)).next_due_at == completion
    until = completion + timedelta(days=2)
    chen, zhao = city.staff["陈社工"], city.staff["赵站长"]
    extension = await extensions.request(need.id, until=until, reason="等医院回复", by=chen, now=NOW)
    await extensions.decide(extension.id, grant=True, reason="属实", by=zhao, now=NOW)
    assert (await kept(need)).next_due_at == until
    await triage.start(need.id, by=chen, now=NOW)
    await triage.resolve(need.id, outcome="好", service_minutes=1, by=chen, now=NOW)
    assert ((await kept(need)).next_due_at, (await kept(need)).due_rank) == (None, DueRank.NOTHING_DUE)
    await closing.reopen(need.id, reason="没有解决", by=city.grandma.id, now=NOW)
    need = await kept(need)
    assert (need.next_due_at, need.due_rank) == (need.completion_due_at, DueRank.OTHER)


async def test_next_deadline_of_a_granted_appeal_is_its_new_completion_time(city):
    need = await steps.decline_need(city, await city.need(), NOW)
    assert need.next_due_at is None
    appeal = await appeals.submit(need.id, reason="我符合条件", by=city.grandma.id, now=NOW)

    await appeals.decide(appeal.id, grant=True, decision="应予受理", by=city.staff["孙站长"], now=NOW)

    need = await kept(need)
    assert need.next_due_at == need.completion_due_at


async def test_merged_need_has_nothing_due_and_the_other_the_earlier_deadline(city):
    first = await city.need(urgency=Urgency.URGENT)
    second = await city.need()

    await duplicates.merge(first.id, into=second.id, by=city.staff["陈社工"], now=NOW)

    assert (await kept(first)).next_due_at is None
    second = await kept(second)
    assert second.completion_due_at == first.completion_due_at
    assert second.next_due_at == second.response_due_at
