"""Holds: amounts set aside, then captured in whole or in part, released or expired; each is resolved once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain.ledger import accounts
from server.domain.ledger.account_keys import Key
from server.domain.ledger.transfers import NewTransfer, post_locked
from server.errors import AmountExceedsHold, DuplicateTransfer, HoldExpired, HoldResolved, NotFound
from server.models import Hold, HoldState, TransferKind
from server.models.fields import new_id


@dataclass(frozen=True)
class NewHold:
    """An amount to hold on an account until `expires_at`; the same cause is held once."""

    cause: str
    amount: int
    account: Key
    expires_at: datetime


@dataclass(frozen=True)
class Capture:
    """The capture of a hold: `amount` of it (None: all) goes to `target`, the rest can be spent again."""

    hold_id: int
    target: Key
    kind: TransferKind
    amount: int | None = None
    by: int | None = None
    note: str = ""


@db.transaction
async def place_holds(*wishes: NewHold, now: datetime) -> list[int]:
    """Hold the amounts, all or none, and return the holds' ids. Raises `NotEnough`."""
    for wish in wishes:
        accounts.require_amount(wish.amount)
        assert wish.expires_at > now, "a hold has time"
    locked = await accounts.lock_accounts(wish.account for wish in wishes)
    known = await _find_placed([wish.cause for wish in wishes])
    ids, rows = [], []
    for wish in wishes:
        account, before = locked[wish.account], known.get(wish.cause)
        if before is not None:
            if (before["account_id"], before["amount"]) != (account.id, wish.amount):
                raise DuplicateTransfer
            ids.append(before["id"])
            continue
        ids.append(new_id())
        account.added_held += wish.amount
        rows.append((ids[-1], wish.cause, account.id, wish.amount, 0, HoldState.OPEN.value, now, wish.expires_at))
    await accounts.write(locked.values())
    columns = ("id", "cause", "account_id", "amount", "captured", "state", "placed_at", "expires_at")
    await db.insert_rows("hold", columns, rows)
    return ids


async def _find_placed(causes: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = f"SELECT id, cause, account_id, amount FROM hold WHERE cause IN ({db.placeholders(causes)})"  # noqa: S608
    return {row["cause"]: row for row in (await db.execute(found, causes))[1]}


@db.transaction
async def capture_holds(*captures: Capture, now: datetime) -> list[int]:
    """Pay from open holds, all or none, and return the transfers' ids.

    Raises `HoldResolved`, `HoldExpired`, and `AmountExceedsHold` for more than was held.
    """
    holds = await _load_holds([one.hold_id for one in captures])
    locked = await accounts.lock_accounts(
        [*(hold.account for hold in holds.values()), *(one.target for one in captures)]
    )
    moves = []
    for one in captures:
        hold = holds[one.hold_id]
        amount = hold.amount if one.amount is None else one.amount
        accounts.require_amount(amount)
        if amount > hold.amount:
            raise AmountExceedsHold(held=hold.amount)
        await _resolve(hold, HoldState.CAPTURED, amount, now)
        locked[hold.account].added_held -= hold.amount
        cause = f"hold:{hold.id}:captured"
        moves.append(NewTransfer(cause, one.kind, amount, hold.account, one.target, one.by, one.note, hold_id=hold.id))
    return await post_locked(moves, locked, now=now)


@db.transaction
async def release_holds(*hold_ids: int, now: datetime) -> None:
    """Release open holds, all or none, so that their amounts can be spent again. Raises `HoldResolved`."""
    await _return_holds(hold_ids, HoldState.RELEASED, now)


@db.transaction
async def expire_holds(*hold_ids: int, now: datetime) -> None:
    """Expire holds whose time is over, as `release_holds` does."""
    await _return_holds(hold_ids, HoldState.EXPIRED, now)


async def _return_holds(hold_ids: Sequence[int], how: HoldState, now: datetime) -> None:
    holds = await _load_holds(hold_ids)
    locked = await accounts.lock_accounts(hold.account for hold in holds.values())
    for hold in holds.values():
        await _resolve(hold, how, 0, now)
        locked[hold.account].added_held -= hold.amount
    await accounts.write(locked.values())


@dataclass(frozen=True)
class _HoldFacts:
    """The facts of a hold that never change."""

    id: int
    amount: int
    account: Key


HOLDS_SQL = "SELECT h.id, h.amount, a.owner, a.unit FROM hold h JOIN account a ON a.id = h.account_id"


async def _load_holds(hold_ids: Collection[int]) -> dict[int, _HoldFacts]:
    assert len(set(hold_ids)) == len(hold_ids), "each hold once"
    _, rows = await db.execute(f"{HOLDS_SQL} WHERE h.id IN ({db.placeholders(hold_ids)}) ORDER BY h.id", hold_ids)
    if len(rows) != len(hold_ids):
        raise NotFound
    return {row["id"]: _HoldFacts(row["id"], row["amount"], Key(row["owner"], row["unit"])) for row in rows}


# Conditions on time for each final state.
STATE_CONDITIONS = {
    HoldState.CAPTURED: "expires_at > ?",
    HoldState.RELEASED: "? IS NOT NULL",
    HoldState.EXPIRED: "expires_at <= ?",
}


async def _resolve(hold: _HoldFacts, state: HoldState, captured: int, now: datetime) -> None:
    unresolved = f"id = ? AND state = 'open' AND {STATE_CONDITIONS[state]}"
    statement = f"UPDATE hold SET state = ?, captured = ?, resolved_at = ? WHERE {unresolved}"  # noqa: S608 - our words
    count, _ = await db.execute(statement, [state.value, captured, now, hold.id, now])
    if not count:
        found = await Hold.get(id=hold.id)
        assert found.state != HoldState.OPEN or state is HoldState.CAPTURED, "its time has not come"
        raise HoldResolved(status=found.state) if found.state != HoldState.OPEN else HoldExpired(until=found.expires_at)
