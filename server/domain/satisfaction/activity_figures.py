"""Figures of activities: bookings, attendance and no-shows in people, and ratings with their response rate.

Below the policy `min_ratings_for_average` no average is shown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tortoise.expressions import Q

from server.database import db
from server.domain import policies
from server.domain.satisfaction.averages import (
    COLUMNS,
    TAG_PATTERNS,
    RatingAverages,
    compute_averages,
    list_stations,
    percent,
)
from server.domain.satisfaction.figures import TimeSpan
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Activity, ActivityRating, Station


@dataclass(frozen=True)
class ActivityCounts:
    """Numbers of people, except where a comment says otherwise.

    `booked`: had a seat at the start. `waitlisted`: were ever on the waiting list. `eligible_raters`: attended with an
    account of their own and did not organise it. `volunteer_minutes`: approved, or claimed and not yet decided.
    """

    held: int = 0  # activities
    cancelled: int = 0  # activities that had been published
    seats: int = 0
    booked: int = 0
    waitlisted: int = 0
    attended: int = 0
    no_shows: int = 0
    late_cancellations: int = 0
    volunteers: int = 0
    volunteer_minutes: int = 0
    eligible_raters: int = 0
    ratings: int = 0


@dataclass(frozen=True)
class ActivityFigures:
    """Figures of an activity or a station; `averages` is None below `min_ratings` ratings."""

    counts: ActivityCounts
    min_ratings: int
    averages: RatingAverages | None

    @property
    def fill_percent(self) -> int | None:
        return percent(self.counts.booked, self.counts.seats)

    @property
    def no_show_percent(self) -> int | None:
        return percent(self.counts.no_shows, self.counts.booked)

    @property
    def response_percent(self) -> int | None:
        return percent(self.counts.ratings, self.counts.eligible_raters)


# One row per activity or station. SUM of a comparison counts the rows for which it is true.
ACTIVITIES = """
    SELECT a.station_id subject, SUM(a.status = 'finished') held,
        SUM(a.status = 'cancelled' AND a.published_at IS NOT NULL) cancelled,
        SUM(CASE WHEN a.status = 'finished' THEN a.seats ELSE 0 END) seats
    FROM activity a WHERE {which} GROUP BY a.station_id
"""
BOOKINGS = """
    SELECT {subject} subject,
        SUM(CASE WHEN b.status IN ('booked', 'attended', 'no_show') THEN b.size ELSE 0 END) booked,
        SUM(CASE WHEN b.seated_at IS NULL OR b.seated_at > b.booked_at THEN b.size ELSE 0 END) waitlisted,
        SUM(CASE WHEN b.status = 'no_show' THEN b.size ELSE 0 END) no_shows,
        SUM(CASE WHEN b.status = 'cancelled' AND b.late AND b.seated_at IS NOT NULL THEN b.size ELSE 0 END)
            late_cancellations
    FROM activity a JOIN booking b ON b.activity_id = a.id
    WHERE {which} AND b.post_id IS NULL GROUP BY {subject}
"""
ATTENDEES = """
    SELECT {subject} subject, SUM(b.post_id IS NULL) attended, SUM(b.post_id IS NOT NULL) volunteers,
        SUM(CASE WHEN s.counts = 1 THEN s.minutes ELSE 0 END) volunteer_minutes,
        SUM(b.post_id IS NULL AND t.person_id IS NOT NULL AND t.person_id <> a.created_by_id
            AND t.person_id <> COALESCE(a.published_by_id, 0)) eligible_raters
    FROM activity a
    JOIN attendee t ON t.activity_id = a.id AND t.current = 1 AND t.checked_in_at IS NOT NULL
    JOIN booking b ON b.id = t.booking_id
    LEFT JOIN service_record s ON s.id = t.service_record_id
    WHERE {which} GROUP BY {subject}
"""
RATINGS = """
    SELECT {subject} subject, COUNT(*) ratings, {columns}
    FROM activity a JOIN activity_rating r ON r.activity_id = a.id
    WHERE {which} GROUP BY {subject}
"""

# For each activity or station: the counts by name.
Rows = dict[int, dict[str, int]]


async def get_for_activity(activity_id: int, *, by: Staff) -> ActivityFigures:
    """Return the figures of an activity of the caller's stations or counties. Raises `NotFound` for others."""
    return await _get_figures(await _get_activity(activity_id, by))


async def _get_activity(activity_id: int, by: Staff) -> Activity:
    activity = await Activity.filter(by.of_stations(), id=activity_id).first()
    if activity is None:
        raise NotFound
    return activity


async def get_public(activity_id: int) -> ActivityFigures:
    """Return the figures of a public activity. Raises `NotFound` for others."""
    activity = await Activity.get_or_none(id=activity_id, listed=1)
    if activity is None:
        raise NotFound
    return await _get_figures(activity)


async def _get_figures(activity: Activity) -> ActivityFigures:
    rows = await _count("a.id", "a.id = ?", [activity.id])
    least = await policies.number("min_ratings_for_average", station_id=activity.station_id)
    return _figures(rows[activity.id] | {"seats": activity.seats}, least)


async def list_for_stations(
    span: TimeSpan, *, station_id: int | None, after: int, limit: int, by: Staff
) -> list[tuple[Station, ActivityFigures]]:
    """Return the figures of finished activities that began in the span, for a page of the caller's stations."""
    stations = await list_stations(by, station_id=station_id, after=after, limit=limit)
    if not stations:
        return []
    rows = await _count_by_station([station.id for station in stations], span)
    least = await policies.number_at("min_ratings_for_average", stations)
    return [(station, _figures(rows[station.id], least[station.id])) for station in stations]


async def _count_by_station(station_ids: Sequence[int], span: TimeSpan) -> Rows:
    which = f"a.station_id IN ({db.placeholders(station_ids)}) AND a.starts_at >= ? AND a.starts_at < ?"
    values = [*station_ids, span.start, span.end]
    rows = await _count("a.station_id", f"{which} AND a.status = 'finished'", values)
    return await _add(rows, ACTIVITIES.format(which=which), values)


async def _count(subject: str, which: str, values: Sequence[Any]) -> Rows:
    rows: Rows = defaultdict(dict)
    for statement in (BOOKINGS, ATTENDEES):
        await _add(rows, statement.format(subject=subject, which=which), values)
    ratings = RATINGS.format(subject=subject, which=which, columns=COLUMNS)
    return await _add(rows, ratings, [*TAG_PATTERNS, *values])


async def _add(rows: Rows, statement: str, values: Sequence[Any]) -> Rows:
    for found in (await db.execute(statement, values))[1]:
        row = dict(found)
        rows[row.pop("subject")] |= {name: int(value) for name, value in row.items()}
    return rows


def _figures(row: Mapping[str, int], least: int) -> ActivityFigures:
    counts = ActivityCounts(**{field.name: row.get(field.name, 0) for field in fields(ActivityCounts)})
    return ActivityFigures(counts, least, compute_averages(row, least))


async def list_comments(activity_id: int, *, after: int, limit: int, by: Staff) -> list[ActivityRating]:
    """Return a page of ratings with comments, newest first, after the rating `after`.

    Below `min_ratings_for_average` (a policy) the list is empty. Raises `NotFound` for other stations' activities.
    """
    activity = await _get_activity(activity_id, by)
    least = await policies.number("min_ratings_for_average", station_id=activity.station_id)
    if await ActivityRating.filter(activity_id=activity.id).count() < least:
        return []
    # The position is an id only: the moment of a rating could show whose it is.
    found = ActivityRating.filter(activity_id=activity.id).exclude(comment="")
    last = await ActivityRating.get_or_none(id=after, activity_id=activity.id)
    if last is not None:
        found = found.filter(Q(rated_at__lt=last.rated_at) | Q(rated_at=last.rated_at, id__lt=last.id))
    return await found.order_by("-rated_at", "-id").limit(limit)
