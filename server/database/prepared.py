"""Prepared queries, whose SQL is built once: building it takes half of Tortoise's time for a row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from server.database import db

M = TypeVar("M", bound=Model)
Value = int | str | datetime

# Values that no caller uses, to find the place of each argument in the SQL that Tortoise builds.
_FIRST_INT = 7_123_456_789_012_345
_FIRST_MOMENT = datetime(1971, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)


@dataclass(frozen=True)
class _Made:
    """The SQL and its values: each is the number of an argument, or None and a constant."""

    sql: str
    values: tuple[tuple[int | None, Any], ...]
    model: type[Model]
    related: Any  # Tortoise's index of the related models' columns in a row

    def filled(self, arguments: tuple[Value, ...]) -> list[Any]:
        return [value if which is None else db.to_database(arguments[which]) for which, value in self.values]


def sql_of(query: QuerySet[Any]) -> tuple[str, list[Any]]:
    """Return the SQL that awaiting the query would execute, and its values."""
    query._db = db.connection()
    query._make_query()
    sql, values = query.query.get_parameterized_sql()
    return sql, values


class Prepared(Generic[M]):
    """A query with arguments. `build` makes it from values that it passes on unchanged, as filters.

    Each argument is an integer, a text or a moment, and always of the same type. Everything else in the query is
    constant.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._made: dict[str, _Made] = {}

    async def all(self, *arguments: Value) -> list[M]:
        """Return all objects that the query finds."""
        made = self._made.get(db.dialect()) or self._make(arguments)
        client = db.connection()
        executor = client.executor_class(model=made.model, db=client, select_related_idx=made.related)
        found: list[M] = await executor.execute_select(made.sql, made.filled(arguments), custom_fields=[])
        return found

    async def first(self, *arguments: Value) -> M | None:
        """Return the first object that the query finds."""
        found = await self.all(*arguments)
        return found[0] if found else None

    def _make(self, arguments: tuple[Value, ...]) -> _Made:
        marks = [_mark(number, value) for number, value in enumerate(arguments)]
        query = self._build(*marks)
        sql, values = sql_of(query)
        stored = [db.to_database(mark) for mark in marks]
        places = [(stored.index(value), None) if value in stored else (None, value) for value in values]
        assert {which for which, _ in places if which is not None} == set(range(len(marks))), "an argument was lost"
        self._made[db.dialect()] = made = _Made(sql, tuple(places), query.model, query._select_related_idx)
        return made


def _mark(number: int, value: Value) -> Value:
    if isinstance(value, datetime):
        return _FIRST_MOMENT + timedelta(days=number)
    return _FIRST_INT + number if isinstance(value, int) else f"mark-{number}"
