"""The job of an order: a reminder a day before, and expiry if nobody came."""

from datetime import timedelta

import pytest

from server.models import Job, Notice, Order, OrderStatus
from tests.domain.ledger.moving import adds_up
from tests.domain.orders.shop import hand_over, order, pieces_of, points_of, rice, with_points
from tests.jobs.working import work_off


@pytest.fixture
async def li(city):
    return await with_points(city, 100)


async def told(person):
    return await Notice.filter(person_id=person.id).order_by("created_at").values_list("template", flat=True)


async def test_order_is_reminded_and_expires(city, context, clock, li):
    bag = await rice(city)
    made = await order(li, bag)

    for before in (timedelta(days=2), timedelta(days=1), timedelta(seconds=1), timedelta(0), -timedelta(days=9)):
        clock.set(made.expires_at - before)
        await work_off(context)

    assert await told(li) == ["order_expires_soon", "order_expired"]
    assert (await Order.get(id=made.id)).status == OrderStatus.EXPIRED
    assert (await points_of(li), await pieces_of(bag)) == ((100, 0), (10, 0))
    await adds_up()


async def test_late_job_expires_without_a_reminder(city, context, clock, li):
    made = await order(li, await rice(city))
    clock.set(made.expires_at + timedelta(hours=5))

    await work_off(context)

    assert await told(li) == ["order_expired"]
    assert (await Order.get(id=made.id)).ended_at == clock.now()
    assert (await Job.get(kind="expire_order")).state == "done"


async def test_fetched_order_does_not_expire(city, context, clock, li):
    made = await order(li, await rice(city))
    await hand_over(made, city.staff["陈社工"])
    clock.set(made.expires_at)

    await work_off(context)

    assert await told(li) == ["order_handed_over"]
    assert await points_of(li) == (50, 0)
