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
    """An account locked until the transaction ends: its row, and the changes to write."""

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

    def written(self) -> None:
        """Add the changes, which were written, to what the row has."""
        self.balance, self.held = self.balance + self.added, self.held + self.added_held
        self.entry_count += self.added_entries
        self.added = self.added_held = self.added_entries = 0


Locked = Mapping[Key, LockedAccount]


def require_amount(amount: int) -> None:
    """Refuse an amount that is not a whole number from 1 to 1,000,000,000."""
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= MAX_AMOUNT:
        raise InvalidAmount


async def lock_accounts(keys: Iterable[Key], *, locked: Locked | None = None) -> Locked:
    """Lock the accounts in the order of their primary keys; missing ones are created.

    Those in `locked` are locked already: they are returned with the others.
    """
    db.require_transaction()
    wanted, found = sorted(set(keys) - (locked or {}).keys()), {}
    if all(key in _known for key in wanted):
        found = await _select_for_update({key: _known[key] for key in wanted})
    if len(found) < len(wanted):
        found = await _select_for_update(await _get_or_create(wanted))
    return {**(locked or {}), **found}


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
    sets = [f"{name} = {name} + {case(changed)}" for name in columns] + [f"chain = {case(changed)}"]
    values = [part for amounts in columns.values() for part in pairs(ids, amounts)]
    values += pairs(ids, [one.chain for one in changed])
    floor = f"(may_overdraw OR balance - held + {case(changed)} >= 0)"
    lacking = pairs(ids, [one.added - one.added_held for one in changed])
    # The number of changed rows decides, not what was read before.
    count, _ = await db.execute(
        f"UPDATE account SET {', '.join(sets)} WHERE id IN ({db.placeholders(ids)}) AND {floor}",  # noqa: S608 - names of ours
        [*values, *ids, *lacking],
    )
    if count != len(changed):
        _refuse_overdraft(changed)
    for one in changed:
        one.written()


def case(rows: Collection[object]) -> str:
    """Return SQL for a value of each row by its id; `pairs` are its arguments."""
    return f"CASE id{' WHEN ? THEN ?' * len(rows)} END"


def pairs(ids: Iterable[int], values: Iterable[object]) -> list[object]:
    """Return the ids and values of `case`."""
    return [part for pair in zip(ids, values, strict=True) for part in pair]


def _refuse_overdraft(changed: Iterable[LockedAccount]) -> None:
    short = next(one for one in changed if not one.may_overdraw and one.spendable + one.added < one.added_held)
    raise NOT_ENOUGH.get(short.unit, NotEnoughStock)(spendable=short.spendable)
