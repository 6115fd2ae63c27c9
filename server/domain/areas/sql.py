"""Statements over whole editions, in SQL that SQLite, MariaDB and MySQL share.

Hundreds of thousands of rows are compared inside the database. Only what differs between the dialects is written here.
"""
# ruff: noqa: S608 - tables and columns are named in this package, never by a caller from outside

import re
from collections.abc import Iterable, Iterator
from typing import Any

from server.database import db

# Small enough that a statement stays far below the database's time limit.
CHUNK_ROWS = 20_000
_NAMED = re.compile(r":([a-z_][a-z0-9_]*)")


async def run(statement: str, **values: Any) -> int:
    """Execute a statement with its `:named` values. Returns how many rows it changed."""
    count, _ = await db.connection().execute_query(*_bound(statement, values))
    return count


async def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    """Return the rows of a query with `:named` values."""
    return await db.connection().execute_query_dict(*_bound(statement, values))


async def insert(table: str, columns: str, values: list[tuple[Any, ...]]) -> None:
    """Insert many rows with as few round trips as the driver needs."""
    marks = ", ".join([_mark()] * len(columns.split(",")))
    await db.connection().execute_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # type: ignore[arg-type]


async def update_from(table: str, changes: dict[str, str], source: str, on: str, **values: Any) -> int:
    """Update rows `t` of the table from the rows `s` of the query that they match `on`. Returns how many."""
    if db.dialect() == "sqlite":
        sets = ", ".join(f"{column} = {value}" for column, value in changes.items())
        return await run(f"UPDATE {table} AS t SET {sets} FROM ({source}) s WHERE {on}", **values)
    sets = ", ".join(f"t.{column} = {value}" for column, value in changes.items())
    # DISTINCT makes it read everything before it writes, as SQLite does: a source may read the same table.
    whole = f"SELECT DISTINCT * FROM ({source}) d"
    # STRAIGHT_JOIN: the optimizer's estimate of the source is so wrong that it would read the whole table.
    return await run(f"UPDATE ({whole}) s STRAIGHT_JOIN {table} t ON {on} SET {sets}", **values)


def joined(*texts: str) -> str:
    """Return the expression that concatenates texts."""
    return " || ".join(texts) if db.dialect() == "sqlite" else f"CONCAT({', '.join(texts)})"


def chunks(first: int, last: int, size: int = CHUNK_ROWS) -> Iterator[tuple[int, int]]:
    """Return the numbers from first to last in spans: (first, last) of each."""
    for start in range(first, last + 1, size):
        yield start, min(start + size - 1, last)


def batches(values: Iterable[Any], size: int = 500) -> Iterator[list[Any]]:
    """Return the values in lists short enough for one statement."""
    everything = list(values)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def listed(numbers: Iterable[int]) -> str:
    """Return numbers in the form used inside `IN (…)`. Only our own numbers, never a caller's text."""
    return ", ".join(str(int(number)) for number in numbers)


def _mark() -> str:
    return "?" if db.dialect() == "sqlite" else "%s"


def _bound(statement: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    names = _NAMED.findall(statement)
    return _NAMED.sub(_mark(), statement), [values[name] for name in names]
