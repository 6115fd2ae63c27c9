"""Balances of accounts, and their entries with the balance after each."""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain.ledger.account_keys import Key
from server.models import TransferKind


@dataclass(frozen=True)
class Balance:
    """The balance of an account, and how much of it is on hold."""

    balance: int = 0
    held: int = 0

    @property
    def spendable(self) -> int:
        return self.balance - self.held


async def get_balance(key: Key) -> Balance:
    """Return the account's balance; zero if it was never used."""
    statement = "SELECT balance, held FROM account WHERE owner = ? AND unit = ?"
    _, rows = await db.execute(statement, [key.owner, key.unit])
    return Balance(rows[0]["balance"], rows[0]["held"]) if rows else Balance()


@dataclass(frozen=True)
class StatementLine:
    """An entry of an account. `cause` is the one of the hold or transfer that it goes back to, also for a reversal."""

    number: int
    at: datetime
    amount: int
    balance: int
    transfer_id: int
    kind: TransferKind
    note: str
    cause: str


LINES_SQL = """
    SELECT e.number, e.at, e.amount, e.balance, e.transfer_id, t.kind, t.note,
        COALESCE(reversed_hold.cause, reversed.cause, hold.cause, t.cause) cause
    FROM account a JOIN entry e ON e.account_id = a.id JOIN transfer t ON t.id = e.transfer_id
    LEFT JOIN hold ON hold.id = t.hold_id
    LEFT JOIN transfer reversed ON reversed.id = t.reverses_id
    LEFT JOIN hold reversed_hold ON reversed_hold.id = reversed.hold_id
    WHERE a.owner = ? AND a.unit = ? AND e.number < ? ORDER BY e.number DESC LIMIT ?
"""
AFTER_ALL = 2**31


async def list_entries(key: Key, *, before: int | None, limit: int) -> list[StatementLine]:
    """Return the account's entries, newest first, below a number."""
    _, rows = await db.execute(LINES_SQL, [key.owner, key.unit, AFTER_ALL if before is None else before, limit])
    return [
        StatementLine(**{**row, "at": db.from_database(row["at"]), "kind": TransferKind(row["kind"])})
        for row in map(dict, rows)
    ]
