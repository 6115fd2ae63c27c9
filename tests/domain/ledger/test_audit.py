"""The audit finds an edit by hand, wherever it is made."""

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
    """A ledger with some transfers and holds."""
    made = await give(100, GRANDMA)
    await ledger.post(gift(10, GRANDMA, LI), now=NOW)
    await capture(await hold(20, GRANDMA), 15)
    await hold(5, GRANDMA)
    await ledger.release_holds(await hold(3, LI), now=NOW)
    await ledger.reverse(await give(7, LI), note="", by=None, now=NOW)
    return made


async def test_untouched_ledger_is_consistent_and_its_size_reported(busy):
    assert str(await adds_up()) == "The ledger holds: 3 accounts, 5 transfers, 10 entries."


async def test_empty_ledger_is_consistent(database):
    assert (await adds_up()).entries == 0


# Edits by a person with the database's password, and the fault that the audit reports.
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
async def test_edit_by_hand_is_found(busy, edit):
    await _by_hand(edit)

    report = await ledger.audit()

    assert not report.holds
    assert EDITS[edit] in str(report)
    assert "DOES NOT HOLD" in str(report)


async def _by_hand(edit: str) -> None:
    """Run the edit with the checks switched off that would refuse it."""
    off, on = ("PRAGMA ignore_check_constraints=1", "PRAGMA ignore_check_constraints=0")
    if db.dialect() != "sqlite":
        off, on = ("SET check_constraint_checks=0", "SET check_constraint_checks=1")

    @db.transaction
    async def edited() -> None:
        await db.execute(off)
        await db.execute(edit)
        await db.execute(on)

    await edited()


async def test_audit_of_many_pages_finds_the_same(busy, monkeypatch):
    for number in range(3, 12):
        await give(number, points_of(number))
    whole = await adds_up()
    for name, size in {"ACCOUNTS_PER_PAGE": 2, "ENTRIES_PER_PAGE": 3, "TRANSFERS_PER_PAGE": 4}.items():
        monkeypatch.setattr(AUDIT, name, size)
    seen: list[tuple[int, int]] = []

    assert await ledger.audit(lambda done, total: seen.append((done, total))) == whole
    assert seen[-1] == (whole.entries, whole.entries)
