"""Statements over whole editions, in words SQLite, MariaDB and MySQL share.

Hundreds of thousands of rows are compared inside the database; only what differs between the dialects is written here.
"""
# ruff: noqa: S608 - tables and columns are named in this package, never by a caller from outside

import re
from collections.abc import Iterable, Iterator
from typing import Any

from server.database import db

# Small enough that a statement stays far below the database's limit of seconds for one.
CHUNK_ROWS = 20_000
_NAMED = re.compile(r":([a-z_][a-z0-9_]*)")


async def run(statement: str, **values: Any) -> int:
    """Carry out a statement with its `:named` values; returns how many rows it touched."""
    count, _ = await db.connection().execute_query(*_bound(statement, values))
    return count


async def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
    """The rows a query with `:named` values gives."""
    return await db.connection().execute_query_dict(*_bound(statement, values))


async def insert(table: str, columns: str, values: list[tuple[Any, ...]]) -> None:
    """Insert many rows with as few round trips as the driver needs."""
    marks = ", ".join([_mark()] * len(columns.split(",")))
    await db.connection().execute_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # type: ignore[arg-type]


async def update_from(table: str, changes: dict[str, str], source: str, on: str, **values: Any) -> int:
    """Update rows `t` of the table from the rows `s` of the query they match `on`; returns how many."""
    if db.dialect() == "sqlite":
        sets = ", ".join(f"{column} = {value}" for column, value in changes.items())
        return await run(f"UPDATE {table} AS t SET {sets} FROM ({source}) s WHERE {on}", **values)
    sets = ", ".join(f"t.{column} = {value}" for column, value in changes.items())
    # DISTINCT makes it read everything before it writes, as SQLite does, for a source may read the table itself.
    whole = f"SELECT DISTINCT * FROM ({source}) d"
    # In this order: its guess of how much the source finds is so wrong that it would read the whole table for it.
    return await run(f"UPDATE ({whole}) s STRAIGHT_JOIN {table} t ON {on} SET {sets}", **values)


def joined(*texts: str) -> str:
    """The expression that puts texts together."""
    return " || ".join(texts) if db.dialect() == "sqlite" else f"CONCAT({', '.join(texts)})"


def chunks(first: int, last: int, size: int = CHUNK_ROWS) -> Iterator[tuple[int, int]]:
    """The numbers from first to last in spans: (first, last) of each."""
    for start in range(first, last + 1, size):
        yield start, min(start + size - 1, last)


def batches(values: Iterable[Any], size: int = 500) -> Iterator[list[Any]]:
    """The values in lists short enough for one statement."""
    everything = list(values)
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


def listed(numbers: Iterable[int]) -> str:
    """Numbers of ours as they stand inside `IN (…)`."""
    return ", ".join(str(int(number)) for number in numbers)


def _mark() -> str:
    return "?" if db.dialect() == "sqlite" else "%s"


def _bound(statement: str, values: dict[str, Any]) -> tuple[str, list[Any]]:
    names = _NAMED.findall(statement)
    return _NAMED.sub(_mark(), statement), [values[name] for name in names]
