"""Cursors of pages: the last row's values of the sort columns, its id last, as opaque text."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from miniprogram_contract.base import YEARS
from server.errors import BadInput

T = TypeVar("T")
Place = tuple[datetime, int]


def moment(value: Any) -> datetime:
    """Read a value of a column of moments. Raises `ValueError` for one without an offset, or in an impossible year."""
    read = datetime.fromisoformat(value)
    if read.tzinfo is None or not YEARS[0] <= read.year <= YEARS[1]:
        raise ValueError(value)
    return read


def moment_or_none(value: Any) -> datetime | None:
    """Read a value of a column of moments that may be NULL."""
    return None if value is None else moment(value)


def number(value: Any) -> int:
    """Read an id or another number. Raises `ValueError` beyond what JavaScript can hold."""
    read = int(value)
    if not 0 <= read < 2**53:
        raise ValueError(value)
    return read


def after(cursor: str | None) -> Place | None:
    """Return the place that a cursor names. Raises `BadInput` for a malformed cursor."""
    place = after_values(cursor, (moment, number))
    return None if place is None else (place[0], place[1])


def after_values(cursor: str | None, read: Sequence[Callable[[Any], Any]]) -> tuple[Any, ...] | None:
    """Return the values that a cursor names, each read by its function. Raises `BadInput` for a malformed cursor."""
    if cursor is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return tuple(one(value) for one, value in zip(read, values, strict=True))
    except (ValueError, TypeError, binascii.Error, OverflowError):
        raise BadInput(fields=[{"field": "query.after", "problem": "请从第一页重新查看"}]) from None


def following(rows: Sequence[T], limit: int, place: Callable[[T], Sequence[Any]]) -> str | None:
    """Return the cursor for the page after a full page, or None after the last page."""
    if len(rows) < limit:
        return None
    values = [value.isoformat() if isinstance(value, datetime) else value for value in place(rows[-1])]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
