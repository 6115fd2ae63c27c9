"""Orders are placed with points and pieces on hold at one price, or not at all."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain import households, station_lifecycle
from server.domain.orders import cancellation, limits, place_order
from server.errors import Busy, GoodNotAvailable, NotEnoughPoints, NotEnoughStock, NotFound
from server.models import Good, Hold, Job, Notice, Order, OrderLine, OrderStatus, Policy, Role, StationStatus
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.domain.orders.shop import (
    TOWN,
    WEEK,
    cancel,
    family,
    hand_over,
    order,
    pieces_of,
    points_of,
    rice,
    with_points,
)


async def refused(verb, refusal):
    """Check that the call is refused, without an order or a row of the ledger."""
    before, orders = await rows(), await Order.all().count()
    with pytest.raises(refusal) as answer:
        await verb
    assert await rows() == before
    assert await Order.all().count() == orders
    return answer.value


async def test_order_holds_points_and_pieces_and_has_a_code(city):
    bag, oil = await rice(city), await rice(city, name="菜籽油", points_price=80)
    li = await with_points(city, 300)

    made = (await place_order.place(bag.station_id, {bag.id: 2, oil.id: 1}, by=li.id, now=NOW)).order

    assert (made.status, made.points, made.open, made.expires_at) == (OrderStatus.PLACED, 180, 1, NOW + WEEK)
    assert len(made.pickup_code) == 6
    assert made.pickup_code.isdigit()
    assert await points_of(li) == (300, 180)
    assert (await pieces_of(bag), await pieces_of(oil)) == ((10, 2), (10, 1))
    await adds_up()


@pytest.mark.parametrize(
    ("days", "expires_at"),
    [
        ([0, 3], datetime(2026, 3, 10, 16, tzinfo=UTC)),  # midnight in Shanghai, at the end of the use-by day
        ([3, None], datetime(2026, 3, 13, 16, tzinfo=UTC)),
        ([6, 30], datetime(2026, 3, 16, 16, tzinfo=UTC)),
        ([7, 30], NOW + WEEK),
    ],
)
async def test_order_expires_by_the_earliest_use_by_date_of_its_goods(city, days, expires_at):
    dates = [day if day is None else NOW.date() + timedelta(days=day) for day in days]
    goods = [await rice(city, name=f"食品{number}", use_by=date) for number, date in enumerate(dates)]
    li = await with_points(city, 100)

    made = (await place_order.place(goods[0].station_id, {one.id: 1 for one in goods}, by=li.id, now=NOW)).order

    assert made.expires_at == expires_at
    assert set(await Hold.all().values_list("expires_at", flat=True)) == {expires_at}
    await cancellation.remind_or_expire(made.id, now=expires_at)
    assert (await points_of(li), (await Order.get()).status) == ((100, 0), OrderStatus.EXPIRED)


async def test_holds_are_found_by_their_order(city):
    bag, li = await rice(city), await with_points(city, 50)

    made = await order(li, bag)

    line = await OrderLine.get(order_id=made.id).select_related("hold")
    assert (line.good_id, line.pieces, line.points_price) == (bag.id, 1, 50)
    assert (line.hold.cause, line.hold.amount, line.hold.expires_at) == (
        f"order:{made.id}:good:{bag.id}",
        1,
        made.expires_at,
    )
    of_points = await Hold.get(id=made.hold_id)
    assert (of_points.cause, of_points.amount) == (f"order:{made.id}:points", 50)


async def test_order_notifies_the_station_and_schedules_its_job(city):
    made = await order(await with_points(city, 50), await rice(city))

    told = await Notice.filter(template="order_placed").values_list("person_id", flat=True)
    assert set(told) == {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长")}
    job = await Job.get(kind="expire_order", subject=str(made.id))
    assert job.due_at == made.expires_at - timedelta(days=1)


async def test_order_at_a_station_without_workers_notifies_stand_ins(city):
    station = city.stations[TOWN]
    await Role.filter(station_id=station.id).update(current=None)

    await order(await with_points(city, 50), await rice(city))

    told = await Notice.filter(template="order_placed")
    assert {one.person_id for one in told} == {city.staff[name].person_id for name in ("孙站长", "冯科长")}
    assert told[0].body.startswith("邻玉社工站目前没有工作人员，请您代为办理。")


async def test_station_cannot_close_during_an_order(city, monkeypatch):
    bag, li = await rice(city), await with_points(city, 50)
    begun, require_limits = asyncio.Event(), limits.require_month_limits

    async def suspend():
        await begun.wait()
        return await station_lifecycle.suspend(bag.station_id, reason="装修", by=city.staff["冯科长"], now=NOW)

    suspending = asyncio.create_task(suspend())

    async def while_it_suspends(*args, **named):
        await require_limits(*args, **named)
        begun.set()
        await asyncio.wait([suspending], timeout=0.5)
        assert not suspending.done()

    monkeypatch.setattr(limits, "require_month_limits", while_it_suspends)
    assert await order(li, bag)
    assert (await suspending).status == StationStatus.SUSPENDED
    await refused(order(li, bag), GoodNotAvailable)


async def test_pickup_days_are_the_stations_policy(city):
    await Policy.create(name="pickup_days", scope=f"station:{city.stations[TOWN].id}", value=1, source="测试")

    made = await order(await with_points(city, 50), await rice(city))

    assert made.expires_at == NOW + timedelta(days=1)
    assert (await Job.get(kind="expire_order")).due_at == NOW


async def test_order_beyond_the_points_is_refused(city):
    bag, li = await rice(city), await with_points(city, 99)

    answer = await refused(order(li, bag, 2), NotEnoughPoints)

    assert answer.details == {"spendable": 99}


async def test_order_beyond_the_stock_is_refused(city):
    bag, li = await rice(city, 2), await with_points(city, 500)
    await order(li, bag)

    assert (await refused(order(li, bag, 2), NotEnoughStock)).details == {"good": bag.id, "spendable": 1}


async def test_refusal_names_the_good_that_is_short(city):
    bag, oil, li = await rice(city, 5), await rice(city, 1, name="菜籽油"), await with_points(city, 500)

    answer = await refused(place_order.place(bag.station_id, {bag.id: 2, oil.id: 2}, by=li.id, now=NOW), NotEnoughStock)

    assert answer.details == {"good": oil.id, "spendable": 1}


async def test_inactive_or_expired_good_is_refused(city):
    li = await with_points(city, 500)
    off, past = await rice(city, active=False), await rice(city, use_by=date(2026, 3, 9))

    assert (await refused(order(li, off), GoodNotAvailable)).details == {"goods": [off.id]}
    assert (await refused(order(li, past), GoodNotAvailable)).details == {"goods": [past.id]}


async def test_goods_of_two_stations_are_refused(city):
    here, there = await rice(city), await rice(city, station="蓝田社工站")
    li = await with_points(city, 500)

    await refused(place_order.place(here.station_id, {here.id: 1, there.id: 1}, by=li.id, now=NOW), NotFound)
    await refused(place_order.place(10**6, {here.id: 1}, by=li.id, now=NOW), NotFound)


async def test_order_keeps_its_price(city):
    bag, li = await rice(city), await with_points(city, 500)
    made = await order(li, bag, 2)
    await Good.filter(id=bag.id).update(points_price=99)

    await hand_over(made, city.staff["陈社工"])

    assert await points_of(li) == (400, 0)
    assert (await OrderLine.get(order_id=made.id)).points_price == 50


async def test_open_orders_of_a_station_have_different_codes(city, monkeypatch):
    codes = iter(["123456", "123456", "123456", "654321"])
    monkeypatch.setattr(place_order, "draw_code", lambda: next(codes))
    bag, li = await rice(city), await with_points(city, 500)
    elsewhere = await rice(city, station="蓝田社工站")

    first, at_another = await order(li, bag), await order(li, elsewhere)
    second = await order(li, bag)

    assert (first.pickup_code, at_another.pickup_code, second.pickup_code) == ("123456", "123456", "654321")


async def test_code_of_an_ended_order_can_be_drawn_again(city, monkeypatch):
    monkeypatch.setattr(place_order, "draw_code", lambda: "123456")
    bag, li = await rice(city), await with_points(city, 500)
    await cancel(await order(li, bag))

    again = await order(li, bag)

    assert again.pickup_code == "123456"
    await refused(order(li, bag), Busy)


async def test_order_of_a_person_who_leaves_the_household_meanwhile_is_busy(city, monkeypatch):
    bag, (li, _) = await rice(city), await family(city, 100, 100)
    hold = households.lock

    async def hold_too_late(household_id):
        monkeypatch.setattr(households, "lock", hold)
        await households.leave(by=li.id, now=NOW)
        await hold(household_id)

    monkeypatch.setattr(households, "lock", hold_too_late)
    with pytest.raises(Busy):
        await place_order.place(bag.station_id, {bag.id: 1}, by=li.id, now=NOW)

    assert await points_of(li) == (100, 0)


async def test_points_of_another_person_cannot_pay(city):
    bag, (li, wang) = await rice(city), await family(city, 50, 100)

    await refused(order(li, bag, 2), NotEnoughPoints)

    assert (await points_of(li), await points_of(wang)) == ((50, 0), (100, 0))
