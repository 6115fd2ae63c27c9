"""Statements that travel to the database together.

Each round trip that a transaction saves is time during which others need not wait for its locks.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from server.database.connection import connection, dialect
from server.database.statements import to_database
from server.database.transactions import require_transaction


class Statement(NamedTuple):
    """A statement with `?` for each value, and the values as the database stores them."""

    text: str
    values: Sequence[Any]


def statement(text: str, *values: Any) -> Statement:
    """Return a statement that is not sent yet."""
    return Statement(text, [to_database(value) for value in values])


async def execute_together(statements: Sequence[Statement]) -> Sequence[dict[str, Any]]:
    """Execute the statements of a transaction in one round trip. Return the rows that the last one finds.

    After a statement that fails, the others are not executed.
    """
    require_transaction()
    if dialect() == "sqlite":  # it takes one statement at a time, and makes no trips
        found = [await connection().execute_query(text, list(values)) for text, values in statements]
        return found[-1][1]
    texts, values = zip(*statements, strict=True)
    return (await connection().execute_query(_joined(texts), [value for some in values for value in some]))[1]


@lru_cache(maxsize=200)
def _joined(texts: tuple[str, ...]) -> str:
    return "; ".join(texts).replace("?", "%s")
