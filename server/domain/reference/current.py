"""Keep a snapshot of the set-up in memory that is right on every instance.

One row holds the number of the present set-up. Who changes the set-up replaces the number first, in the same
transaction. A request reads the number together with its session; if it is another one, the snapshot is read again. So
a request that begins after a change was answered sees the change, on every instance, without Redis.
"""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from server.database import db
from server.domain.reference import load
from server.domain.reference.load import NUMBER, ROW
from server.domain.reference.snapshot import Snapshot
from server.models import Area, AreaSuccessor, Station

R = TypeVar("R", bound=Sequence[Any])

NUMBER_BITS = 62
# Where the snapshot keeps the rows that a row refers to by a name. All other names are of areas.
KEPT = {"station": "stations", "appeal_station": "stations", "decider": "stations", "category": "categories"}

_kept: Snapshot | None = None
_outdated: Snapshot | None = None  # the last one, while a change leaves none
_changing: ContextVar["_Change | None"] = ContextVar("reference_changing", default=None)
_flights: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


@dataclass(frozen=True)
class _Change:
    """A change of the set-up by this task: the connection of its transaction, and the snapshot with the same areas."""

    connection: object
    areas_of: Snapshot | None


async def snapshot() -> Snapshot:
    """Return the snapshot that this process keeps. A request, a job and a transaction first ask whether it is right."""
    if (change := _changing.get()) is None:
        return _kept or await _load(None)
    if changes_here():
        return await load.load(change.areas_of)
    # The change has ended. Meanwhile another task may have read the set-up as it was before.
    _changing.set(None)
    return await refresh()


def kept() -> Snapshot | None:
    """Return the snapshot of this process, if it has one, for an answer that must not ask the database.

    During a change it is the one before it.
    """
    return _kept or _outdated


async def refresh() -> Snapshot:
    """Return the snapshot of the number that the database holds now."""
    return await ensure(await load.number())


async def ensure(number: int | None) -> Snapshot:
    """Return the snapshot of this number, which the caller has just read, or a later one."""
    if changes_here():
        return await snapshot()
    if _kept is not None and _kept.number == number:
        return _kept
    return await _load(number)


async def lock_shared() -> Snapshot:
    """Return the snapshot; the set-up then stays as it is until the transaction ends.

    Who relies on it takes this lock before any other one. Those who only rely on it do not wait for each other.
    """
    db.require_transaction()
    # On SQLite a transaction is the only writer anyway.
    lock = "" if db.dialect() == "sqlite" else " LOCK IN SHARE MODE"
    return await ensure(load.number_in((await db.execute(NUMBER + lock))[1]))


async def begin_change(*, areas: bool = False) -> None:
    """Announce a change of the set-up, first in its transaction: those who rely on the set-up wait until its end.

    `areas`: it changes the areas, or which of them are the city's. Other changes need not read them again meanwhile.
    Numbers are random. A number that counts would be given twice after a database lost its last changes.
    """
    await db.insert_or_update("reference_version", {"id": ROW}, number=secrets.randbits(NUMBER_BITS))
    global _outdated  # noqa: PLW0603 - the snapshot of the process
    _changing.set(_Change(db.connection(), None if areas else _kept))
    before = kept()
    forget()
    _outdated = before


def changes_here() -> bool:
    """Return whether this transaction changes the set-up. It alone sees its change, which may still be rolled back."""
    change = _changing.get()
    return change is not None and db.in_transaction() and change.connection is db.connection()


def forget() -> None:
    """Have the snapshot read again when it is needed next."""
    global _kept, _outdated  # noqa: PLW0603 - the one snapshot of the process
    _kept = _outdated = None


async def _load(number: int | None) -> Snapshot:
    """Read the snapshot, once for all who wait for it."""
    global _kept  # noqa: PLW0603 - the one snapshot of the process
    async with _flight():
        kept = _kept
        # Many callers wait here after a change; some of them know only the number before it.
        if kept is not None and (number in {None, kept.number} or kept.number == await load.number()):
            return kept
        _kept = found = await load.load()
        return found


def _flight() -> AbstractAsyncContextManager[None]:
    if db.dialect() == "sqlite" and db.in_transaction():
        # It holds the only connection, for which a reader outside of a transaction would wait.
        return nullcontext()
    return _flights.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def area(area_id: int | None) -> Area | None:
    """Return the area with this id, whether present or ended, and None for None."""
    return None if area_id is None else (await areas([area_id])).get(area_id)


async def areas(area_ids: Iterable[int]) -> dict[int, Area]:
    """Return the areas with these ids, by id. Only areas outside the city take a statement."""
    kept, wanted = (await snapshot()).areas, set(area_ids)
    found = {one: kept[one] for one in wanted if one in kept}
    if missing := sorted(wanted - found.keys()):
        found |= {one.id: one for one in await Area.filter(id__in=missing)}
    return found


async def attach(rows: R, *names: str) -> R:
    """Give the rows the stations, categories and areas that they refer to by these names; return the rows.

    It takes the place of `select_related`, and costs no statement.
    """
    for name in names:
        found = await _named(name, {_id(row, name) for row in rows} - {None})
        for row in rows:
            setattr(row, name, found.get(_id(row, name)))
    return rows


def _id(row: Any, name: str) -> Any:
    return getattr(row, f"{name}_id")


async def station(station_id: int | None) -> Station | None:
    """Return the station with this id as the set-up in memory has it, None for None. Nobody changes this row."""
    return None if station_id is None else (await _named("station", {station_id})).get(station_id)


async def _named(name: str, ids: set[int]) -> Mapping[int, Any]:
    if name not in KEPT:
        return await areas(ids)
    found: Mapping[int, Any] = getattr(await snapshot(), KEPT[name])
    # Another instance may have added a row after this request had begun.
    return found if ids <= found.keys() else getattr(await refresh(), KEPT[name])


async def within(area: Area) -> list[int]:
    """Return the ids of the area and of all areas below it. Only areas that are not of the city take a statement."""
    kept, ancestry = await snapshot(), f"{area.ancestry}{area.id}/"
    if kept.has_all_of(area):
        return [area.id, *(one.id for one in kept.areas.values() if one.ancestry.startswith(ancestry))]
    return [area.id, *[row[0] for row in await Area.filter(ancestry__startswith=ancestry).values_list("id")]]


async def successors(ended: Iterable[int]) -> set[int]:
    """Return the ids of the areas that directly replaced the ended ones."""
    kept, wanted = await snapshot(), set(ended)
    found = {one for area_id in wanted for one in kept.successors.get(area_id, ())}
    if missing := sorted(wanted - kept.areas.keys()):
        found |= {row.successor_id for row in await AreaSuccessor.filter(area_id__in=missing)}
    return found
