"""Races for the pieces of a shelf: it never has fewer than are on hold."""

import asyncio

from server.database import db
from server.domain import ledger
from server.domain.ledger import account_keys
from server.domain.supermarket import goods
from server.domain.supermarket.goods import Listing
from server.errors import AlreadyReversed, CountBelowHeld, GoodExists, NotEnoughStock
from server.models import Donation, Good, Hold, StockTaking, Transfer, TransferKind
from tests.concurrency import at_once, refused
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up
from tests.domain.supermarket.shelf import count, give, pieces_of, promise, rice, take_back

ROUNDS = 5


async def test_counts_at_once_start_from_each_other(city):
    for _ in range(ROUNDS):
        good = await rice(city, 10, name=f"大米{_}")

        await at_once(*(count(city, good, pieces) for pieces in (7, 12, 9, 4)))

        takings = await StockTaking.filter(good_id=good.id)
        differences = sum(one.counted_pieces - one.expected_pieces for one in takings)
        assert len(takings) == 4
        assert await pieces_of(good) == (10 + differences, 0)
        assert (await pieces_of(good))[0] in {7, 12, 9, 4}
    await adds_up()


async def test_count_and_orders_at_once_leave_no_less_than_is_held(city):
    for _ in range(ROUNDS):
        good = await rice(city, 10, name=f"大米{_}")

        answers = await at_once(count(city, good, 3), *(promise(good, 2) for _ in range(6)))

        balance, held = await pieces_of(good)
        counted = not isinstance(answers[0], CountBelowHeld)
        assert balance == (3 if counted else 10)
        assert held == 2 * (6 - refused(answers, NotEnoughStock)) <= balance
        assert held >= (2 if counted else 4)
    await adds_up()


async def test_donations_and_counts_at_once_are_all_posted(city):
    good = await rice(city, 10)

    answers = await at_once(*(give(city, good, 5) for _ in range(6)), count(city, good, 10))

    found = answers[-1].counted_pieces - answers[-1].expected_pieces
    assert await pieces_of(good) == (10 + 30 + found, 0)
    await adds_up()


async def test_reversals_of_a_donation_at_once_reverse_once(city):
    for _ in range(ROUNDS):
        good = await rice(city, 0, name=f"大米{_}")
        donation = await give(city, good, 5)

        answers = await at_once(*(take_back(city, donation) for _ in range(4)))

        assert refused(answers, AlreadyReversed) == 3
        assert await pieces_of(good) == (0, 0)
    assert await Transfer.filter(kind=TransferKind.REVERSAL).count() == ROUNDS
    await adds_up()


async def test_reversal_and_order_at_once_leave_one_of_them(city):
    for _ in range(ROUNDS):
        good = await rice(city, 0, name=f"大米{_}")
        donation = await give(city, good, 5)

        answers = await at_once(take_back(city, donation), promise(good, 5))

        assert refused(answers, NotEnoughStock) == 1
        held = await Hold.filter(account__owner=account_keys.shelf(good.id).owner).count()
        back = await Donation.filter(id=donation.id, reversed_at__isnull=False).count()
        assert held + back == 1
        assert await pieces_of(good) == ((5, 5) if held else (0, 0))
    await adds_up()


async def test_donations_and_reversal_at_once_all_count(city):
    for _ in range(ROUNDS):
        good = await rice(city, 0, name=f"大米{_}")
        mistake = await give(city, good, 50)

        await at_once(take_back(city, mistake), give(city, good, 5), give(city, good, 7))

        assert await pieces_of(good) == (12, 0)
    await adds_up()


async def test_same_good_created_at_once_is_created_once(city):
    listing = Listing(city.stations["邻玉社工站"].id, "菜籽油", 80)

    answers = await at_once(*(goods.create(listing, (), by=city.staff["赵站长"], now=NOW) for _ in range(4)))

    assert refused(answers, GoodExists) == 3
    assert await Good.filter(name="菜籽油").count() == 1


async def test_order_keeps_the_price_of_its_lock(city):
    good, seen = await rice(city), []

    @db.transaction
    async def order():
        held = await goods.lock_orderable([good.id], good.station_id, NOW.date())
        await asyncio.sleep(0.05)  # a price change waits this long
        seen.append((held[good.id].points_price, (await Good.get(id=good.id)).points_price))

    await at_once(order(), goods.change(good.id, {"points_price": 99}, None, by=city.staff["赵站长"], now=NOW), order())

    assert len(seen) == 2
    assert all(at_first == at_last for at_first, at_last in seen)
    assert (await Good.get(id=good.id)).points_price == 99


async def test_orders_of_the_same_goods_in_reverse_all_succeed(city):
    first, second = await rice(city), await rice(city, name="食用油")

    @db.transaction
    async def order(*wanted):
        return await goods.lock_orderable([good.id for good in wanted], first.station_id, NOW.date())

    answers = await at_once(*(order(*pair) for pair in [(first, second), (second, first)] * 5))

    assert all(set(held) == {first.id, second.id} for held in answers)


async def test_price_change_while_pieces_move_loses_none(city):
    good = await rice(city, 0)

    def price(points):
        return goods.change(good.id, {"points_price": points}, None, by=city.staff["赵站长"], now=NOW)

    await at_once(*(give(city, good, 1) for _ in range(5)), *map(price, range(1, 6)))

    assert await pieces_of(good) == (5, 0)
    assert (await ledger.audit()).holds
