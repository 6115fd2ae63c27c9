"""Time bank: minutes given and donated, never twice and never more than there are."""

from datetime import timedelta

import pytest

from server.domain import households, ledger, statements, timebank
from server.domain.ledger import MINUTES, account_keys
from server.errors import (
    GiftToSelf,
    InvalidAmount,
    NotEnoughMinutes,
    NotFound,
    NotInHousehold,
    PoolClosed,
    RecipientFull,
)
from server.models import Notice, Policy, Station, TransferKind, VolunteerStatus
from tests import factories
from tests.concurrency import succeeding
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, rows
from tests.factories.households import household
from tests.factories.timebank import minutes, minutes_of
from tests.factories.volunteers import volunteer

BEYOND_MEANING = (0, -1, True, 2**63)


@pytest.fixture
async def town(city):
    return city.stations["邻玉社工站"]


@pytest.fixture
async def li(city, town):
    """Return 小李, a volunteer with 60 minutes, who lives with 王奶奶."""
    made = await volunteer("李明", town, NOW, city.areas["团结村"])
    await minutes(60, made.person_id, town, NOW)
    await household(made.person_id, city.grandma.id, now=NOW)
    return made


@pytest.fixture
async def stranger(city):
    return (await factories.person("路人", NOW, city.areas["团结村"])).id


def gift(amount, by, to):
    return timebank.give(amount, to=to.id, by=by.person_id, now=NOW)


def donation(amount, by, station):
    return timebank.donate(amount, station_id=station.id, by=by.person_id, now=NOW)


async def refused(verb, refusal):
    """Expect the refusal, and the ledger unchanged to the row."""
    before = await rows()
    with pytest.raises(refusal) as answer:
        await verb
    assert await rows() == before
    return answer.value


async def test_gift_moves_minutes_to_a_household_member_and_notifies_them(city, li):
    left = await gift(25, li, city.grandma)

    assert (left.balance, await minutes_of(city.grandma.id)) == (35, 25)
    told = await Notice.get(person_id=city.grandma.id)
    assert "25分钟" in told.body
    assert "李明" not in told.title + told.body
    await adds_up()


async def test_gift_to_oneself_is_refused(li):
    await refused(timebank.give(5, to=li.person_id, by=li.person_id, now=NOW), GiftToSelf)


async def test_gift_outside_the_household_is_refused_without_details(city, li, stranger):
    other = await factories.person("刘婶", NOW)
    await household(other.id, now=NOW)

    answers = [
        await refused(timebank.give(5, to=one, by=li.person_id, now=NOW), NotInHousehold)
        for one in (stranger, other.id, 404)
    ]

    assert [one.details for one in answers] == [{}, {}, {}]
    await refused(timebank.give(5, to=li.person_id, by=stranger, now=NOW), NotInHousehold)


async def test_gift_to_a_former_member_is_refused(city, li):
    await households.leave(by=city.grandma.id, now=NOW)

    await refused(gift(5, li, city.grandma), NotInHousehold)


async def test_gift_or_donation_beyond_the_balance_is_refused(city, li, town):
    assert (await refused(gift(61, li, city.grandma), NotEnoughMinutes)).details == {"spendable": 60}
    await refused(donation(61, li, town), NotEnoughMinutes)


async def test_gift_of_minutes_on_hold_is_refused(city, li, town):
    wish = ledger.NewHold("task:8", 40, account_keys.person(li.person_id, MINUTES), NOW + timedelta(days=1))
    await ledger.place_holds(wish, now=NOW)

    for verb in (gift(21, li, city.grandma), donation(21, li, town)):
        assert (await refused(verb, NotEnoughMinutes)).details == {"spendable": 20}
    assert (await gift(20, li, city.grandma)).spendable == 0


@pytest.mark.parametrize("amount", BEYOND_MEANING)
async def test_zero_or_negative_amount_is_refused(city, li, town, amount):
    # Beyond the limit of amounts it also exceeds her balance limit.
    await refused(gift(amount, li, city.grandma), (InvalidAmount, RecipientFull))
    await refused(donation(amount, li, town), InvalidAmount)


async def test_gift_beyond_the_balance_limit_is_refused(city, li, town):
    await Policy.create(name="minutes_balance_limit", scope="city", value=100, source="test")
    await minutes(60, city.grandma.id, town, NOW)

    answer = await refused(gift(41, li, city.grandma), RecipientFull)

    # The refusal does not reveal the recipient's balance.
    assert answer.details == {}
    # A giver with too few minutes is refused for that.
    await refused(gift(100_000, li, city.grandma), NotEnoughMinutes)
    await gift(40, li, city.grandma)
    assert await minutes_of(city.grandma.id) == 100


@pytest.mark.parametrize("status", [VolunteerStatus.BANNED, VolunteerStatus.LEFT])
async def test_former_volunteer_may_give_and_donate(city, li, town, status):
    li.status = status
    await li.save()

    await gift(10, li, city.grandma)
    left = await donation(20, li, town)

    assert left.balance == 30


async def test_donation_is_in_the_stations_pool(li, town):
    left = await donation(45, li, town)

    found = await timebank.get_pool(town.id)
    assert (left.balance, found.balance.spendable, found.station.id) == (15, 45, town.id)
    [line] = await ledger.list_entries(account_keys.pool(town.id), before=None, limit=9)
    assert (line.amount, line.kind) == (45, TransferKind.DONATION)
    assert line.cause.startswith("pool_donation:")  # donations to the supermarket have another cause
    await adds_up()


@pytest.mark.parametrize("status", ["planned", "suspended", "closing", "closed"])
async def test_donation_to_a_closed_station_is_refused(li, town, status):
    await Station.filter(id=town.id).update(status=status)

    await refused(donation(5, li, town), PoolClosed)
    assert (await timebank.get_pool(town.id)).balance.balance == 0


async def test_city_desk_has_no_pool(city, li):
    for station_id in (city.stations["市级服务台"].id, 404):
        await refused(timebank.donate(5, station_id=station_id, by=li.person_id, now=NOW), NotFound)
        with pytest.raises(NotFound):
            await timebank.get_pool(station_id)


async def test_pool_statement_is_for_its_staff_and_officers(city, town):
    for name in ("陈社工", "赵站长", "冯科长", "卫处长"):
        assert (await timebank.get_pool_for_staff(town.id, city.staff[name])).station.id == town.id
    for name in ("周社工", "孙站长", "褚科长"):
        with pytest.raises(NotFound):
            await timebank.get_pool_for_staff(town.id, city.staff[name])


async def test_equal_gifts_are_two_transfers(city, li):
    await gift(10, li, city.grandma)
    await gift(10, li, city.grandma)

    assert await minutes_of(city.grandma.id) == 20


async def test_parallel_spends_of_one_balance_succeed_once(city, li, town):
    spends = [gift(60, li, city.grandma) for _ in range(10)] + [donation(60, li, town) for _ in range(10)]

    assert len(await succeeding(*spends)) == 1

    assert await minutes_of(li.person_id) == 0
    assert await minutes_of(city.grandma.id) + (await timebank.get_pool(town.id)).balance.balance == 60
    await adds_up()


async def test_parallel_gifts_never_exceed_the_balance_limit(city, li, town):
    await Policy.create(name="minutes_balance_limit", scope="city", value=100, source="test")
    aunt = await volunteer("刘婶", town, NOW)
    code, _ = await households.invite(by=li.person_id, now=NOW)
    await households.join(code, by=aunt.person_id, now=NOW)
    await minutes(60, aunt.person_id, town, NOW)

    done = await succeeding(gift(60, li, city.grandma), gift(60, aunt, city.grandma))

    assert len(done) == 1
    assert await minutes_of(city.grandma.id) == 60


async def test_mutual_gifts_at_once_lose_nothing(city, li, town):
    await minutes(60, city.grandma.id, town, NOW)

    back = (timebank.give(10, to=li.person_id, by=city.grandma.id, now=NOW) for _ in range(5))
    done = await succeeding(*(gift(10, li, city.grandma) for _ in range(5)), *back)

    assert len(done) == 10
    assert (await minutes_of(li.person_id), await minutes_of(city.grandma.id)) == (60, 60)
    await adds_up()


async def test_gift_while_the_recipient_leaves_is_made_before_or_refused(city, li):
    for _ in range(5):
        before = await minutes_of(city.grandma.id)
        left = households.leave(by=city.grandma.id, now=NOW)

        given = await succeeding(gift(5, li, city.grandma), left)

        assert await minutes_of(city.grandma.id) == before + 5 * (len(given) - 1)
        code, _ = await households.invite(by=li.person_id, now=NOW)
        await households.join(code, by=city.grandma.id, now=NOW)


async def test_newest_entries_are_read_over_several_pages(city, li, town, monkeypatch):
    monkeypatch.setattr(statements, "PAGE_SIZE", 2)
    for _ in range(4):
        await gift(5, li, city.grandma)
    key = account_keys.person(li.person_id, MINUTES)

    numbers = {most: [one.number for one in await statements.list_newest(key, most=most)] for most in (3, 5, 9)}

    assert numbers == {3: [5, 4, 3], 5: [5, 4, 3, 2, 1], 9: [5, 4, 3, 2, 1]}
    assert await statements.list_newest(account_keys.person(404, MINUTES), most=9) == []
