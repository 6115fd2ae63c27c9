"""Races for goods, points and codes: promised pieces are there and are handed over once."""

from server.domain import ledger
from server.domain.ledger import account_keys
from server.domain.orders import cancellation, handover, place_order
from server.domain.orders.queries import OrderWithLines
from server.errors import (
    HouseholdMonthLimit,
    InvalidPickupCode,
    NotEnoughPoints,
    NotEnoughStock,
    OrderEnded,
    OrderReady,
    PersonMonthLimit,
    Refusal,
)
from server.models import Hold, HoldState, Notice, Order, OrderStatus, Transfer
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up
from tests.domain.orders.shop import cancel, family, hand_over, order, pieces_of, points_of, rice, with_points

ROUNDS = 4
S = OrderStatus


async def status_of(made):
    return (await Order.get(id=made.id)).status


async def given_out(good):
    return (await ledger.get_balance(account_keys.handed_out(good.id))).balance


async def test_orders_for_the_last_ten_pieces_at_once_leave_ten(city):
    bag = await rice(city, 10)
    people = [await with_points(city, 50, f"居民{number}") for number in range(100)]

    answers = await at_once(*(order(person, bag) for person in people))

    assert (refused(answers, Order), refused(answers, NotEnoughStock)) == (10, 90)
    assert await pieces_of(bag) == (10, 10)
    assert sorted([await points_of(person) for person in people]) == [(50, 0)] * 90 + [(50, 50)] * 10
    codes = await Order.all().values_list("pickup_code", flat=True)
    assert len(set(codes)) == len(codes) == 10
    await adds_up()


async def test_points_for_one_order_buy_one(city):
    bag, li = await rice(city, 100), await with_points(city, 50)

    answers = await at_once(*(order(li, bag) for _ in range(20)))

    assert (refused(answers, Order), refused(answers, NotEnoughPoints)) == (1, 19)
    assert (await points_of(li), await pieces_of(bag)) == ((50, 50), (100, 1))
    await adds_up()


async def test_points_for_one_order_buy_one_of_different_goods(city):
    li = await with_points(city, 50)
    goods = [await rice(city, name=f"物品{number}") for number in range(6)]

    answers = await at_once(*(order(li, good) for good in goods))

    assert (refused(answers, Order), refused(answers, NotEnoughPoints)) == (1, 5)
    assert await points_of(li) == (50, 50)
    await adds_up()


async def test_persons_limit_holds_for_orders_at_once(city):
    bag, li = await rice(city, 100, person_month_limit=3), await with_points(city, 5000)

    answers = await at_once(*(order(li, bag) for _ in range(12)))

    assert (refused(answers, Order), refused(answers, PersonMonthLimit)) == (3, 9)
    assert await pieces_of(bag) == (100, 3)
    await adds_up()


async def test_households_limit_holds_for_orders_at_once(city):
    for number in range(ROUNDS):
        bag = await rice(city, 100, name=f"大米{number}", household_month_limit=1)
        people = await family(city, 500, 500)

        answers = await at_once(*(order(person, bag) for person in people))

        assert (refused(answers, Order), refused(answers, HouseholdMonthLimit)) == (1, 1)
        assert await pieces_of(bag) == (100, 1)
    await adds_up()


async def test_orders_of_the_same_goods_in_reverse_do_not_deadlock(city):
    bag, oil = await rice(city, 20), await rice(city, 20, name="菜籽油")
    people = [await with_points(city, 100, f"居民{number}") for number in range(10)]
    ways = [{bag.id: 1, oil.id: 1}, {oil.id: 1, bag.id: 1}] * 5

    answers = await at_once(
        *(place_order.place(bag.station_id, way, by=one.id, now=NOW) for one, way in zip(people, ways, strict=True))
    )

    assert refused(answers, OrderWithLines) == 10
    assert (await pieces_of(bag), await pieces_of(oil)) == ((20, 10), (20, 10))
    await adds_up()


async def test_orders_that_draw_the_same_code_get_different_ones(city, monkeypatch):
    codes = iter(["111111"] * 6 + [f"{number:06d}" for number in range(20)])
    monkeypatch.setattr(place_order, "draw_code", lambda: next(codes))
    bag = await rice(city, 100)
    people = [await with_points(city, 50, f"居民{number}") for number in range(6)]
    goods = [bag, *[await rice(city, name=f"物品{number}") for number in range(5)]]

    answers = await at_once(*(order(person, good) for person, good in zip(people, goods, strict=True)))

    assert refused(answers, Order) == 6
    assert len({one.pickup_code for one in answers}) == 6


async def test_cancellation_and_handover_at_once_leave_one_of_them(city):
    bag = await rice(city, 100)
    for _ in range(ROUNDS):
        li = await with_points(city, 50)
        made, out = await order(li, bag), await given_out(bag)

        answers = await at_once(cancel(made), hand_over(made, city.staff["陈社工"]))

        assert refused(answers, Refusal) == 1
        fetched = await status_of(made) == S.HANDED_OVER
        assert await points_of(li) == ((0, 0) if fetched else (50, 0))
        assert await given_out(bag) == out + fetched
    assert (await pieces_of(bag))[1] == 0
    await adds_up()


async def test_expiry_and_handover_at_once_leave_one_of_them(city):
    """The clocks of two machines differ: for one the last second still runs, for the other it has ended."""
    bag = await rice(city, 100)
    for _ in range(ROUNDS):
        li = await with_points(city, 50)
        made, out = await order(li, bag), await given_out(bag)
        last = made.expires_at.replace(microsecond=0)

        answers = await at_once(
            hand_over(made, city.staff["陈社工"], now=NOW),
            *(cancellation.remind_or_expire(made.id, now=last) for _ in range(3)),
        )

        fetched = await status_of(made) == S.HANDED_OVER
        assert refused(answers, InvalidPickupCode) == (not fetched)
        assert await points_of(li) == ((0, 0) if fetched else (50, 0))
        assert await given_out(bag) == out + fetched
        assert await Notice.filter(person_id=li.id, template="order_expired").count() == (not fetched)
    assert await Hold.filter(state=HoldState.OPEN).count() == 0
    await adds_up()


async def test_scans_of_one_code_at_once_hand_over_once(city):
    bag = await rice(city, 100)
    for number in range(ROUNDS):
        li = await with_points(city, 50)
        made = await order(li, bag)

        answers = await at_once(*(hand_over(made, city.staff[name]) for name in ("陈社工", "林社工", "赵站长")))

        assert (refused(answers, Order), refused(answers, InvalidPickupCode)) == (1, 2)
        assert (await points_of(li), await given_out(bag)) == ((0, 0), number + 1)
    assert await Transfer.filter(hold_id__isnull=False).count() == 2 * ROUNDS
    await adds_up()


async def test_cancellations_of_an_order_at_once_cancel_once(city):
    bag, li = await rice(city, 10), await with_points(city, 500)
    made = await order(li, bag)
    by_staff = cancellation.cancel_by_station(made.id, reason="缺货", by=city.staff["陈社工"], now=NOW)

    answers = await at_once(by_staff, *(cancel(made) for _ in range(4)))

    assert (refused(answers, Order), refused(answers, OrderEnded)) == (1, 4)
    assert (await points_of(li), await pieces_of(bag)) == ((500, 0), (10, 0))
    await adds_up()


async def test_ready_marks_at_once_notify_once(city):
    li = await with_points(city, 50)
    made = await order(li, await rice(city))

    answers = await at_once(
        *(handover.mark_ready(made.id, by=city.staff[name], now=NOW) for name in ("陈社工", "林社工"))
    )

    assert refused(answers, OrderReady) == 1
    assert await Notice.filter(person_id=li.id, template="order_ready").count() == 1


async def test_orders_cancellations_and_handovers_at_once_account_for_every_piece(city):
    bag = await rice(city, 20)
    people = [await with_points(city, 100, f"居民{number}") for number in range(8)]
    first = [await order(person, bag) for person in people]

    await at_once(
        *(order(person, bag) for person in people),
        *(cancel(made) for made in first[:4]),
        *(hand_over(made, city.staff["陈社工"]) for made in first[4:]),
    )

    assert await pieces_of(bag) == (16, 8)
    assert [await points_of(person) for person in people] == [(100, 50)] * 4 + [(50, 50)] * 4
    await adds_up()
