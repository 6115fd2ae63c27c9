"""Conditions of our own SQL, with `?` for each value, and the rows that meet one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from server.database import db


@dataclass(frozen=True)
class Condition:
    """A condition on a row, and its values in the order of its `?`."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        if ALWAYS in (self, other):
            return other if self == ALWAYS else self
        return Condition(f"{self.sql} AND {other.sql}", self.values + other.values)

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.sql} OR {other.sql})", self.values + other.values)


ALWAYS, NEVER = Condition("1 = 1"), Condition("1 = 0")


def where(sql: str, *values: Any) -> Condition:
    """Return the condition of this SQL, with the values of its `?`."""
    return Condition(sql, values)


def among(column: str, values: Iterable[Any]) -> Condition:
    """Return the condition that the column has one of the values."""
    chosen = tuple(values)
    return Condition(f"{column} IN ({', '.join('?' * len(chosen))})", chosen) if chosen else NEVER


async def select(
    columns: str,
    source: str,
    condition: Condition,
    end: str = "",
    *,
    first: Iterable[Any] = (),
    last: Iterable[Any] = (),
) -> Sequence[dict[str, Any]]:
    """Return the rows that meet the condition. `first` and `last` are the values of the columns and of the end."""
    statement = f"SELECT {columns} FROM {source} WHERE {condition.sql} {end}"  # noqa: S608 - names of ours
    return (await db.execute(statement, [*first, *condition.values, *last]))[1]
