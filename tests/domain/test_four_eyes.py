"""Four eyes: who leaves their household for a moment is still a relative."""

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
    """The last of these people has just left the others, with whom they lived for a year."""
    await household(*person_ids, now=now - 365 * DAY)
    await households.leave(by=person_ids[-1], now=now)


async def test_who_left_the_household_yesterday_does_not_approve_its_service(city):
    li = await records.volunteer(city)
    record = await records.record(city, li)
    await moved_out(li.id, city.staff["林社工"].person_id)

    for days in (0, 1, 30):
        with pytest.raises(OwnServiceRecord):
            await records.approve(city, record, now=NOW + days * DAY)

    approved = await records.approve(city, record, now=NOW + 31 * DAY)
    assert approved.status == RecordStatus.APPROVED


async def test_nobody_leaves_to_take_on_the_familys_need(city):
    task, daughter = await tasks.published(city), await tasks.volunteer(city, "王小妹")
    await moved_out(city.grandma.id, daughter.person_id)

    with pytest.raises(OwnTask):
        await claims.claim(task.id, by=daughter.person_id, now=NOW + HOUR)


async def test_nobody_confirms_a_volunteer_they_lived_with_until_now(city):
    task = await tasks.claimed(city)
    chen = city.staff["陈社工"]
    await moved_out(task.volunteer_id, chen.person_id)

    with pytest.raises(OwnTask):
        await claims.confirm(task.id, by=chen, now=NOW + HOUR)
    assert (await claims.confirm(task.id, by=city.staff["林社工"], now=NOW + HOUR)).status == TaskStatus.CONFIRMED


async def test_nobody_leaves_to_hand_over_the_familys_order(city):
    li, chen = await with_points(city, 50), city.staff["陈社工"]
    made = await order(li, await rice(city))
    await moved_out(li.id, chen.person_id)

    with pytest.raises(OwnOrder):
        await hand_over(made, chen, now=NOW + HOUR)
    assert (await hand_over(made, city.staff["林社工"], now=NOW + HOUR)).handed_over_by_id


async def test_nobody_leaves_to_end_a_relatives_membership_at_the_counter(city):
    chen = city.staff["陈社工"]
    await city.need(by=city.grandma.id)
    await moved_out(city.grandma.id, chen.person_id)

    with pytest.raises(OwnHousehold):
        await households.unseat(city.grandma.id, by=chen, now=NOW + HOUR)
    assert await households.of(city.grandma.id) is not None
