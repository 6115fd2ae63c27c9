"""Holds: amounts set aside, then captured in whole or in part, released or expired; each is resolved once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from server.database import db
from server.domain.ledger import accounts
from server.domain.ledger.account_keys import Key
from server.domain.ledger.accounts import Locked
from server.domain.ledger.transfers import NewTransfer, post
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


# The id, account and amount of a hold.
_Facts = tuple[int, int, int]


@db.transaction
async def place_holds(*wishes: NewHold, now: datetime, locked: Locked | None = None) -> list[int]:
    """Hold the amounts, all or none, and return the holds' ids. Raises `NotEnough`.

    `locked`: accounts that the caller has locked.
    """
    for wish in wishes:
        accounts.require_amount(wish.amount)
        assert wish.expires_at > now, "a hold has time"
    locked = await accounts.lock_accounts((wish.account for wish in wishes), locked=locked)
    new = {wish.cause: (new_id(), locked[wish.account].id, wish.amount) for wish in wishes}
    held = new if await _insert(wishes, new, now) == len(wishes) else await _find_held(new)
    for wish in wishes:
        if held[wish.cause][1:] != new[wish.cause][1:]:
            raise DuplicateTransfer
        if held[wish.cause] == new[wish.cause]:
            locked[wish.account].added_held += wish.amount
    await accounts.write(locked.values())
    return [held[wish.cause][0] for wish in wishes]


async def _insert(wishes: Sequence[NewHold], new: Mapping[str, _Facts], now: datetime) -> int:
    """Insert the holds whose causes are new, and return how many."""
    rows = ", ".join(["(?, ?, ?, ?, 0, 'open', ?, ?)"] * len(wishes))
    columns = "cause, id, account_id, amount, captured, state, placed_at, expires_at"
    values = [part for wish in wishes for part in (wish.cause, *new[wish.cause], now, wish.expires_at)]
    statement = f"INSERT INTO hold ({columns}) VALUES {rows} {db.unless_taken('hold', 'cause')}"  # noqa: S608
    return (await db.execute(statement, values))[0]


async def _find_held(causes: Collection[str]) -> dict[str, _Facts]:
    found = f"SELECT cause, id, account_id, amount FROM hold WHERE cause IN ({db.placeholders(causes)})"  # noqa: S608
    return {row["cause"]: (row["id"], row["account_id"], row["amount"]) for row in (await db.execute(found, causes))[1]}


@db.transaction
async def capture_holds(*captures: Capture, now: datetime, locked: Locked | None = None) -> list[int]:
    """Pay from open holds, all or none, and return the transfers' ids. `locked` as for `place_holds`.

    Raises `HoldResolved`, `HoldExpired`, and `AmountExceedsHold` for more than was held.
    """
    holds = await _load_holds([one.hold_id for one in captures])
    locked = await accounts.lock_accounts(
        [*(hold.account for hold in holds.values()), *(one.target for one in captures)], locked=locked
    )
    moves = []
    for one in captures:
        hold = holds[one.hold_id]
        amount = hold.amount if one.amount is None else one.amount
        accounts.require_amount(amount)
        if amount > hold.amount:
            raise AmountExceedsHold(held=hold.amount)
        cause = f"hold:{hold.id}:captured"
        moves.append(NewTransfer(cause, one.kind, amount, hold.account, one.target, one.by, one.note, hold_id=hold.id))
    await _resolve(holds, HoldState.CAPTURED, [move.amount for move in moves], locked, now)
    return await post(*moves, now=now, locked=locked)


@db.transaction
async def release_holds(*hold_ids: int, now: datetime, locked: Locked | None = None) -> None:
    """Release open holds, all or none, so that their amounts can be spent again. Raises `HoldResolved`."""
    await _return_holds(hold_ids, HoldState.RELEASED, now, locked)


@db.transaction
async def expire_holds(*hold_ids: int, now: datetime, locked: Locked | None = None) -> None:
    """Expire holds whose time is over, as `release_holds` does."""
    await _return_holds(hold_ids, HoldState.EXPIRED, now, locked)


async def _return_holds(hold_ids: Sequence[int], how: HoldState, now: datetime, locked: Locked | None) -> None:
    holds = await _load_holds(hold_ids)
    locked = await accounts.lock_accounts((hold.account for hold in holds.values()), locked=locked)
    await _resolve(holds, how, [0] * len(holds), locked, now)
    await accounts.write(locked.values())


@dataclass(frozen=True)
class _HoldFacts:
    """The facts of a hold that never change."""

    id: int
    amount: int
    account: Key


HOLDS_SQL = "SELECT h.id, h.amount, a.owner, a.unit FROM hold h JOIN account a ON a.id = h.account_id"


async def _load_holds(hold_ids: Collection[int]) -> dict[int, _HoldFacts]:
    """Return the holds in the order of the ids."""
    assert len(set(hold_ids)) == len(hold_ids), "each hold once"
    _, rows = await db.execute(f"{HOLDS_SQL} WHERE h.id IN ({db.placeholders(hold_ids)})", hold_ids)
    found = {row["id"]: _HoldFacts(row["id"], row["amount"], Key(row["owner"], row["unit"])) for row in rows}
    if len(found) != len(hold_ids):
        raise NotFound
    return {hold_id: found[hold_id] for hold_id in hold_ids}


# Conditions on time for each final state.
STATE_CONDITIONS = {
    HoldState.CAPTURED: "expires_at > ?",
    HoldState.RELEASED: "? IS NOT NULL",
    HoldState.EXPIRED: "expires_at <= ?",
}


async def _resolve(
    holds: Mapping[int, _HoldFacts], state: HoldState, captured: Sequence[int], locked: Locked, now: datetime
) -> None:
    """Move the open holds to a final state, and have the locked accounts hold less."""
    unresolved = f"id IN ({db.placeholders(holds)}) AND state = 'open' AND {STATE_CONDITIONS[state]}"
    statement = f"UPDATE hold SET state = ?, captured = {accounts.case(holds)}, resolved_at = ? WHERE {unresolved}"  # noqa: S608
    values = [state.value, *accounts.pairs(holds, captured), now, *holds, now]
    if (await db.execute(statement, values))[0] != len(holds):
        await _refuse(list(holds), state)
    for hold in holds.values():
        locked[hold.account].added_held -= hold.amount


async def _refuse(hold_ids: Sequence[int], state: HoldState) -> NoReturn:
    """Refuse holds that were not all open and in time; those that were now have the state."""
    found = await Hold.filter(id__in=hold_ids)
    refused = next((hold for hold in found if hold.state != state), found[0])
    if refused.state != HoldState.OPEN:
        raise HoldResolved(status=refused.state)
    assert state is HoldState.CAPTURED, "its time has not come"
    raise HoldExpired(until=refused.expires_at)
