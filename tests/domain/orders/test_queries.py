"""Orders in the lists of orderers, families and staff."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain import households, reference
from server.domain.orders import cancellation, place_order, queries
from server.domain.pagination import Window
from server.errors import NotFound, OrderEnded, OrderExpired
from server.models import Order, OrderStatus
from tests.conftest import NOW
from tests.domain.orders.shop import cancel, family, hand_over, order, rice, with_points

ALL = Window()


async def own(person, window=ALL):
    return [one.order.id for one in await queries.list_for_person(person.id, window)]


async def at_stations(staff, station=None, status=None, window=ALL):
    return [one.order.id for one in await queries.list_for_staff(staff, station, status, window, now=NOW)]


async def test_own_orders_are_listed_newest_first(city):
    bag, li = await rice(city), await with_points(city, 500)
    made = [await order(li, bag, now=NOW + timedelta(minutes=minute // 2)) for minute in range(5)]
    newest_first = sorted(made, key=lambda one: (one.placed_at, one.id), reverse=True)

    last, found = None, []
    while page := await own(li, Window(last, 2)):
        found += page
        one = await Order.get(id=page[-1])
        last = (one.placed_at, one.id)

    assert found == [one.id for one in newest_first]


async def test_order_comes_with_goods_and_station(city):
    bag, oil, li = await rice(city), await rice(city, name="菜籽油"), await with_points(city, 500)
    made = (await place_order.place(bag.station_id, {bag.id: 2, oil.id: 1}, by=li.id, now=NOW)).order

    found = await queries.get_for_person(made.id, li.id)

    assert {(line.good.name, line.pieces, line.points_price) for line in found.lines} == {
        ("大米5公斤", 2, 50),
        ("菜籽油", 1, 50),
    }
    assert found.order.station.name == "邻玉社工站"


async def test_family_member_sees_open_orders_only(city):
    bag, (li, wang) = await rice(city), await family(city, 500, 0)
    waiting, cancelled = await order(li, bag), await order(li, bag)
    await cancel(cancelled)

    assert await own(wang) == [waiting.id]
    assert set(await own(li)) == {waiting.id, cancelled.id}
    with pytest.raises(NotFound):
        await queries.get_for_person(cancelled.id, wang.id)


async def test_former_member_or_stranger_sees_nothing(city):
    bag, (li, wang, he) = await rice(city), await family(city, 500, 500, 0)
    stranger = await with_points(city, 0, "路人")
    of_li, of_wang = await order(li, bag), await order(wang, bag)

    await households.leave(by=wang.id, now=NOW)

    assert await own(wang) == [of_wang.id]
    assert await own(he) == [of_li.id]
    assert await own(stranger) == []
    with pytest.raises(NotFound):
        await queries.get_for_person(of_li.id, stranger.id)


async def test_code_is_shown_while_it_is_valid(city):
    bag, (li, wang) = await rice(city), await family(city, 500, 0)
    made, cancelled = await order(li, bag), await order(li, bag)
    await cancel(cancelled)

    assert await queries.get_pickup_code(made.id, li.id, now=NOW) == made.pickup_code
    assert await queries.get_pickup_code(made.id, wang.id, now=NOW) == made.pickup_code
    with pytest.raises(OrderEnded):
        await queries.get_pickup_code(cancelled.id, li.id, now=NOW)
    with pytest.raises(OrderExpired):
        await queries.get_pickup_code(made.id, li.id, now=made.expires_at)


async def test_staff_see_orders_of_their_stations_and_officers_of_their_county(city):
    li = await with_points(city, 500)
    here, there = await order(li, await rice(city)), await order(li, await rice(city, station="蓝田社工站"))

    assert await at_stations(city.staff["陈社工"]) == [here.id]
    assert await at_stations(city.staff["周社工"]) == [there.id]
    assert set(await at_stations(city.staff["冯科长"])) == {here.id, there.id}
    assert await at_stations(city.staff["冯科长"], station=here.station_id) == [here.id]
    assert await at_stations(city.staff["陈社工"], station=there.station_id) == []
    assert await at_stations(city.staff["褚科长"]) == []


async def test_staff_filter_by_status_page_by_page(city):
    bag, li, chen = await rice(city), await with_points(city, 500), city.staff["陈社工"]
    made = [await order(li, bag, now=NOW + timedelta(minutes=minute)) for minute in range(3)]
    await cancellation.cancel(made[1].id, reason="", by=li.id, now=NOW)

    placed = await at_stations(chen, status=OrderStatus.PLACED, window=Window(limit=1))

    assert placed == [made[2].id]
    behind = Window((made[2].placed_at, made[2].id), 5)
    assert await at_stations(chen, status=OrderStatus.PLACED, window=behind) == [made[0].id]
    assert await at_stations(chen, status=OrderStatus.CANCELLED) == [made[1].id]


async def test_staff_see_who_may_pick_up_the_orderer_first(city):
    chen = city.staff["陈社工"]
    bag, (wang, li) = await rice(city), await family(city, 0, 500)
    made, fetched = await order(li, bag), await order(li, bag)
    await hand_over(fetched, chen)

    pickup_people = {one.order.id: [person.id for person in one.pickup_people] for one in await _listed(chen)}

    assert pickup_people == {made.id: [li.id, wang.id], fetched.id: []}
    await households.leave(by=li.id, now=NOW)
    assert [person.id for person in (await queries.get_for_staff(made.id, chen, now=NOW)).pickup_people] == [li.id]


async def _listed(staff):
    return await queries.list_for_staff(staff, None, None, ALL, now=NOW)


async def test_person_alone_picks_up_alone(city):
    li = await with_points(city, 500)
    await order(li, await rice(city))

    (one,) = await _listed(city.staff["陈社工"])

    assert [person.id for person in one.pickup_people] == [li.id]


@pytest.mark.parametrize("count", [1, 6])
async def test_page_takes_the_same_statements_for_any_number_of_orders(city, count, monkeypatch):
    bag, (li, _) = await rice(city), await family(city, 500, 0)
    for _ in range(count):
        await order(li, bag)
    await reference.snapshot()
    asked, ask = [], type(db.connection()).execute_query

    async def counted(self, query, values=None):
        asked.append(query)
        return await ask(self, query, values)

    monkeypatch.setattr(type(db.connection()), "execute_query", counted)
    assert len(await _listed(city.staff["陈社工"])) == count
    of_staff = len(asked)
    assert len(await queries.list_for_person(li.id, ALL)) == count

    assert (of_staff, len(asked) - of_staff) == (3, 3)
