"""Holds: an amount set aside, then captured whole or in part, released, or expired; each resolved exactly once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain.ledger import accounts
from server.domain.ledger.account_keys import Key
from server.domain.ledger.transfers import Move, post_locked
from server.errors import AmountExceedsHold, DuplicateTransfer, HoldExpired, HoldResolved, NotFound
from server.models import Hold, HoldState, TransferKind
from server.models.fields import new_id


@dataclass(frozen=True)
class Wish:
    """What is to be held of an account until `expires_at`; the same cause holds nothing twice."""

    cause: str
    amount: int
    account: Key
    expires_at: datetime


@dataclass(frozen=True)
class Capture:
    """What becomes of a hold: `amount` of it (None: all) goes to `target`, the rest is spendable again."""

    hold_id: int
    target: Key
    kind: TransferKind
    amount: int | None = None
    by: int | None = None
    note: str = ""


@db.transaction
async def place(*wishes: Wish, now: datetime) -> list[int]:
    """Hold the amounts, all or none, and return the holds' ids; raises NotEnough."""
    for wish in wishes:
        accounts.must_be_amount(wish.amount)
        assert wish.expires_at > now, "a hold has time"
    locked = await accounts.lock(wish.account for wish in wishes)
    known = await _placed([wish.cause for wish in wishes])
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


async def _placed(causes: Sequence[str]) -> dict[str, dict[str, Any]]:
    found = f"SELECT id, cause, account_id, amount FROM hold WHERE cause IN ({db.placeholders(causes)})"  # noqa: S608
    return {row["cause"]: row for row in (await db.execute(found, causes))[1]}


@db.transaction
async def capture(*captures: Capture, now: datetime) -> list[int]:
    """Pay out of open holds, all or none, and return the transfers' ids.

    Raises HoldResolved, HoldExpired when its time is over, and AmountExceedsHold for more than was held.
    """
    holds = await _holds([one.hold_id for one in captures])
    locked = await accounts.lock([*(hold.account for hold in holds.values()), *(one.target for one in captures)])
    moves = []
    for one in captures:
        hold = holds[one.hold_id]
        amount = hold.amount if one.amount is None else one.amount
        accounts.must_be_amount(amount)
        if amount > hold.amount:
            raise AmountExceedsHold(held=hold.amount)
        await _resolve(hold, HoldState.CAPTURED, amount, now)
        locked[hold.account].added_held -= hold.amount
        cause = f"hold:{hold.id}:captured"
        moves.append(Move(cause, one.kind, amount, hold.account, one.target, one.by, one.note, hold_id=hold.id))
    return await post_locked(moves, locked, now=now)


@db.transaction
async def release(*hold_ids: int, now: datetime) -> None:
    """Make what open holds set aside spendable again, all or none; raises HoldResolved."""
    await _let_go(hold_ids, HoldState.RELEASED, now)


@db.transaction
async def expire(*hold_ids: int, now: datetime) -> None:
    """As `release`, for holds whose time is over."""
    await _let_go(hold_ids, HoldState.EXPIRED, now)


async def _let_go(hold_ids: Sequence[int], how: HoldState, now: datetime) -> None:
    holds = await _holds(hold_ids)
    locked = await accounts.lock(hold.account for hold in holds.values())
    for hold in holds.values():
        await _resolve(hold, how, 0, now)
        locked[hold.account].added_held -= hold.amount
    await accounts.write(locked.values())


@dataclass(frozen=True)
class _Held:
    """Of a hold what never changes."""

    id: int
    amount: int
    account: Key


HELD = "SELECT h.id, h.amount, a.owner, a.unit FROM hold h JOIN account a ON a.id = h.account_id"


async def _holds(hold_ids: Collection[int]) -> dict[int, _Held]:
    assert len(set(hold_ids)) == len(hold_ids), "each hold once"
    _, rows = await db.execute(f"{HELD} WHERE h.id IN ({db.placeholders(hold_ids)}) ORDER BY h.id", hold_ids)
    if len(rows) != len(hold_ids):
        raise NotFound
    return {row["id"]: _Held(row["id"], row["amount"], Key(row["owner"], row["unit"])) for row in rows}


# When a hold may come to such an end.
IN_TIME = {
    HoldState.CAPTURED: "expires_at > ?",
    HoldState.RELEASED: "? IS NOT NULL",
    HoldState.EXPIRED: "expires_at <= ?",
}


async def _resolve(hold: _Held, state: HoldState, captured: int, now: datetime) -> None:
    statement = (
        f"UPDATE hold SET state = ?, captured = ?, resolved_at = ? WHERE id = ? AND state = 'open' AND {IN_TIME[state]}"  # noqa: S608 - words of ours
    )
    count, _ = await db.execute(statement, [state.value, captured, now, hold.id, now])
    if not count:
        found = await Hold.get(id=hold.id)
        assert found.state != HoldState.OPEN or state is HoldState.CAPTURED, "its time has not come"
        raise HoldResolved(status=found.state) if found.state != HoldState.OPEN else HoldExpired(until=found.expires_at)
