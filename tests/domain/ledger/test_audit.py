"""The audit: an edit by hand shows, wherever it is made."""

import importlib

import pytest

from server.database import db
from server.domain import ledger
from tests.conftest import NOW
from tests.domain.ledger.moving import adds_up, capture, gift, give, hold, points_of

GRANDMA, LI = points_of(1), points_of(2)
# The package has a function of this name.
AUDIT = importlib.import_module("server.domain.ledger.audit")


@pytest.fixture
async def busy(database):
    """A ledger in which some things happened."""
    made = await give(100, GRANDMA)
    await ledger.post(gift(10, GRANDMA, LI), now=NOW)
    await capture(await hold(20, GRANDMA), 15)
    await hold(5, GRANDMA)
    await ledger.release_holds(await hold(3, LI), now=NOW)
    await ledger.reverse(await give(7, LI), note="", by=None, now=NOW)
    return made


async def test_a_ledger_nobody_touched_holds_and_says_how_much_it_is(busy):
    assert str(await adds_up()) == "The ledger holds: 3 accounts, 5 transfers, 10 entries."


async def test_an_empty_ledger_holds(database):
    assert (await adds_up()).entries == 0


# What an angry colleague with a password would change, and what the audit says of it.
EDITS = {
    "UPDATE account SET balance = balance + 50 WHERE owner = 'person:1'": "they add up to",
    "UPDATE account SET held = 0 WHERE owner = 'person:1'": "its open holds add up to",
    "UPDATE account SET entry_count = 1 WHERE owner = 'person:2'": "add up to",
    "UPDATE entry SET amount = amount + 50, balance = balance + 50 WHERE number = 1 AND amount = 100": "entry 1 is not",
    "UPDATE entry SET balance = 1000 WHERE number = 2 AND amount = -10": "entry 2 is not",
    "UPDATE entry SET chain = '' WHERE number = 1 AND amount = 100": "entry 1 is not",
    "UPDATE entry SET at = '2020-01-01 00:00:00.000000' WHERE number = 1 AND amount = 100": "entry 1 is not",
    "UPDATE entry SET number = 90 WHERE number = 2 AND amount = -10": "is not what was written",
    "DELETE FROM entry WHERE number = 1 AND amount = 100": "have 9 entries",
    "UPDATE transfer SET amount = 11 WHERE amount = 10": "is not what its entries say",
    "UPDATE transfer SET amount = 8 WHERE reverses_id IS NOT NULL": "does not undo",
    "UPDATE hold SET captured = 16 WHERE captured = 15": "is not what was paid out",
    "UPDATE hold SET state = 'released' WHERE state = 'open'": "its open holds add up to 0",
    "UPDATE account SET unit = 'minutes' WHERE owner = 'person:2'": "all balances add up to",
    "UPDATE account SET may_overdraw = 0 WHERE balance < 0": "below its floor",
}


@pytest.mark.parametrize("edit", EDITS)
async def test_an_edit_by_hand_shows(busy, edit):
    await _by_hand(edit)

    report = await ledger.audit()

    assert not report.holds
    assert EDITS[edit] in str(report)
    assert "DOES NOT HOLD" in str(report)


async def _by_hand(edit: str) -> None:
    """Whoever edits by hand also switches off what would refuse it."""
    off, on = ("PRAGMA ignore_check_constraints=1", "PRAGMA ignore_check_constraints=0")
    if db.dialect() != "sqlite":
        off, on = ("SET check_constraint_checks=0", "SET check_constraint_checks=1")

    @db.transaction
    async def edited() -> None:
        await db.execute(off)
        await db.execute(edit)
        await db.execute(on)

    await edited()


async def test_an_audit_of_many_pages_is_the_same(busy, monkeypatch):
    for number in range(3, 12):
        await give(number, points_of(number))
    whole = await adds_up()
    for name, size in {"ACCOUNTS_AT_ONCE": 2, "ENTRIES_AT_ONCE": 3, "TRANSFERS_AT_ONCE": 4}.items():
        monkeypatch.setattr(AUDIT, name, size)
    seen: list[tuple[int, int]] = []

    assert await ledger.audit(lambda done, total: seen.append((done, total))) == whole
    assert seen[-1] == (whole.entries, whole.entries)
