"""Count ratings, and compute averages where there are enough of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain import reference
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Station
from server.models.satisfaction import RatingTag

STARS = range(1, 6)
# Columns over a table of ratings with the alias `r`. SUM of a comparison counts the rows for which it is true.
COLUMNS = ", ".join(
    [f"SUM(r.stars = {stars}) stars_{stars}" for stars in STARS]
    + [f"SUM(r.tags LIKE ?) tag_{tag}" for tag in RatingTag]
)
TAG_PATTERNS = [f'%"{tag}"%' for tag in RatingTag]


@dataclass(frozen=True)
class RatingAverages:
    """Average, number of ratings for 1 to 5 stars, and tags with their counts, most frequent first."""

    average: float
    distribution: list[int]
    tags: list[tuple[RatingTag, int]]


def compute_averages(row: Mapping[str, int], least: int) -> RatingAverages | None:
    """Return the averages of a row of counted ratings; None if there are fewer than `least` ratings."""
    if row.get("ratings", 0) < least:
        return None
    distribution = [row[f"stars_{stars}"] for stars in STARS]
    total = sum(stars * count for stars, count in zip(STARS, distribution, strict=True))
    tags = [(tag, row[f"tag_{tag}"]) for tag in RatingTag if row[f"tag_{tag}"]]
    return RatingAverages(
        average=round(total / row["ratings"], 1),
        distribution=distribution,
        tags=sorted(tags, key=lambda counted: -counted[1]),
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
