"""Helpers for the ledger's tests: 王奶奶 and others have points, given by a station."""

import itertools
from datetime import timedelta

from server.database import db
from server.domain import ledger
from server.domain.ledger import POINTS, Capture, NewHold, NewTransfer, account_keys
from server.models import TransferKind
from tests.conftest import NOW

STATION = account_keys.issuing(1, POINTS)
LATER = NOW + timedelta(days=7)
TABLES = ("account", "transfer", "entry", "hold")
_causes = itertools.count(1)


def points_of(number: int) -> ledger.Key:
    return account_keys.person(number, POINTS)


def fresh(word: str = "test") -> str:
    """Return an unused cause."""
    return f"{word}:{next(_causes)}"


def gift(amount, source, target, cause: str = "") -> NewTransfer:
    return NewTransfer(cause or fresh(), TransferKind.GIFT, amount, source, target)


async def give(amount: int, target: ledger.Key, cause: str = "") -> int:
    """Give points from the station; return the transfer's id."""
    return (await ledger.post(gift(amount, STATION, target, cause), now=NOW))[0]


async def hold(amount: int, of: ledger.Key, cause: str = "", until=LATER) -> int:
    return (await ledger.place_holds(NewHold(cause or fresh(), amount, of, until), now=NOW))[0]


async def capture(hold_id: int, amount: int | None = None, now=NOW) -> list[int]:
    return await ledger.capture_holds(Capture(hold_id, STATION, TransferKind.REDEEMED, amount), now=now)


async def rows() -> dict[str, list]:
    """Return every row of the ledger."""
    return {table: (await db.execute(f"SELECT * FROM {table} ORDER BY id"))[1] for table in TABLES}


async def spendable(of: ledger.Key) -> int:
    return (await ledger.get_balance(of)).spendable


async def adds_up() -> ledger.Report:
    report = await ledger.audit()
    assert report.holds, str(report)
    return report
