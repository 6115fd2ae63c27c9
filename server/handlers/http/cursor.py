"""Cursors of pages: the last row's sort value and id as opaque text."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from server.errors import BadInput

T = TypeVar("T")
Place = tuple[datetime, int]


def after(cursor: str | None) -> Place | None:
    """Return the place that a cursor names. Raises `BadInput` for a malformed cursor."""
    if cursor is None:
        return None
    try:
        at, last = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        place = datetime.fromisoformat(at), int(last)
    except (ValueError, TypeError, binascii.Error, OverflowError):
        raise BadInput(fields=[{"field": "query.after", "problem": "请从第一页重新查看"}]) from None
    if place[0].tzinfo is None or not 0 < place[1] < 2**53:
        raise BadInput(fields=[{"field": "query.after", "problem": "请从第一页重新查看"}])
    return place


def following(rows: Sequence[T], limit: int, place: Callable[[T], Place]) -> str | None:
    """Return the cursor for the page after a full page, or None after the last page."""
    if len(rows) < limit:
        return None
    at, last = place(rows[-1])
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), last]).encode()).decode()
