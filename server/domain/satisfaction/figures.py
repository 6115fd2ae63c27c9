"""Stations' satisfaction figures, always with the response rate, and comments without names.

A rating counts for the station that resolved the need, on the day it resolved it. Below the policy
`min_ratings_for_average` no average, tag or comment is shown, because it could be traced to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tortoise.expressions import Q, Subquery
from tortoise.functions import Count

from server.database import db
from server.domain import policies, reference
from server.domain.satisfaction.averages import (
    COLUMNS,
    TAG_PATTERNS,
    RatingAverages,
    compute_averages,
    list_stations,
    percent,
)
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.models import NeedEvent, Rating, Station

DEFAULT_DAYS = 365


@dataclass(frozen=True)
class TimeSpan:
    """A span of time from `start` to `end`, without `end` itself."""

    start: datetime
    end: datetime


def span_of_days(first: date | None, last: date | None, now: datetime) -> TimeSpan:
    """Return the span of whole days in Shanghai, both included; the default is the year until today."""
    last = last or now.astimezone(SHANGHAI).date()
    first = first or last - timedelta(days=DEFAULT_DAYS)
    return TimeSpan(_midnight(first), _midnight(last + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True)
class StationFigures:
    """A station's figures; `averages` is None below `min_ratings` ratings."""

    station: Station
    resolved: int
    rated: int
    ratings: int
    min_ratings: int
    averages: RatingAverages | None

    @property
    def response_percent(self) -> int | None:
        return percent(self.rated, self.resolved)


async def list_figures(
    span: TimeSpan, *, station_id: int | None, after: int, limit: int, by: Staff
) -> list[StationFigures]:
    """Return the figures of a page of the caller's stations; see `averages.list_stations`."""
    stations = await list_stations(by, station_id=station_id, after=after, limit=limit)
    resolved = await _count_resolved([station.id for station in stations], span)
    rows = await _count_ratings([station.id for station in stations], span)
    least = await policies.number_at("min_ratings_for_average", stations)
    return [
        _figures(station, resolved.get(station.id, 0), rows.get(station.id, {}), least[station.id])
        for station in stations
    ]


async def _count_resolved(station_ids: Sequence[int], span: TimeSpan) -> dict[int, int]:
    """Return the number of needs each station resolved; a need resolved twice counts once."""
    found = NeedEvent.filter(station_id__in=list(station_ids), kind="resolved", at__gte=span.start, at__lt=span.end)
    counted = found.annotate(number=Count("need_id", distinct=True)).group_by("station_id")
    return {row["station_id"]: row["number"] for row in await counted.values("station_id", "number")}


# One row per station.
RATINGS = """
    SELECT r.station_id, COUNT(*) ratings, COUNT(DISTINCT r.need_id) rated, {columns}
    FROM rating r
    WHERE r.station_id IN ({stations}) AND EXISTS (
        SELECT 1 FROM need_event e
        WHERE e.need_id = r.need_id AND e.station_id = r.station_id AND e.kind = 'resolved' AND e.at >= ? AND e.at < ?
    )
    GROUP BY r.station_id
"""


async def _count_ratings(station_ids: Sequence[int], span: TimeSpan) -> dict[int, dict[str, int]]:
    statement = RATINGS.format(columns=COLUMNS, stations=db.placeholders(station_ids) or "0")
    _, rows = await db.execute(statement, [*TAG_PATTERNS, *station_ids, span.start, span.end])
    return {row["station_id"]: {name: int(row[name]) for name in dict(row) if name != "station_id"} for row in rows}


def _figures(station: Station, resolved: int, row: dict[str, int], least: int) -> StationFigures:
    return StationFigures(
        station=station,
        resolved=resolved,
        rated=row.get("rated", 0),
        ratings=row.get("ratings", 0),
        min_ratings=least,
        averages=compute_averages(row, least),
    )


async def list_comments(span: TimeSpan, *, station_id: int, after: int, limit: int, by: Staff) -> list[Rating]:
    """Return a page of ratings with comments, newest first, after the rating `after`.

    Confidential needs are left out; below `min_ratings` ratings the list is empty.
    """
    [of_station] = await list_figures(span, station_id=station_id, after=0, limit=1, by=by)
    if of_station.averages is None:
        return []
    served = NeedEvent.filter(station_id=station_id, kind="resolved", at__gte=span.start, at__lt=span.end).values(
        "need_id"
    )
    public = [one.id for one in (await reference.snapshot()).categories.values() if not one.confidential]
    found = Rating.filter(
        station_id=station_id, need_id__in=Subquery(served), need__category_id__in=public or [0]
    ).exclude(comment="")
    last = await Rating.get_or_none(id=after)
    if last is not None:
        found = found.filter(Q(rated_at__lt=last.rated_at) | Q(rated_at=last.rated_at, id__lt=last.id))
    return await found.order_by("-rated_at", "-id").limit(limit)
