"""Pages of lists, by keys: a page begins behind the last row of the one before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

# By when a list is sorted, of the last row of a page, and that row's id.
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for: so many rows below a place, or from the top."""

    after: Place | None = None
    limit: int = 20


def older(column: str, place: Place | None) -> Q:
    """The condition that a row stands below a place in a list, newest first; without one, all do."""
    return _behind(column, "lt", place)


def later(column: str, place: Place | None) -> Q:
    """The condition that a row stands below a place in a list, oldest first; without one, all do."""
    return _behind(column, "gt", place)


def _behind(column: str, than: str, place: Place | None) -> Q:
    if place is None:
        return Q()
    at, last = place
    elsewhen: dict[str, Any] = {f"{column}__{than}": at}
    same_time: dict[str, Any] = {column: at, f"id__{than}": last}
    return Q(**elsewhen) | Q(**same_time)
