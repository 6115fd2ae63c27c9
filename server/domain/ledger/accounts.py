"""Locks on accounts, and the one statement that changes them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from server.database import db
from server.domain.ledger.account_keys import MINUTES, POINTS, Key
from server.errors import InvalidAmount, NotEnough, NotEnoughMinutes, NotEnoughPoints, NotEnoughStock

MAX_AMOUNT = 1_000_000_000
NOT_ENOUGH: dict[str, type[NotEnough]] = {MINUTES: NotEnoughMinutes, POINTS: NotEnoughPoints}


@dataclass
class LockedAccount:
    """An account locked until the transaction ends, as stored, with the changes to write."""

    id: int
    owner: str
    unit: str
    may_overdraw: bool
    balance: int
    held: int
    entry_count: int
    chain: str
    added: int = 0
    added_held: int = 0
    added_entries: int = 0

    @property
    def spendable(self) -> int:
        return self.balance - self.held


def require_amount(amount: int) -> None:
    """Refuse an amount that is not a whole number from 1 to 1,000,000,000."""
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= MAX_AMOUNT:
        raise InvalidAmount


async def lock_accounts(keys: Iterable[Key]) -> dict[Key, LockedAccount]:
    """Lock the accounts in the order of their primary keys; missing ones are created."""
    db.require_transaction()
    sorted_keys = sorted(set(keys))
    if all(key in _known for key in sorted_keys):
        locked = await _select_for_update({key: _known[key] for key in sorted_keys})
        if len(locked) == len(sorted_keys):
            return locked
    return await _select_for_update(await _get_or_create(sorted_keys))


# Ids of accounts never change, so they are looked up once. An id is trusted only if the locked row confirms it: the
# transaction that it was read in may have been rolled back.
_known: dict[Key, int] = {}
MAX_KNOWN = 100_000


async def _select_for_update(ids: Mapping[Key, int]) -> dict[Key, LockedAccount]:
    columns = "id, owner, unit, may_overdraw, balance, held, entry_count, chain"
    statement = f"SELECT {columns} FROM account WHERE id IN ({db.placeholders(ids)}) ORDER BY id{db.for_update()}"  # noqa: S608
    _, rows = await db.execute(statement, sorted(ids.values())) if ids else (0, ())
    found = {Key(row["owner"], row["unit"]): LockedAccount(**dict(row)) for row in rows}
    return {key: one for key, one in found.items() if ids.get(key) == one.id}


async def _get_or_create(keys: Collection[Key]) -> dict[Key, int]:
    ids = await _ids(keys)
    for key in keys:
        if key not in ids:
            await db.insert_or_nothing("account", **_new_row(key))
    if len(ids) < len(keys):
        ids = await _ids(keys)
    if len(_known) > MAX_KNOWN:
        _known.clear()
    _known.update(ids)
    return ids


def _new_row(key: Key) -> dict[str, object]:
    empty = {"balance": 0, "held": 0, "entry_count": 0, "chain": ""}
    return {"owner": key.owner, "unit": key.unit, "may_overdraw": int(key.may_overdraw), **empty}


async def _ids(keys: Collection[Key]) -> dict[Key, int]:
    one = "SELECT id, owner, unit FROM account WHERE owner = ? AND unit = ?"
    values = [part for key in keys for part in (key.owner, key.unit)]
    _, rows = await db.execute(" UNION ALL ".join([one] * len(keys)), values)
    return {Key(row["owner"], row["unit"]): row["id"] for row in rows}


async def write(accounts: Iterable[LockedAccount]) -> None:
    """Write the `added…` of the locked accounts: all of them, or none if one account would fall below zero."""
    changed = [one for one in accounts if one.added or one.added_held]
    if not changed:
        return
    columns: Mapping[str, list[int]] = {
        "balance": [one.added for one in changed],
        "held": [one.added_held for one in changed],
        "entry_count": [one.added_entries for one in changed],
    }
    ids = [one.id for one in changed]
    sets = [f"{name} = {name} + {_case(changed)}" for name in columns] + [f"chain = {_case(changed)}"]
    values = [part for amounts in columns.values() for part in _pairs(ids, amounts)]
    values += _pairs(ids, [one.chain for one in changed])
    floor = f"(may_overdraw OR balance - held + {_case(changed)} >= 0)"
    lacking = _pairs(ids, [one.added - one.added_held for one in changed])
    # The number of changed rows decides, not what was read before.
    count, _ = await db.execute(
        f"UPDATE account SET {', '.join(sets)} WHERE id IN ({db.placeholders(ids)}) AND {floor}",  # noqa: S608 - names of ours
        [*values, *ids, *lacking],
    )
    if count != len(changed):
        _refuse_overdraft(changed)


def _case(changed: Collection[LockedAccount]) -> str:
    return f"CASE id{' WHEN ? THEN ?' * len(changed)} END"


def _pairs(ids: Iterable[int], values: Iterable[object]) -> list[object]:
    return [part for pair in zip(ids, values, strict=True) for part in pair]


def _refuse_overdraft(changed: Iterable[LockedAccount]) -> None:
    short = next(one for one in changed if not one.may_overdraw and one.spendable + one.added < one.added_held)
    raise NOT_ENOUGH.get(short.unit, NotEnoughStock)(spendable=short.spendable)
