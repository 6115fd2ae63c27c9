"""Limits of a month per person and per household."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain import households
from server.domain.orders import cancellation, place_order
from server.errors import HouseholdMonthLimit, PersonMonthLimit
from server.models import Order
from tests.conftest import NOW
from tests.domain.ledger.moving import rows
from tests.domain.orders.shop import cancel, family, hand_over, order, rice, with_points
from tests.factories.households import household

# The first of April begins at 16:00 UTC the day before.
APRIL = datetime(2026, 3, 31, 16, tzinfo=UTC)


async def refused(verb, refusal, good, left):
    before = await rows()
    with pytest.raises(refusal) as answer:
        await verb
    assert answer.value.details == {"good": good.id, "left": left}
    assert await rows() == before


async def test_order_beyond_the_persons_limit_is_refused(city):
    bag, li = await rice(city, person_month_limit=3), await with_points(city, 500)

    await refused(order(li, bag, 4), PersonMonthLimit, bag, 3)
    await order(li, bag, 2)
    await refused(order(li, bag, 2), PersonMonthLimit, bag, 1)
    await order(li, bag, 1)
    await refused(order(li, bag, 1), PersonMonthLimit, bag, 0)


async def test_limit_counts_each_good_and_person_separately(city):
    bag, oil = await rice(city, person_month_limit=1), await rice(city, name="菜籽油")
    li, wang = await with_points(city, 500), await with_points(city, 500, "王芳")

    await order(li, bag)
    await order(wang, bag)
    await order(li, oil, 5)

    await refused(
        place_order.place(bag.station_id, {bag.id: 1, oil.id: 1}, by=li.id, now=NOW), PersonMonthLimit, bag, 0
    )


async def test_month_begins_at_midnight_in_shanghai(city):
    bag, li = await rice(city, person_month_limit=1), await with_points(city, 500)
    await order(li, bag)

    await refused(order(li, bag, now=APRIL - timedelta(seconds=1)), PersonMonthLimit, bag, 0)
    await order(li, bag, now=APRIL)
    await refused(order(li, bag, now=APRIL), PersonMonthLimit, bag, 0)


async def test_handed_over_pieces_count(city):
    bag, li = await rice(city, person_month_limit=1), await with_points(city, 500)

    await hand_over(await order(li, bag), city.staff["陈社工"])

    await refused(order(li, bag), PersonMonthLimit, bag, 0)


async def test_cancelled_or_expired_orders_do_not_count(city):
    bag, (li, wang) = await rice(city, person_month_limit=1, household_month_limit=1), await family(city, 500, 500)
    await cancel(await order(li, bag))
    lapsed = await order(li, bag)
    await cancellation.remind_or_expire(lapsed.id, now=lapsed.expires_at)

    await order(li, bag, now=lapsed.expires_at)

    await refused(order(wang, bag, now=lapsed.expires_at), HouseholdMonthLimit, bag, 0)


async def test_household_shares_its_limit(city):
    bag, (li, wang) = await rice(city, household_month_limit=3), await family(city, 500, 500)

    made = await order(li, bag, 2)

    assert made.household_id == await households.of(wang.id)
    await refused(order(wang, bag, 2), HouseholdMonthLimit, bag, 1)
    await order(wang, bag, 1)


async def test_persons_limit_applies_within_the_households(city):
    bag = await rice(city, person_month_limit=1, household_month_limit=3)
    li, wang = await family(city, 500, 500)
    await order(li, bag)

    await refused(order(li, bag), PersonMonthLimit, bag, 0)
    await order(wang, bag)


async def test_person_alone_is_a_household(city):
    bag, li = await rice(city, household_month_limit=1), await with_points(city, 500)

    await refused(order(li, bag, 2), HouseholdMonthLimit, bag, 1)
    assert (await order(li, bag)).household_id is None
    await refused(order(li, bag), HouseholdMonthLimit, bag, 0)


async def test_member_who_leaves_cannot_order_beyond_the_households_limit(city):
    bag, (li, wang) = await rice(city, 30, household_month_limit=2), await family(city, 500, 5000)
    await order(li, bag, 2)
    await refused(order(wang, bag), HouseholdMonthLimit, bag, 0)

    await households.leave(by=wang.id, now=NOW)
    await refused(order(wang, bag, 20), HouseholdMonthLimit, bag, 0)
    await household(wang.id, now=NOW)
    await refused(order(wang, bag), HouseholdMonthLimit, bag, 0)


async def test_new_member_shares_what_the_household_has_ordered(city):
    bag, (li, wang) = await rice(city, household_month_limit=1), await family(city, 500, 500)
    await order(li, bag)
    await households.leave(by=li.id, now=NOW)
    code, _ = await households.invite(by=wang.id, now=NOW)
    chen = await with_points(city, 500, "陈勇")
    await households.join(code, by=chen.id, now=NOW)

    await refused(order(chen, bag), HouseholdMonthLimit, bag, 0)


async def test_person_who_left_before_the_month_has_an_own_limit(city):
    bag, (li, wang) = await rice(city, household_month_limit=1), await family(city, 500, 500)
    await households.leave(by=wang.id, now=APRIL - timedelta(seconds=1))

    assert await order(li, bag, now=APRIL)
    assert await order(wang, bag, now=APRIL)


async def test_person_who_left_at_the_start_of_the_month_shares_the_limit(city):
    bag, (li, wang) = await rice(city, household_month_limit=1), await family(city, 500, 500)
    await households.leave(by=wang.id, now=APRIL)

    await order(li, bag, now=APRIL)
    await refused(order(wang, bag, now=APRIL), HouseholdMonthLimit, bag, 0)


async def test_member_who_leaves_orders_and_returns_has_used_the_limit(city):
    bag, (li, wang) = await rice(city, household_month_limit=1), await family(city, 500, 500)
    home = await households.of(wang.id)
    await households.leave(by=li.id, now=NOW)
    await order(li, bag)
    code, _ = await households.invite(by=wang.id, now=NOW)
    await households.join(code, by=li.id, now=NOW)

    assert await households.of(li.id) == home
    await refused(order(wang, bag), HouseholdMonthLimit, bag, 0)


async def test_order_for_a_household_counts_after_its_orderer_left(city):
    bag, (li, wang) = await rice(city, household_month_limit=1), await family(city, 500, 500)
    await order(li, bag)
    await households.leave(by=li.id, now=NOW)
    await household(li.id, now=NOW)

    await refused(order(wang, bag), HouseholdMonthLimit, bag, 0)
    await refused(order(li, bag), HouseholdMonthLimit, bag, 0)


async def test_lowered_limit_leaves_zero_pieces(city):
    bag, li = await rice(city, person_month_limit=5), await with_points(city, 500)
    await order(li, bag, 4)
    bag.person_month_limit = 2
    await bag.save()

    await refused(order(li, bag), PersonMonthLimit, bag, 0)
    assert await Order.all().count() == 1
