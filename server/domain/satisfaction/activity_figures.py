"""Figures of activities: bookings, attendance and no-shows in people, and ratings with their response rate.

Attendance is counted when it is read. The figures of ratings appear once, when no rating can change any more, so that
nobody learns whose rating came between two days. Below the policy `min_ratings_for_average` no average is shown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from server.database import db
from server.domain import job_queue, notifications, policies, staff
from server.domain.activities import rating_period
from server.domain.satisfaction import months
from server.domain.satisfaction.averages import (
    COLUMNS,
    TAG_PATTERNS,
    RatingAverages,
    averages_of,
    counted,
    list_stations,
    percent,
)
from server.domain.satisfaction.need_rating import LOW_STARS
from server.domain.satisfaction.notifications import ACTIVITY_RATED_LOW
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI, midnight
from server.errors import NotFound
from server.models import Activity, ActivityRating, ActivitySatisfaction, ActivityStatus, Station

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
    return TimeSpan(midnight(first), midnight(last + timedelta(days=1)))


@dataclass(frozen=True)
class ActivityCounts:
    """Numbers of people, except where a comment says otherwise.

    `booked`: had a seat at the start. `waitlisted`: were ever on the waiting list. `eligible_raters`: attended with an
    account of their own and did not organise it. `volunteer_minutes`: approved, or claimed and not yet decided.
    Nothing of it comes from ratings.
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


@dataclass(frozen=True)
class ActivityFigures:
    """Attendance of an activity or a station's activities."""

    counts: ActivityCounts

    @property
    def fill_percent(self) -> int | None:
        return percent(self.counts.booked, self.counts.seats)

    @property
    def no_show_percent(self) -> int | None:
        return percent(self.counts.no_shows, self.counts.booked)


@dataclass(frozen=True)
class ActivityRatings:
    """Figures of an activity's ratings, as they were fixed; `averages` is None below `min_ratings` ratings."""

    eligible_raters: int
    ratings: int
    min_ratings: int
    averages: RatingAverages | None

    @property
    def response_percent(self) -> int | None:
        return percent(self.ratings, self.eligible_raters)


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
RATINGS = f"SELECT {COLUMNS} FROM activity_rating r WHERE r.activity_id = ?"  # noqa: S608 - columns of ours

# For each activity or station: the counts by name.
Rows = dict[int, dict[str, int]]


@dataclass(frozen=True)
class WholeActivity:
    """An activity's attendance, and its ratings from `ratings_from` on; None before."""

    attendance: ActivityFigures
    ratings: ActivityRatings | None
    ratings_from: datetime


async def get_for_activity(activity_id: int, *, by: Staff) -> WholeActivity:
    """Return the figures of an activity of the caller's stations or counties. Raises `NotFound` for others."""
    activity = await _get_activity(activity_id, by)
    rows = await _count("a.id", "a.id = ?", [activity.id])
    attendance = _figures(rows[activity.id] | {"seats": activity.seats})
    fixed = await ActivitySatisfaction.get_or_none(activity_id=activity.id)
    return WholeActivity(
        attendance, _ratings(fixed), fixed.fixed_at if fixed else await rating_period.known_from(activity)
    )


async def _get_activity(activity_id: int, by: Staff) -> Activity:
    activity = await Activity.filter(by.of_stations(), id=activity_id).first()
    if activity is None:
        raise NotFound
    return activity


async def get_public(activity_id: int) -> ActivityRatings | None:
    """Return the ratings of a public activity; None until they are fixed. Raises `NotFound` for other activities."""
    activity = await Activity.get_or_none(id=activity_id, listed=1)
    if activity is None:
        raise NotFound
    return _ratings(await ActivitySatisfaction.get_or_none(activity_id=activity.id))


def _ratings(fixed: ActivitySatisfaction | None) -> ActivityRatings | None:
    if fixed is None:
        return None
    return ActivityRatings(fixed.eligible_raters, fixed.ratings, fixed.min_ratings, averages_of(fixed))


@db.transaction
async def fix(activity_id: int, *, now: datetime) -> None:
    """Fix the figures of a finished activity's ratings, once, when none can change any more; else look again later.

    The station's heads get a notice if the averages are shown and some ratings are low.
    """
    activity = await Activity.filter(id=activity_id, status=ActivityStatus.FINISHED).select_for_update().first()
    if activity is None or await ActivitySatisfaction.exists(activity_id=activity_id):
        return
    if now < (due := await rating_period.known_from(activity)):
        await job_queue.plan(rating_period.JOB_KIND, activity.id, due=due)
        return
    least = await policies.number("min_ratings_for_average", station_id=activity.station_id)
    [row] = (await db.execute(RATINGS, [*TAG_PATTERNS, activity.id]))[1]
    found, attendance = counted(row), await _count("a.id", "a.id = ?", [activity.id])
    figure = await ActivitySatisfaction.create(
        activity_id=activity.id,
        station_id=activity.station_id,
        month=months.month_of(now),
        eligible_raters=attendance[activity.id].get("eligible_raters", 0),
        **found.columns(least=least, shown=found.ratings >= least, now=now),
    )
    if figure.shown and any(found.distribution[:LOW_STARS]):
        await _notify_heads(activity, now)


async def _notify_heads(activity: Activity, now: datetime) -> None:
    """Notify the station's heads, else everybody who acts for it."""
    people = (await staff.of_station(activity.station_id)).deciding
    await notifications.notify(people, ACTIVITY_RATED_LOW, subject_id=activity.id, now=now, activity=activity.title)


async def list_for_stations(
    span: TimeSpan, *, station_id: int | None, after: int, limit: int, by: Staff
) -> list[tuple[Station, ActivityFigures]]:
    """Return attendance of finished activities that began in the span, for a page of the caller's stations."""
    stations = await list_stations(by, station_id=station_id, after=after, limit=limit)
    if not stations:
        return []
    rows = await _count_by_station([station.id for station in stations], span)
    return [(station, _figures(rows[station.id])) for station in stations]


async def _count_by_station(station_ids: Sequence[int], span: TimeSpan) -> Rows:
    which = f"a.station_id IN ({db.placeholders(station_ids)}) AND a.starts_at >= ? AND a.starts_at < ?"
    values = [*station_ids, span.start, span.end]
    rows = await _count("a.station_id", f"{which} AND a.status = 'finished'", values)
    return await _add(rows, ACTIVITIES.format(which=which), values)


async def _count(subject: str, which: str, values: Sequence[Any]) -> Rows:
    rows: Rows = defaultdict(dict)
    for statement in (BOOKINGS, ATTENDEES):
        await _add(rows, statement.format(subject=subject, which=which), values)
    return rows


async def _add(rows: Rows, statement: str, values: Sequence[Any]) -> Rows:
    for found in (await db.execute(statement, values))[1]:
        row = dict(found)
        rows[row.pop("subject")] |= {name: int(value) for name, value in row.items()}
    return rows


def _figures(row: Mapping[str, int]) -> ActivityFigures:
    return ActivityFigures(ActivityCounts(**{one.name: row.get(one.name, 0) for one in fields(ActivityCounts)}))


async def list_comments(activity_id: int, *, after: int, limit: int, by: Staff) -> tuple[str, list[ActivityRating]]:
    """Return the month of the figures, and a page of ratings with comments, after the rating `after`.

    They come in the order of their random ids. Until the averages are shown there are none. Raises `NotFound` for other
    stations' activities.
    """
    activity = await _get_activity(activity_id, by)
    fixed = await ActivitySatisfaction.get_or_none(activity_id=activity.id, shown=True)
    if fixed is None:
        return "", []
    found = ActivityRating.filter(activity_id=activity.id, id__gt=after).exclude(comment="")
    return fixed.month, await found.order_by("id").limit(limit)
