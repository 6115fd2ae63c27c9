"""Races for a shelf, through HTTP: promised pieces are there and are handed over once."""

import asyncio
from collections import Counter

import pytest

from server.models import Order, Transfer, TransferKind
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up
from tests.domain.orders.shop import pieces_of
from tests.factories import supermarket
from tests.factories.timebank import points
from tests.people import Phone
from tests.sides import crowd, sign_in

ORDERS = "/supermarket/orders"
PRICE, STOCK, CROWD = 50, 10, 100


@pytest.fixture
async def rice(town):
    return await supermarket.good(town.stations["邻玉社工站"], STOCK, NOW, points_price=PRICE)


@pytest.fixture
async def residents(client, town):
    """A hundred phones of people with points for one piece."""
    people = await crowd(town, "resident", CROWD, NOW)
    for person in people:
        await points(PRICE, person.id, town.stations["邻玉社工站"], NOW)
    return [Phone(client, await sign_in(person.id, NOW), person.id) for person in people]


@pytest.fixture
async def counters(client, town):
    """Three phones of staff at the counter."""
    return [Phone(client, await sign_in(one.id, NOW), one.id) for one in await crowd(town, "worker", 3, NOW)]


def wish(good):
    return {"station_id": good.station_id, "lines": [{"good_id": good.id, "pieces": 1}]}


async def said(*requests):
    """Return the codes of refusals or else the statuses, and the replies."""
    answers = await asyncio.gather(*requests)
    return Counter(one.json().get("code", one.status_code) for one in answers), answers


async def test_orders_of_a_hundred_phones_for_ten_pieces_leave_ten(residents, rice):
    """Each order is sent twice with its key."""
    keys = [f"order-of-{phone.person_id}" for phone in residents]
    twice = [phone.post(ORDERS, wish(rice), key=key) for phone, key in zip(residents, keys, strict=True)] + [
        phone.post(ORDERS, wish(rice), key=key) for phone, key in zip(residents, keys, strict=True)
    ]

    told, answers = await said(*twice)

    assert told == {201: 2 * STOCK, "not_enough_stock": 2 * (CROWD - STOCK)}
    assert len({one.text for one in answers if one.status_code == 201}) == STOCK
    assert (await Order.all().count(), await pieces_of(rice)) == (STOCK, (STOCK, STOCK))
    await adds_up()


async def test_orders_of_one_phone_at_once_pay_for_one(residents, rice):
    told, _ = await said(*(residents[0].post(ORDERS, wish(rice)) for _ in range(20)))

    assert told == {201: 1, "not_enough_points": 19}
    assert await pieces_of(rice) == (STOCK, 1)
    await adds_up()


async def test_scans_at_three_counters_at_once_hand_over_each_order_once(residents, counters, rice):
    _, answers = await said(*(phone.post(ORDERS, wish(rice)) for phone in residents[:STOCK]))
    scans = [{"station_id": rice.station_id, "code": one.json()["pickup_code"]} for one in answers]

    told, _ = await said(*(phone.post("/station/orders/hand-over", scan) for scan in scans for phone in counters))

    assert told == {200: STOCK, "invalid_pickup_code": 2 * STOCK}
    assert await Transfer.filter(kind=TransferKind.HANDED_OVER).count() == STOCK
    assert await pieces_of(rice) == (0, 0)
    await adds_up()


async def test_cancellations_and_scans_at_once_leave_one_of_them_each(residents, counters, rice):
    _, answers = await said(*(phone.post(ORDERS, wish(rice)) for phone in residents[:STOCK]))
    made = [one.json() for one in answers]

    cancelled = [
        phone.post(f"{ORDERS}/{order['id']}/cancellation") for phone, order in zip(residents, made, strict=False)
    ]
    scanned = [
        counters[number % 3].post("/station/orders/hand-over", {"station_id": rice.station_id, "code": one})
        for number, one in enumerate(order["pickup_code"] for order in made)
    ]
    told, _ = await said(*(each for pair in zip(cancelled, scanned, strict=True) for each in pair))

    assert told[200] == STOCK
    assert told["invalid_state"] + told["invalid_pickup_code"] == STOCK
    assert await pieces_of(rice) == (STOCK - told["invalid_state"], 0)
    await adds_up()
