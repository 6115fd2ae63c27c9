"""Cancellation and expiry: everything that an order held is released, once."""

from datetime import timedelta

import pytest

from server.domain import ledger
from server.domain.orders import cancellation, handover, place_order
from server.domain.orders.transitions import TRANSITIONS, S
from server.errors import NotAllowed, NotFound, OrderEnded, OwnOrder
from server.models import AuditEntry, Good, Hold, HoldState, Job, Notice, Order, OrderLine, Policy
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.orders.shop import TOWN, cancel, hand_over, order, pieces_of, points_of, rice, with_points
from tests.factories.households import household

DAY = timedelta(days=1)


async def cancel_for(made, by, now=NOW):
    return await cancellation.cancel_by_station(made.id, reason="物品破损", by=by, now=now)


async def told(person, template):
    return await Notice.filter(person_id=person.id, template=template).count()


async def test_cancellation_releases_points_and_every_good(city):
    bag, oil, li = await rice(city), await rice(city, name="菜籽油"), await with_points(city, 300)
    made = (await place_order.place(bag.station_id, {bag.id: 2, oil.id: 1}, by=li.id, now=NOW)).order

    await cancel(made, reason="不需要了")

    assert (await points_of(li), await pieces_of(bag), await pieces_of(oil)) == ((300, 0), (10, 0), (10, 0))
    kept = await Order.get(id=made.id)
    assert (kept.status, kept.reason, kept.ended_at, kept.open) == (S.CANCELLED, "不需要了", NOW, None)
    assert set(await Hold.all().values_list("state", flat=True)) == {HoldState.RELEASED}
    await adds_up()


async def test_orderer_alone_cancels_once(city):
    li, wang = await with_points(city, 100), await with_points(city, 100, "王芳")
    made = await order(li, await rice(city))

    with pytest.raises(NotFound):
        await cancellation.cancel(made.id, reason="", by=wang.id, now=NOW)
    await cancel(made)
    before = await rows()
    with pytest.raises(OrderEnded) as refused:
        await cancel(made)

    assert refused.value.details == {"status": S.CANCELLED}
    assert await rows() == before


async def test_cancellation_after_the_handover_is_refused(city):
    made = await order(await with_points(city, 100), await rice(city))
    await hand_over(made, city.staff["陈社工"])

    for verb in (cancel(made), cancel_for(made, city.staff["陈社工"])):
        with pytest.raises(OrderEnded):
            await verb


async def test_cancellation_by_staff_notifies_the_orderer_with_the_reason(city):
    li = await with_points(city, 100)
    made = await order(li, await rice(city))

    ended = await cancel_for(made, city.staff["陈社工"])

    assert (ended.status, ended.reason) == (S.CANCELLED, "物品破损")
    assert (await points_of(li), await told(li, "order_cancelled")) == ((100, 0), 1)
    noted = await AuditEntry.get(action="order.cancelled")
    assert (noted.subject, noted.facts) == (f"order:{made.id}", {"reason": "物品破损"})


@pytest.mark.parametrize(("name", "refusal"), [("周社工", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)])
async def test_cancellation_by_other_staff_is_refused(city, name, refusal):
    made = await order(await with_points(city, 100), await rice(city))

    with pytest.raises(refusal):
        await cancel_for(made, city.staff[name])


async def test_staff_cannot_handle_orders_of_their_household(city):
    chen, lin = city.staff["陈社工"], city.staff["林社工"]
    li = await with_points(city, 100)
    made = await order(li, await rice(city))
    await household(li.id, chen.person_id, now=NOW)

    with pytest.raises(OwnOrder):
        await cancel_for(made, chen)
    with pytest.raises(OwnOrder):
        await handover.mark_ready(made.id, by=chen, now=NOW)
    assert (await cancel_for(made, lin)).status == S.CANCELLED


async def test_order_that_is_not_picked_up_expires_and_releases_everything(city):
    bag, li = await rice(city), await with_points(city, 100)
    made = await order(li, bag, 2)

    await cancellation.remind_or_expire(made.id, now=made.expires_at)

    kept = await Order.get(id=made.id)
    assert (kept.status, kept.ended_at, kept.open) == (S.EXPIRED, made.expires_at, None)
    assert (await points_of(li), await pieces_of(bag)) == ((100, 0), (10, 0))
    assert set(await Hold.all().values_list("state", flat=True)) == {HoldState.EXPIRED}
    assert await told(li, "order_expired") == 1
    await adds_up()


async def test_job_on_an_ended_order_changes_nothing(city):
    li = await with_points(city, 500)
    bag = await rice(city)
    lapsed, cancelled, fetched = [await order(li, bag) for _ in range(3)]
    await cancel(cancelled)
    await hand_over(fetched, city.staff["陈社工"])
    await cancellation.remind_or_expire(lapsed.id, now=lapsed.expires_at)
    before = await rows()

    for one in (lapsed, cancelled, fetched):
        await cancellation.remind_or_expire(one.id, now=one.expires_at + DAY)
    await cancellation.remind_or_expire(1, now=NOW)

    assert await rows() == before
    assert await told(li, "order_expired") == 1


async def test_orderer_is_reminded_once_a_day_before(city):
    li = await with_points(city, 500)
    bag = await rice(city)
    made, other = await order(li, bag), await order(li, bag)
    last_day = made.expires_at - DAY

    await cancellation.remind_or_expire(made.id, now=last_day - timedelta(seconds=1))
    assert await told(li, "order_expires_soon") == 0
    for _ in range(2):
        await cancellation.remind_or_expire(made.id, now=last_day)
    await cancellation.remind_or_expire(other.id, now=last_day + timedelta(hours=1))

    notices = await Notice.filter(template="order_expires_soon")
    assert sorted(one.subject_id or 0 for one in notices) == sorted([made.id, other.id])
    assert {one.body for one in notices} == {"您兑换的物品还没有领取，请在3月17日10:00前领取，过后订单失效。"}
    assert (await Job.get(kind="expire_order", subject=str(made.id))).due_at == made.expires_at


async def test_order_placed_within_that_day_has_no_reminder(city):
    await Policy.create(name="pickup_days", scope=f"station:{city.stations[TOWN].id}", value=1, source="测试")
    li = await with_points(city, 100)
    made = await order(li, await rice(city))

    await cancellation.remind_or_expire(made.id, now=made.expires_at - timedelta(hours=1))

    assert await told(li, "order_expires_soon") == 0


async def test_station_is_notified_to_put_ready_goods_back(city):
    li, chen = await with_points(city, 500), city.staff["陈社工"]
    bag = await rice(city)
    ready, placed = await order(li, bag), await order(li, bag)
    await handover.mark_ready(ready.id, by=chen, now=NOW)

    await cancel(ready)
    await cancel(placed)

    (notice,) = await Notice.filter(person_id=chen.person_id, template="order_put_back")
    assert (notice.subject_kind, notice.subject_id) == ("order", ready.id)


async def test_edited_or_deleted_order_changes_no_balance(city):
    li = await with_points(city, 100)
    made = await order(li, await rice(city))
    await hand_over(made, city.staff["陈社工"])
    before = await rows()

    await Good.all().update(points_price=1)
    await OrderLine.filter(order_id=made.id).update(pieces=9)
    await OrderLine.filter(order_id=made.id).delete()
    await Order.filter(id=made.id).delete()

    assert await rows() == before
    assert (await ledger.audit()).holds


def test_ended_order_has_no_transition():
    assert set(TRANSITIONS) == set(S)
    assert {status for status, following in TRANSITIONS.items() if not following} == {
        S.HANDED_OVER,
        S.CANCELLED,
        S.EXPIRED,
    }
    assert not any(S.PLACED in following for following in TRANSITIONS.values())
