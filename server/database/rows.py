"""Rows of a model by SQL of our own: Tortoise needs longer to write an INSERT than the database to do it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
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


def new(model: type[M], **columns: Any) -> M:
    """Return a new object with these columns and the defaults of others. A column with neither is missing from it.

    Tortoise's constructor takes as long as the INSERT.
    """
    made = model.__new__(model)
    attributes = vars(made)
    attributes.update(_partial=False, _saved_in_db=False, _custom_generated_pk=True, _await_when_save={})
    for name, default in _defaults(model).items():
        if name in columns:
            attributes[name] = columns[name]
        elif default is not _REQUIRED:
            attributes[name] = _value(default)
    return made


def insert_statement(objects: Sequence[Model]) -> db.Statement:
    """Return the statement that inserts these new objects of one model; other objects may then refer to them."""
    model = type(objects[0])
    for one in objects:
        one._saved_in_db = True  # noqa: SLF001 - as Tortoise does
    values = [to_db(getattr(one, name), one) for one in objects for name, to_db in _converters(model)]
    return db.Statement(_insert_text(model, len(objects)), values)


@cache
def _converters(model: type[Model]) -> list[tuple[str, Callable[[Any, Any], Any]]]:
    meta = model._meta  # noqa: SLF001 - Tortoise's own way to a model's columns
    return [(name, meta.fields_map[name].to_db_value) for name in meta.fields_db_projection]


@lru_cache(maxsize=200)
def _insert_text(model: type[Model], count: int) -> str:
    columns = [f"`{name}`" for name, _ in _converters(model)]
    row = f"({db.placeholders(columns)})"
    table = model._meta.db_table  # noqa: SLF001 - Tortoise's own way to a model's table
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - names of ours


def update_statement(model: type[Model], row_id: int, **columns: Any) -> db.Statement:
    """Return the statement that changes the columns of one row."""
    fields_map = model._meta.fields_map  # noqa: SLF001 - Tortoise's own way to a model's columns
    values = [fields_map[name].to_db_value(value, model) for name, value in columns.items()]
    return db.Statement(_update_text(model, tuple(columns)), [*values, row_id])


@lru_cache(maxsize=200)
def _update_text(model: type[Model], columns: tuple[str, ...]) -> str:
    table = model._meta.db_table  # noqa: SLF001 - Tortoise's own way to a model's table
    return f"UPDATE {table} SET {', '.join(f'`{one}` = ?' for one in columns)} WHERE id = ?"  # noqa: S608 - names of ours


def of(model: type[M], row: Mapping[str, Any], prefix: str = "") -> M:
    """Return the object of a row with the columns whose names begin with the prefix.

    A column that was not read is missing from the object, so that nobody takes a default for it. What is no column of
    the model becomes an attribute as it is.
    """
    found = model.__new__(model)
    vars(found).update(_partial=True, _saved_in_db=True, _custom_generated_pk=True, _await_when_save={})
    return fill(found, row, prefix)


def fill(found: M, row: Mapping[str, Any], prefix: str = "") -> M:
    """Give the object the columns of a row, as `of`. Return the object."""
    attributes = vars(found)
    for column, name, read in _readers(type(found), tuple(row.keys()), prefix):
        attributes[name] = row[column] if read is None else read(row[column])
    return found


@lru_cache(maxsize=500)
def _readers(
    model: type[Model], columns: tuple[str, ...], prefix: str
) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    known = model._meta.fields_map  # noqa: SLF001 - Tortoise's own way to a model's columns
    named = [(column, column.removeprefix(prefix)) for column in columns if column.startswith(prefix)]
    return [(column, name, _reader(known.get(name))) for column, name in named if "." not in name]


def _reader(field: fields.Field[Any] | None) -> Callable[[Any], Any] | None:
    """Return how to read a value of the field; None if the database's value is right."""
    if field is None or (
        field.field_type in {int, str} and type(field).to_python_value is fields.Field.to_python_value
    ):
        return None
    return field.to_python_value


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
