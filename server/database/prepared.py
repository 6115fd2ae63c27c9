"""Queries whose SQL is made once: half of what Tortoise spends on a row it finds goes into saying what it looks for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from server.database import db

M = TypeVar("M", bound=Model)
Value = int | str | datetime

# Values nobody asks with, to find where each goes in what Tortoise made.
_FIRST_INT = 7_123_456_789_012_345
_FIRST_MOMENT = datetime(1971, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)


@dataclass(frozen=True)
class _Made:
    """The SQL, and for each of its values which argument it is, or, with None, the value itself."""

    sql: str
    values: tuple[tuple[int | None, Any], ...]
    model: type[Model]
    related: Any  # how Tortoise finds the related models' columns in a row

    def filled(self, arguments: tuple[Value, ...]) -> list[Any]:
        return [value if which is None else db.as_stored(arguments[which]) for which, value in self.values]


def sql_of(query: QuerySet[Any]) -> tuple[str, list[Any]]:
    """What awaiting the query would send, and with which values."""
    query._db = db.connection()
    query._make_query()
    sql, values = query.query.get_parameterized_sql()
    return sql, values


class Prepared(Generic[M]):
    """A query of the models with arguments: `build` makes it of values it passes on untouched, as filters.

    Each argument is a whole number, a text or a moment, and always of the same type; what is not an argument is
    part of the query for good.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        self._build = build
        self._made: dict[str, _Made] = {}

    async def all(self, *arguments: Value) -> list[M]:
        """What it finds."""
        made = self._made.get(db.dialect()) or self._make(arguments)
        link = db.connection()
        executor = link.executor_class(model=made.model, db=link, select_related_idx=made.related)
        found: list[M] = await executor.execute_select(made.sql, made.filled(arguments), custom_fields=[])
        return found

    async def first(self, *arguments: Value) -> M | None:
        """The first of what it finds."""
        found = await self.all(*arguments)
        return found[0] if found else None

    def _make(self, arguments: tuple[Value, ...]) -> _Made:
        marks = [_mark(number, value) for number, value in enumerate(arguments)]
        query = self._build(*marks)
        sql, values = sql_of(query)
        stored = [db.as_stored(mark) for mark in marks]
        places = [(stored.index(value), None) if value in stored else (None, value) for value in values]
        assert {which for which, _ in places if which is not None} == set(range(len(marks))), "an argument was lost"
        self._made[db.dialect()] = made = _Made(sql, tuple(places), query.model, query._select_related_idx)
        return made


def _mark(number: int, value: Value) -> Value:
    if isinstance(value, datetime):
        return _FIRST_MOMENT + timedelta(days=number)
    return _FIRST_INT + number if isinstance(value, int) else f"mark-{number}"
