"""Transfers: an integer amount from one account to another, once for each cause, never changed after."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from server import db
from server.domain.ledger import accounts
from server.domain.ledger.accounts import Locked
from server.domain.ledger.keys import Key
from server.errors import AlreadyMoved, AlreadyReversed, NotFound
from server.models import Account, Transfer, TransferKind


@dataclass(frozen=True)
class Move:
    """What is to be moved, and what caused it: the same cause moves nothing twice.

    `kind` is what a statement calls it; `note` says more to whom the account belongs and names nobody.
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
async def post(*moves: Move, now: datetime) -> list[int]:
    """Make the transfers, all or none, and return their ids; one whose cause was posted before is not posted again.

    Raises NotEnough (of minutes, points or stock) when an account would fall below what is held of it, and
    AlreadyMoved when the cause moved something else.
    """
    locked = await accounts.lock(key for move in moves for key in (move.source, move.target))
    return await post_locked(moves, locked, now=now)


async def post_locked(moves: Sequence[Move], locked: dict[Key, Locked], *, now: datetime) -> list[int]:
    """As `post`, on accounts that are locked already."""
    db.must_be_in_transaction()
    for move in moves:
        assert move.source.unit == move.target.unit, "nothing turns one unit into another"
        accounts.must_be_amount(move.amount)
    known = await _posted(moves, locked)
    ids, entries = [], []
    for move in moves:
        if move.cause in known:
            ids.append(known[move.cause])
            continue
        source, target = locked[move.source], locked[move.target]
        ids.append(await _insert(move, source.id, target.id, now))
        entries += [_entry(source, -move.amount, ids[-1], now), _entry(target, move.amount, ids[-1], now)]
    await accounts.write(locked.values())
    await _add(entries)
    return ids


async def _posted(moves: Sequence[Move], locked: dict[Key, Locked]) -> dict[str, int]:
    """Transfers made before for these causes; the accounts' locks keep others from making them meanwhile."""
    by_cause = {move.cause: move for move in moves}
    assert len(by_cause) == len(moves), "each has its own cause"
    _, rows = await db.execute(
        f"SELECT id, cause, amount, source_id, target_id FROM transfer WHERE cause IN ({db.marks(by_cause)})",  # noqa: S608
        list(by_cause),
    )
    for row in rows:
        move = by_cause[row["cause"]]
        same = (move.amount, locked[move.source].id, locked[move.target].id)
        if (row["amount"], row["source_id"], row["target_id"]) != same:
            raise AlreadyMoved
    return {row["cause"]: row["id"] for row in rows}


async def _insert(move: Move, source: int, target: int, now: datetime) -> int:
    return await db.insert(
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


def _entry(account: Locked, amount: int, transfer_id: int, now: datetime) -> tuple[object, ...]:
    account.added += amount
    account.added_entries += 1
    number, balance = account.entry_count + account.added_entries, account.balance + account.added
    facts = (account.id, number, transfer_id, amount, balance)
    account.chain = chained(account.chain, facts, now)
    return (*facts, now, account.chain)


def chained(before: str, facts: Sequence[int], at: datetime) -> str:
    """The hash of an entry: of the hash before it and of what it says.

    `facts`: account, number, transfer, amount, balance.
    """
    moment = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return hashlib.sha256(f"{before}|{'|'.join(map(str, facts))}|{moment}".encode()).hexdigest()[:32]


async def _add(entries: Sequence[tuple[object, ...]]) -> None:
    if not entries:
        return
    columns = ("account_id", "number", "transfer_id", "amount", "balance", "at", "chain")
    await db.insert_rows("entry", columns, entries)
    transfers = sorted({entry[2] for entry in entries})  # type: ignore[type-var]
    _, rows = await db.execute(
        f"SELECT COUNT(*) number, SUM(amount) sum FROM entry WHERE transfer_id IN ({db.marks(transfers)})",  # noqa: S608
        transfers,
    )
    assert (rows[0]["number"], rows[0]["sum"]) == (len(entries), 0), "every transfer adds up to zero"


@db.transaction
async def reverse(transfer_id: int, *, note: str, by: int | None, now: datetime) -> int:
    """Move the amount back by a new transfer that names the original, and return its id.

    Refused with AlreadyReversed the second time, and with NotEnough when the amount was spent meanwhile.
    """
    original = await Transfer.filter(id=transfer_id).select_related("source", "target").first()
    if original is None:
        raise NotFound
    source, target = _key(original.target), _key(original.source)
    locked = await accounts.lock([source, target])
    if original.reverses_id is not None or await Transfer.filter(reverses_id=transfer_id).exists():
        raise AlreadyReversed
    cause = f"transfer:{transfer_id}:reversed"
    move = Move(cause, TransferKind.REVERSAL, original.amount, source, target, by, note, reverses=transfer_id)
    return (await post_locked([move], locked, now=now))[0]


def _key(account: Account) -> Key:
    return Key(account.owner, account.unit)
