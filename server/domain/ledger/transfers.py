"""Transfers: an integer amount from an account to another, once for each cause, never changed afterwards."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from server.database import db
from server.domain.ledger import accounts
from server.domain.ledger.account_keys import Key
from server.domain.ledger.accounts import Locked, LockedAccount
from server.errors import AlreadyReversed, DuplicateTransfer, NotFound
from server.models import Account, Transfer, TransferKind


@dataclass(frozen=True)
class NewTransfer:
    """A transfer to make; the same cause is posted once.

    `kind` is shown in statements; `note` says more to the owner of the account and names nobody.
    """

    cause: str
    kind: TransferKind
    amount: int
    source: Key
    target: Key
    by: int | None = None
    note: str = ""
    reverses: int | None = None
    hold_id: int | None = None


@db.transaction
async def post(*moves: NewTransfer, now: datetime, locked: Locked | None = None) -> list[int]:
    """Make the transfers, all or none, and return their ids; a cause that was posted before is not posted again.

    `locked`: accounts that the caller has locked. Raises `NotEnough` (minutes, points or stock) if an account would
    fall below its holds, and `DuplicateTransfer` if the cause posted something else.
    """
    for move in moves:
        assert move.source.unit == move.target.unit, "nothing turns one unit into another"
        accounts.require_amount(move.amount)
    keys = [key for move in moves for key in (move.source, move.target)]
    locked = await accounts.lock_accounts(keys, locked=locked)
    ids, entries = [], []
    for move in moves:
        source, target = locked[move.source], locked[move.target]
        made = await _insert(move, source.id, target.id, now)
        if made is None:
            ids.append(await _find_posted(move, source.id, target.id))
            continue
        ids.append(made)
        entries += [_entry(source, -move.amount, made, now), _entry(target, move.amount, made, now)]
    await accounts.write(locked.values())
    await _insert_entries(entries)
    return ids


async def _insert(move: NewTransfer, source: int, target: int, now: datetime) -> int | None:
    """Insert the transfer and return its id, or None if its cause was posted before."""
    return await db.insert_new(
        "transfer",
        cause=move.cause,
        kind=move.kind.value,
        amount=move.amount,
        source_id=source,
        target_id=target,
        at=now,
        by_id=move.by,
        note=move.note,
        reverses_id=move.reverses,
        hold_id=move.hold_id,
    )


async def _find_posted(move: NewTransfer, source: int, target: int) -> int:
    """Return the transfer posted before for this cause. Raises `DuplicateTransfer` if it differs."""
    found = "SELECT id, amount, source_id, target_id FROM transfer WHERE cause = ?"
    [row] = (await db.execute(found, [move.cause]))[1]
    if (row["amount"], row["source_id"], row["target_id"]) != (move.amount, source, target):
        raise DuplicateTransfer
    return int(row["id"])


def _entry(account: LockedAccount, amount: int, transfer_id: int, now: datetime) -> tuple[Any, ...]:
    account.added += amount
    account.added_entries += 1
    number, balance = account.entry_count + account.added_entries, account.balance + account.added
    facts = (account.id, number, transfer_id, amount, balance)
    account.chain = chain_hash(account.chain, facts, now)
    return (*facts, now, account.chain)


def chain_hash(before: str, facts: Sequence[int], at: datetime) -> str:
    """Return the hash of an entry, over the previous hash and its facts.

    `facts`: account, number, transfer, amount, balance.
    """
    moment = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return hashlib.sha256(f"{before}|{'|'.join(map(str, facts))}|{moment}".encode()).hexdigest()[:32]


async def _insert_entries(entries: Sequence[tuple[Any, ...]]) -> None:
    sums: dict[int, int] = {}
    for _, _, transfer_id, amount, *_ in entries:
        sums[transfer_id] = sums.get(transfer_id, 0) + amount
    assert not any(sums.values()), "every transfer adds up to zero"
    columns = ("account_id", "number", "transfer_id", "amount", "balance", "at", "chain")
    written = await db.insert_rows("entry", columns, entries)
    assert written == 2 * len(sums), "every transfer has two entries"


@db.transaction
async def reverse(transfer_id: int, *, note: str, by: int | None, now: datetime, locked: Locked | None = None) -> int:
    """Reverse a transfer by a new one that names the original, and return its id.

    `locked` as for `post`. Raises `AlreadyReversed` the second time, and `NotEnough` if the amount was spent since.
    """
    original = await Transfer.filter(id=transfer_id).select_related("source", "target").first()
    if original is None:
        raise NotFound
    source, target = _key(original.target), _key(original.source)
    locked = await accounts.lock_accounts([source, target], locked=locked)
    if original.reverses_id is not None or await Transfer.filter(reverses_id=transfer_id).exists():
        raise AlreadyReversed
    cause = f"transfer:{transfer_id}:reversed"
    move = NewTransfer(cause, TransferKind.REVERSAL, original.amount, source, target, by, note, reverses=transfer_id)
    return (await post(move, now=now, locked=locked))[0]


def _key(account: Account) -> Key:
    return Key(account.owner, account.unit)
