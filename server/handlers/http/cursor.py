"""Places in a list, as opaque text: the last row's sort value and id."""

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
    """The place a cursor names; BadInput for one we never gave."""
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
    """The cursor behind a full page; None behind the last one."""
    if len(rows) < limit:
        return None
    at, last = place(rows[-1])
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), last]).encode()).decode()
