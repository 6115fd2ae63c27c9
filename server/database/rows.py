"""Rows of a model by SQL of our own: Tortoise needs longer to write an INSERT than the database to do it."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from tortoise import fields
from tortoise.models import Model

from server.database import db

M = TypeVar("M", bound=Model)
_REQUIRED = object()


async def insert(model: type[Model], *rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Insert rows by one statement. Return them with every column, defaults too, except a key the database numbers.

    The columns are those of the model: a new one is never forgotten.
    """
    whole = [_whole(model, row) for row in rows]
    if whole:
        table = model._meta.db_table  # noqa: SLF001 - Tortoise's own way to a model's table
        await db.insert_rows(table, list(whole[0]), [list(row.values()) for row in whole])
    return whole


def of(model: type[M], row: Mapping[str, Any]) -> M:
    """Return the object of a row that has every column of the model, and maybe others."""
    return model._init_from_db(**row)  # noqa: SLF001 - what Tortoise does with the rows that it found itself


def _whole(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    defaults = _defaults(model)
    assert row.keys() <= defaults.keys(), f"no such column: {row.keys() - defaults.keys()}"
    whole = {name: row[name] if name in row else _value(default) for name, default in defaults.items()}
    assert _REQUIRED not in whole.values(), f"a column of {model.__name__} has no value"
    return whole


def _value(default: Any) -> Any:
    return default() if callable(default) else default


@cache
def _defaults(model: type[Model]) -> dict[str, Any]:
    """Return the columns with their defaults; the database numbers a generated key."""
    meta = model._meta  # noqa: SLF001 - Tortoise's own way to a model's columns
    columns = {name: meta.fields_map[name] for name in meta.fields_db_projection if not meta.fields_map[name].generated}
    # A value of these would have to be converted.
    assert not any(isinstance(field, fields.JSONField) for field in columns.values()), model
    return {
        name: _REQUIRED if field.default is None and not field.null else field.default
        for name, field in columns.items()
    }
