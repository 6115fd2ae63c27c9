"""Transfers: whole amounts between two accounts, once for each cause, adding up to zero."""

import asyncio

import pytest

from server.database import db
from server.domain import ledger
from server.domain.ledger import MINUTES, account_keys, transfers
from server.errors import (
    AlreadyReversed,
    DuplicateTransfer,
    InvalidAmount,
    NotEnoughMinutes,
    NotEnoughPoints,
    NotEnoughStock,
    NotFound,
)
from server.models import Account, Entry, Transfer
from tests.conftest import NOW
from tests.domain.ledger.moving import (
    STATION,
    adds_up,
    capture,
    fresh,
    gift,
    give,
    hold,
    points_of,
    rows,
    spendable,
)

GRANDMA, LI = points_of(1), points_of(2)


async def test_transfer_moves_the_amount_between_two_accounts(database):
    await give(100, GRANDMA)

    await ledger.post(gift(30, GRANDMA, LI), now=NOW)

    assert (await spendable(GRANDMA), await spendable(LI), await spendable(STATION)) == (70, 30, -100)
    report = await adds_up()
    assert (report.accounts, report.transfers, report.entries) == (3, 2, 4)


async def test_same_cause_moves_once(database):
    first = await give(100, GRANDMA, "earning:1")

    assert await give(100, GRANDMA, "earning:1") == first
    assert await spendable(GRANDMA) == 100


async def test_same_cause_for_another_transfer_is_refused(database):
    await give(100, GRANDMA, "earning:1")

    for move in (gift(99, STATION, GRANDMA, "earning:1"), gift(100, STATION, LI, "earning:1")):
        with pytest.raises(DuplicateTransfer):
            await ledger.post(move, now=NOW)
    await adds_up()


async def test_transfers_are_made_together_or_not_at_all(database):
    await give(100, GRANDMA)
    before = await rows()

    with pytest.raises(NotEnoughPoints) as refused:
        await ledger.post(gift(60, GRANDMA, LI), gift(60, GRANDMA, points_of(3)), now=NOW)

    assert refused.value.details == {"spendable": 100}
    after = await rows()
    assert [after[one] for one in ("transfer", "entry")] == [before[one] for one in ("transfer", "entry")]
    assert await spendable(GRANDMA) == 100


async def test_transfers_of_one_account_are_chained_in_order(database):
    await give(100, GRANDMA)

    await ledger.post(gift(60, GRANDMA, LI), gift(40, GRANDMA, points_of(3)), gift(5, LI, GRANDMA), now=NOW)

    entries = await ledger.list_entries(GRANDMA, before=None, limit=9)
    assert [(one.number, one.amount, one.balance) for one in entries] == [
        (4, 5, 5), (3, -40, 0), (2, -60, 40), (1, 100, 100),
    ]  # fmt: skip
    await adds_up()


async def test_new_transfer_with_a_repeated_one_is_made(database):
    first = await give(100, GRANDMA, "earning:1")

    both = await ledger.post(gift(100, STATION, GRANDMA, "earning:1"), gift(50, STATION, GRANDMA), now=NOW)

    assert both[0] == first
    assert await spendable(GRANDMA) == 150
    await adds_up()


@pytest.mark.parametrize("amount", [0, -1, 1.5, 10.0, True, "5", 2**63, None])
async def test_amount_that_is_no_positive_integer_is_refused(database, amount):
    await give(100, GRANDMA)
    before = await rows()

    with pytest.raises(InvalidAmount):
        await ledger.post(gift(amount, GRANDMA, LI), now=NOW)
    with pytest.raises(InvalidAmount):
        await hold(amount, GRANDMA)
    held = await hold(1, GRANDMA, "order:1")
    with pytest.raises(InvalidAmount):
        await capture(held, amount if amount is not None else 0)

    await ledger.release_holds(held, now=NOW)
    after = await rows()
    assert [after[one] for one in ("transfer", "entry")] == [before[one] for one in ("transfer", "entry")]


@pytest.mark.parametrize(
    ("unit", "refusal"), [(MINUTES, NotEnoughMinutes), ("points", NotEnoughPoints), ("good:9", NotEnoughStock)]
)
async def test_transfer_beyond_the_balance_is_refused(database, unit, refusal):
    owner, other = account_keys.Key("person:1", unit), account_keys.Key("person:2", unit)
    await ledger.post(gift(5, account_keys.issuing(1, unit), owner), now=NOW)

    with pytest.raises(refusal) as refused:
        await ledger.post(gift(6, owner, other), now=NOW)

    assert refused.value.details == {"spendable": 5}
    assert await spendable(owner) == 5


async def test_spends_of_one_balance_at_once_succeed_once(database):
    await give(100, GRANDMA)

    answers = await asyncio.gather(
        *(ledger.post(gift(100, GRANDMA, points_of(number)), now=NOW) for number in range(2, 22)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, list) for one in answers) == 1
    assert sum(isinstance(one, NotEnoughPoints) for one in answers) == 19
    assert await spendable(GRANDMA) == 0
    await adds_up()


async def test_first_uses_of_accounts_at_once_create_one_each(database):
    answers = await asyncio.gather(*(give(1, GRANDMA) for _ in range(20)), return_exceptions=True)

    assert all(isinstance(one, int) for one in answers), answers
    assert await Account.all().count() == 2
    assert await spendable(GRANDMA) == 20
    await adds_up()


async def test_same_cause_at_once_is_one_transfer(database):
    answers = await asyncio.gather(*(give(7, GRANDMA, "earning:1") for _ in range(10)), return_exceptions=True)

    assert len(set(answers)) == 1, answers
    assert await Transfer.all().count() == 1
    assert await spendable(GRANDMA) == 7


async def test_circular_gifts_at_once_do_not_deadlock(database):
    people = [points_of(number) for number in range(1, 6)]
    for one in people:
        await give(10, one)

    circle = zip(people, [*people[1:], people[0]], strict=True)
    await asyncio.gather(*(ledger.post(gift(10, one, other), now=NOW) for one, other in circle for _ in range(1)))

    assert [await spendable(one) for one in people] == [10] * 5
    await adds_up()


async def test_reversal_names_the_original_and_happens_once(database):
    made = await give(100, GRANDMA)

    undone = await ledger.reverse(made, note="录错了", by=None, now=NOW)

    assert (await Transfer.get(id=undone)).reverses_id == made
    assert await spendable(GRANDMA) == 0
    for again in (made, undone):
        with pytest.raises(AlreadyReversed):
            await ledger.reverse(again, note="", by=None, now=NOW)
    await adds_up()


async def test_reversals_at_once_reverse_once(database):
    made = await give(100, GRANDMA)
    await give(500, GRANDMA)

    answers = await asyncio.gather(
        *(ledger.reverse(made, note="", by=None, now=NOW) for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(one, int) for one in answers) == 1
    assert sum(isinstance(one, AlreadyReversed) for one in answers) == 5
    assert await spendable(GRANDMA) == 500


async def test_reversal_of_a_spent_amount_is_refused(database):
    made = await give(100, GRANDMA)
    await ledger.post(gift(1, GRANDMA, LI), now=NOW)

    with pytest.raises(NotEnoughPoints):
        await ledger.reverse(made, note="", by=None, now=NOW)
    with pytest.raises(NotFound):
        await ledger.reverse(10**9, note="", by=None, now=NOW)


async def test_sum_that_is_not_zero_is_rolled_back(database, monkeypatch):
    """If one side were ever written wrong, nothing would be."""
    await give(100, GRANDMA)
    before = await rows()
    right = transfers._entry

    def wrong(account, amount, *rest):
        return right(account, max(amount, -9), *rest)

    monkeypatch.setattr(transfers, "_entry", wrong)

    with pytest.raises(AssertionError, match="adds up to zero"):
        await ledger.post(gift(10, GRANDMA, LI), now=NOW)
    after = await rows()
    assert [after[one] for one in ("transfer", "entry")] == [before[one] for one in ("transfer", "entry")]
    await adds_up()


async def test_account_whose_first_use_was_rolled_back_is_created_again(database):
    """Its id was read in a transaction that left nothing behind."""

    @db.transaction
    async def undone() -> None:
        await give(5, GRANDMA)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    await give(7, LI)
    await give(5, GRANDMA)

    assert (await spendable(GRANDMA), await spendable(LI)) == (5, 7)
    await adds_up()


async def test_deletion_of_a_row_is_refused_by_the_database(database):
    await give(100, GRANDMA)
    await hold(5, GRANDMA)

    for model in (Account, Transfer):
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            await model.all().delete()
    await adds_up()


async def test_balance_below_holds_and_empty_entry_are_refused_by_the_database(database):
    await give(100, GRANDMA)
    await hold(60, GRANDMA)

    for statement in (
        "UPDATE account SET balance = 59 WHERE owner = 'person:1'",
        "UPDATE account SET held = -1",
        "UPDATE entry SET amount = 0",
        "UPDATE transfer SET amount = 0",
        "UPDATE hold SET captured = 61",
    ):
        with pytest.raises(Exception, match=r"(?i)constraint"):
            await db.execute(statement)


async def test_entries_are_read_page_by_page_newest_first(database):
    for amount in (1, 2, 3):
        await give(amount, GRANDMA)

    first = await ledger.list_entries(GRANDMA, before=None, limit=2)
    rest = await ledger.list_entries(GRANDMA, before=first[-1].number, limit=2)

    assert [one.amount for one in (*first, *rest)] == [3, 2, 1]
    assert [one.balance for one in (*first, *rest)] == [6, 3, 1]
    assert await ledger.list_entries(points_of(99), before=None, limit=2) == []
    assert first[0].at == (await Entry.get(transfer_id=first[0].transfer_id, amount=3)).at == NOW


async def test_many_transfers_in_one_call_lock_each_account_once(database):
    moves = [gift(1, STATION, points_of(number), fresh("many")) for number in range(1, 40)]

    assert len(await ledger.post(*moves, now=NOW)) == 39
    assert await spendable(STATION) == -39
    await adds_up()
