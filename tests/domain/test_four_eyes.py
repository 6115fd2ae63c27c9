"""Four eyes: a person who left their household recently still counts as a relative."""

from datetime import timedelta

import pytest

from server.domain import households
from server.domain.tasks import claims
from server.errors import OwnHousehold, OwnOrder, OwnServiceRecord, OwnTask
from server.models import RecordStatus, TaskStatus
from tests.conftest import NOW
from tests.domain.orders.shop import hand_over, order, rice, with_points
from tests.factories import records, tasks
from tests.factories.households import household

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def moved_out(*person_ids, now=NOW):
    """End the membership of the last of these people, after a year in one household."""
    await household(*person_ids, now=now - 365 * DAY)
    await households.leave(by=person_ids[-1], now=now)


async def test_recent_household_member_cannot_approve_the_service(city):
    li = await records.volunteer(city)
    record = await records.record(city, li)
    await moved_out(li.id, city.staff["林社工"].person_id)

    for days in (0, 1, 30):
        with pytest.raises(OwnServiceRecord):
            await records.approve(city, record, now=NOW + days * DAY)

    approved = await records.approve(city, record, now=NOW + 31 * DAY)
    assert approved.status == RecordStatus.APPROVED


async def test_recent_household_member_cannot_claim_the_task(city):
    task, daughter = await tasks.published(city), await tasks.volunteer(city, "王小妹")
    await moved_out(city.grandma.id, daughter.person_id)

    with pytest.raises(OwnTask):
        await claims.claim(task.id, by=daughter.person_id, now=NOW + HOUR)


async def test_recent_household_member_cannot_be_confirmed_as_volunteer(city):
    task = await tasks.claimed(city)
    chen = city.staff["陈社工"]
    await moved_out(task.volunteer_id, chen.person_id)

    with pytest.raises(OwnTask):
        await claims.confirm(task.id, by=chen, now=NOW + HOUR)
    assert (await claims.confirm(task.id, by=city.staff["林社工"], now=NOW + HOUR)).status == TaskStatus.CONFIRMED


async def test_recent_household_member_cannot_hand_over_the_order(city):
    li, chen = await with_points(city, 50), city.staff["陈社工"]
    made = await order(li, await rice(city))
    await moved_out(li.id, chen.person_id)

    with pytest.raises(OwnOrder):
        await hand_over(made, chen, now=NOW + HOUR)
    assert (await hand_over(made, city.staff["林社工"], now=NOW + HOUR)).handed_over_by_id


async def test_recent_household_member_cannot_end_the_membership(city):
    chen = city.staff["陈社工"]
    await city.need(by=city.grandma.id)
    await moved_out(city.grandma.id, chen.person_id)

    with pytest.raises(OwnHousehold):
        await households.unseat(city.grandma.id, by=chen, now=NOW + HOUR)
    assert await households.of(city.grandma.id) is not None
