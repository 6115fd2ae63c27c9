"""Statements that travel to the database together, and rows as objects, without Tortoise's query builder.

Each round trip that a transaction saves is time during which others need not wait for its locks.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from tortoise.fields import Field
from tortoise.models import Model

from server.database.connection import connection, dialect
from server.database.statements import placeholders, to_database
from server.database.transactions import require_transaction

M = TypeVar("M", bound=Model)


class Statement(NamedTuple):
    """A statement with `?` for each value, and the values as the database stores them."""

    text: str
    values: Sequence[Any]


def statement(text: str, *values: Any) -> Statement:
    """Return a statement that is not sent yet."""
    return Statement(text, [to_database(value) for value in values])


def insert_statement(rows: Sequence[Model]) -> Statement:
    """Return the statement that inserts these new objects of one model; other objects may then refer to them."""
    model = type(rows[0])
    for row in rows:
        row._saved_in_db = True  # noqa: SLF001 - as Tortoise does
    values = [to_db(getattr(row, name), row) for row in rows for name, _, to_db in _columns(model)]
    return Statement(_insert_text(model, len(rows)), values)


@cache
def _columns(model: type[Model]) -> list[tuple[str, str, Callable[[Any, Any], Any]]]:
    """Return the attribute, the column and the converter of each column."""
    meta = model._meta  # noqa: SLF001 - Tortoise's own way to a model's columns
    return [(name, column, meta.fields_map[name].to_db_value) for name, column in meta.fields_db_projection.items()]


@lru_cache(maxsize=200)
def _insert_text(model: type[Model], count: int) -> str:
    columns = [column for _, column, _ in _columns(model)]
    row = f"({placeholders(columns)})"
    table = model._meta.db_table  # noqa: SLF001 - Tortoise's own way to a model's table
    return f"INSERT INTO {table} ({_names(columns)}) VALUES {', '.join([row] * count)}"  # noqa: S608 - names of ours


def update_statement(model: type[Model], row_id: int, **columns: Any) -> Statement:
    """Return the statement that changes the columns of one row."""
    fields = model._meta.fields_map  # noqa: SLF001 - Tortoise's own way to a model's columns
    values = [fields[name].to_db_value(value, model) for name, value in columns.items()]
    return Statement(_update_text(model, tuple(columns)), [*values, row_id])


@lru_cache(maxsize=200)
def _update_text(model: type[Model], columns: tuple[str, ...]) -> str:
    table = model._meta.db_table  # noqa: SLF001 - Tortoise's own way to a model's table
    return f"UPDATE {table} SET {', '.join(f'`{one}` = ?' for one in columns)} WHERE id = ?"  # noqa: S608 - names of ours


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


def from_row(model: type[M], row: Mapping[str, Any], prefix: str = "") -> M:
    """Return the object of a row with the columns whose names begin with the prefix.

    A column that was not read is missing from the object, so that nobody takes a default for it. What is no column of
    the model becomes an attribute as it is.
    """
    found = model.__new__(model)
    attributes = vars(found)
    attributes |= {"_partial": True, "_saved_in_db": True, "_custom_generated_pk": True, "_await_when_save": {}}
    for column, name, read in _readers(model, tuple(row.keys()), prefix):
        attributes[name] = row[column] if read is None else read(row[column])
    return found


@lru_cache(maxsize=200)
def _readers(
    model: type[Model], columns: tuple[str, ...], prefix: str
) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    fields = model._meta.fields_map  # noqa: SLF001 - Tortoise's own way to a model's columns
    named = [(column, column.removeprefix(prefix)) for column in columns if column.startswith(prefix)]
    return [(column, name, _reader(fields.get(name))) for column, name in named if "." not in name]


def _reader(field: Field[Any] | None) -> Callable[[Any], Any] | None:
    """Return how to read a value of the field; None if the database's value is right."""
    if field is None or (field.field_type in {int, str} and type(field).to_python_value is Field.to_python_value):
        return None
    return field.to_python_value


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
