"""Move everything of one person's account to another: people who are joined have one balance."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain.ledger import accounts
from server.domain.ledger.account_keys import Key
from server.domain.ledger.accounts import LockedAccount
from server.domain.ledger.transfers import NewTransfer, post
from server.models import TransferKind

MOVED_NOTE, BACK_NOTE = "档案合并", "撤销档案合并"


@dataclass(frozen=True)
class Moved:
    """The amount that was moved, held parts included, and the ids of the open holds that moved with it."""

    amount: int
    hold_ids: Sequence[int]


@dataclass(frozen=True)
class GiveBack:
    """Give `amount` back from `source` to `target`, with those of the holds that are open.

    What is not there any more comes from `debt`.
    """

    source: Key
    target: Key
    debt: Key
    amount: int
    hold_ids: Collection[int]
    cause: str


@db.transaction
async def move_all(source: Key, target: Key, *, cause: str, by: int | None, now: datetime) -> Moved:
    """Move the whole balance with its open holds. The caller has locked what the holds are for."""
    locked = await accounts.lock_accounts([source, target])
    amount = locked[source].balance
    hold_ids = await _move_holds("account_id = ?", [locked[source].id], locked[source], locked[target])
    if amount:
        move = NewTransfer(cause, TransferKind.JOINED, amount, source, target, by, MOVED_NOTE)
        await post(move, now=now, locked=locked)
    return Moved(amount, hold_ids)


@db.transaction
async def give_back(give: GiveBack, *, by: int, now: datetime) -> None:
    """Give back what a `move_all` moved. The caller has locked what the holds are for."""
    if not give.amount:
        return
    locked = await accounts.lock_accounts([give.source, give.target, give.debt])
    source = locked[give.source]
    ids = sorted(give.hold_ids) or [0]
    which = f"account_id = ? AND id IN ({db.placeholders(ids)})"
    await _move_holds(which, [source.id, *ids], source, locked[give.target])
    there = min(give.amount, source.spendable - source.added_held)
    parts = ((there, give.source, give.cause), (give.amount - there, give.debt, f"{give.cause}:debt"))
    moves = [
        NewTransfer(cause, TransferKind.JOINED, amount, key, give.target, by, BACK_NOTE)
        for amount, key, cause in parts
        if amount
    ]
    await post(*moves, now=now, locked=locked)


async def _move_holds(which: str, values: Sequence[int], source: LockedAccount, target: LockedAccount) -> Sequence[int]:
    """Have the target hold what the source held by these open holds; it is written with the transfer."""
    found = f"SELECT id, amount FROM hold WHERE {which} AND state = 'open' ORDER BY id{db.for_update()}"  # noqa: S608
    _, held = await db.execute(found, values)
    ids = [row["id"] for row in held]
    if ids:
        moved = f"UPDATE hold SET account_id = ? WHERE id IN ({db.placeholders(ids)})"  # noqa: S608 - no value of a caller
        await db.execute(moved, [target.id, *ids])
        amount = sum(int(row["amount"]) for row in held)
        source.added_held -= amount
        target.added_held += amount
    return ids
