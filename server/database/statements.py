"""SQL statements of our own, with `?` for each value, for both dialects."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from server.database.connection import connection, dialect
from server.database.errors import duplicate
from server.database.transactions import require_transaction


async def execute(statement: str, values: Iterable[Any] = ()) -> tuple[int, Sequence[dict[str, Any]]]:
    """Execute a statement. Return how many rows it changed, and the rows it found."""
    count, rows = await connection().execute_query(_in_dialect(statement), [to_database(value) for value in values])
    return count, rows


async def insert_new(table: str, **values: Any) -> int | None:
    """Insert a row and return its id, or None if a unique key is taken. Then only this statement is rolled back."""
    columns = ", ".join(values)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({placeholders(values)})"  # noqa: S608 - names of ours
    try:
        row_id: int = await connection().execute_insert(
            _in_dialect(statement), [to_database(value) for value in values.values()]
        )
    except IntegrityError as error:
        if not duplicate(error):
            raise
        return None
    return row_id


async def insert_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert several rows by one statement. Return how many."""
    if not rows:
        return 0
    row = f"({placeholders(columns)})"
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * len(rows))}"  # noqa: S608
    return (await execute(statement, [value for row in rows for value in row]))[0]


async def insert_or_nothing(table: str, **values: Any) -> bool:
    """Insert a row unless its unique key is taken. Return whether it was inserted.

    Waits if another transaction is inserting the same key.
    """
    names, row = ", ".join(values), placeholders(values)
    statement = f"INSERT INTO {table} ({names}) VALUES ({row}) {unless_taken(table, next(iter(values)))}"  # noqa: S608
    count, _ = await execute(statement, values.values())
    return bool(count)


def unless_taken(table: str, column: str) -> str:
    """Return the end of an INSERT that skips each row whose unique key is taken; `column` is any of the row."""
    if dialect() == "sqlite":
        return "ON CONFLICT DO NOTHING"
    # INSERT IGNORE would ignore more than duplicates, and warn of each.
    return f"ON DUPLICATE KEY UPDATE {column} = {table}.{column}"


async def insert_or_update(table: str, key: Mapping[str, Any], **values: Any) -> None:
    """Insert a row, or give the row with this unique key the values."""
    require_transaction()
    row = {**key, **values}
    columns, sets = ", ".join(row), ", ".join(f"{name} = ?" for name in values)
    taken = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET" if dialect() == "sqlite" else "ON DUPLICATE KEY UPDATE"
    statement = f"INSERT INTO {table} ({columns}) VALUES ({placeholders(row)}) {taken} {sets}"  # noqa: S608 - names of ours
    await execute(statement, [*row.values(), *values.values()])


async def lock_shared(table: str, ids: Iterable[int]) -> None:
    """Lock rows in share mode until the transaction ends: nobody changes them, and others may share them."""
    require_transaction()
    if dialect() == "sqlite":  # SQLite has one writer at a time
        return
    wanted = sorted(set(ids))
    found = f"SELECT id FROM {table} WHERE id IN ({placeholders(wanted)}) ORDER BY id"  # noqa: S608 - a name of ours
    await execute(f"{found} LOCK IN SHARE MODE", wanted)


def placeholders(values: Collection[Any]) -> str:
    """Return as many `?` as there are values."""
    return ", ".join("?" * len(values))


def for_update() -> str:
    """Return the end of a SELECT that locks its rows; empty on SQLite, where a transaction locks everything."""
    return "" if dialect() == "sqlite" else " FOR UPDATE"


def to_database(value: Any) -> Any:
    """Convert a moment to the database's form, UTC without offset. Other values stay as they are."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def from_database(value: Any) -> datetime:
    """Convert the moment of a row, which is UTC without offset, and a text on SQLite."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _in_dialect(statement: str) -> str:
    return statement if dialect() == "sqlite" else statement.replace("?", "%s")
