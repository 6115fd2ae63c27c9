"""Pages of lists that show the newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

# When the last row of a page came to be, and its id.
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for: so many rows below a place, or from the top."""

    after: Place | None = None
    limit: int = 20


def older(column: str, place: Place | None) -> Q:
    """The condition that a row stands below a place in a list by the column; without one, all do."""
    if place is None:
        return Q()
    at, last = place
    earlier: dict[str, Any] = {f"{column}__lt": at}
    same_time: dict[str, Any] = {column: at, "id__lt": last}
    return Q(**earlier) | Q(**same_time)
