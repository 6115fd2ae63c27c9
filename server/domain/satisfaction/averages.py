"""Count ratings, and compute averages where there are enough of them.

A figure is kept as it was counted and never computed again. Whether its averages are shown is decided once, by
`is_safe`: from two figures that are shown, nobody may learn one of fewer ratings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.domain import reference
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Station
from server.models.satisfaction import FigureColumns, RatingTag, Solved

STARS = range(1, 6)
# Columns over a table of ratings with the alias `r`. SUM of a comparison counts the rows for which it is true.
COLUMNS = ", ".join(
    ["COUNT(*) ratings"]
    + [f"SUM(r.stars = {stars}) stars_{stars}" for stars in STARS]
    + [f"SUM(r.tags LIKE ?) tag_{tag}" for tag in RatingTag]
)
TAG_PATTERNS = [f'%"{tag}"%' for tag in RatingTag]


@dataclass(frozen=True)
class Counted:
    """Numbers of `finished` needs or activities, of `asked` and `rated` ones for the response rate, and of ratings.

    `raters` are the ids of the people who gave the ratings. Of needs also how many responses were `due` and given
    `in_time`, and how many ratings say that the need was solved, partly or not (`solved`).
    """

    finished: int = 0
    asked: int = 0
    rated: int = 0
    ratings: int = 0
    raters: frozenset[int] = frozenset()
    distribution: tuple[int, ...] = (0,) * len(STARS)
    tags: Mapping[str, int] = field(default_factory=dict)
    due: int = 0
    in_time: int = 0
    solved: tuple[int, ...] = (0,) * len(Solved)

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            self.finished + other.finished,
            self.asked + other.asked,
            self.rated + other.rated,
            self.ratings + other.ratings,
            self.raters | other.raters,
            tuple(mine + theirs for mine, theirs in zip(self.distribution, other.distribution, strict=True)),
            {tag: self.tags.get(tag, 0) + other.tags.get(tag, 0) for tag in {*self.tags, *other.tags}},
            self.due + other.due,
            self.in_time + other.in_time,
            tuple(mine + theirs for mine, theirs in zip(self.solved, other.solved, strict=True)),
        )

    def columns(self, *, least: int, shown: bool, now: datetime) -> dict[str, Any]:
        """Return the columns of `FigureColumns`."""
        return {
            "ratings": self.ratings,
            "min_ratings": least,
            "shown": shown,
            "distribution": list(self.distribution),
            "tags": dict(self.tags),
            "fixed_at": now,
        }


NOTHING = Counted()


def counted(row: Mapping[str, Any], **others: Any) -> Counted:
    """Return a row of `COLUMNS` as what was counted."""
    return Counted(
        ratings=int(row["ratings"]),
        distribution=tuple(int(row[f"stars_{stars}"] or 0) for stars in STARS),
        tags={str(tag): number for tag in RatingTag if (number := int(row[f"tag_{tag}"] or 0))},
        **others,
    )


def is_safe(whole: Counted, rest: Counted, *, least: int) -> bool:
    """Return whether the averages of the whole may be shown beside those of its parts that are shown.

    `rest` is the whole without these parts, and follows from the two: it must be nothing, or of `least` people too.
    Five ratings of one person are those of one person.
    """
    return len(whole.raters) >= least and (not rest.raters or len(rest.raters) >= least)


@dataclass(frozen=True)
class RatingAverages:
    """Average, number of ratings for 1 to 5 stars, and tags with their counts, most frequent first."""

    average: float
    distribution: list[int]
    tags: list[tuple[RatingTag, int]]


def averages_of(figure: FigureColumns) -> RatingAverages | None:
    """Return the averages of a fixed figure; None if they are not shown."""
    if not figure.shown:
        return None
    total = sum(stars * count for stars, count in zip(STARS, figure.distribution, strict=True))
    tags = [(tag, figure.tags[tag]) for tag in RatingTag if figure.tags.get(tag)]
    return RatingAverages(
        average=round(total / figure.ratings, 1),
        distribution=list(figure.distribution),
        tags=sorted(tags, key=lambda one: -one[1]),
    )


def percent(part: int, whole: int) -> int | None:
    """Return the rounded percentage; None if the whole is 0."""
    return round(100 * part / whole) if whole else None


async def list_stations(by: Staff, *, station_id: int | None, after: int, limit: int) -> list[Station]:
    """Return a page of the caller's stations by id, after the id `after`.

    Raises `NotFound` for a `station_id` that is not the caller's.
    """
    theirs = by.station_ids | by.county_station_ids
    everything = (await reference.snapshot()).stations.values()
    found = [one for one in everything if (by.is_city or one.id in theirs) and station_id in {None, one.id}]
    if station_id is not None and not found and not after:
        raise NotFound
    return [one for one in found if one.id > after][:limit]
