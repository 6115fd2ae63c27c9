"""Pages of lists by keys: a page begins after the last row of the page before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

# The sort value of the last row of a page, and that row's id.
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Window:
    """The part of a list that a caller asks for: `limit` rows after a place, or from the start."""

    after: Place | None = None
    limit: int = 20


def older(column: str, place: Place | None) -> Q:
    """Return the condition for rows after a place in a list, newest first. Without a place, all rows match."""
    return _after_place(column, "lt", place)


def later(column: str, place: Place | None) -> Q:
    """Return the condition for rows after a place in a list, oldest first. Without a place, all rows match."""
    return _after_place(column, "gt", place)


def _after_place(column: str, than: str, place: Place | None) -> Q:
    if place is None:
        return Q()
    at, last = place
    other_time: dict[str, Any] = {f"{column}__{than}": at}
    same_time: dict[str, Any] = {column: at, f"id__{than}": last}
    return Q(**other_time) | Q(**same_time)
