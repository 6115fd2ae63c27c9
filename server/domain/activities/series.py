"""Series of activities: drafts like one activity, repeated every so many weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.database import db
from server.domain import audit, policies, stations, venues
from server.domain.activities import access, copies, staff_queries, time_rules
from server.domain.activities import drafts as activities_drafts
from server.domain.activities.copies import Omission
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI, is_working_day
from server.errors import ActivityInSeries, SeriesEmpty, SeriesTooLong, StationNotOperating
from server.models import Activity, ActivitySeries

MOST = 52
FARTHEST = timedelta(days=731)
# An activity repeats after so many weeks at most, as the contract says too.
LONGEST_INTERVAL = 52


@dataclass(frozen=True)
class Recurrence:
    """Repeat so many `times`, or `until` a day; with `working_days_only`, only on working days."""

    every_weeks: int
    times: int | None = None
    until_day: date | None = None
    working_days_only: bool = False


@dataclass(frozen=True)
class CreatedSeries:
    """The created activities in the order of time, and the days that were skipped."""

    series: ActivitySeries
    activities: Sequence[Activity]
    skipped: Sequence[date]
    left_out: Sequence[Omission]


@db.transaction
async def create(activity_id: int, recurrence: Recurrence, *, by: Staff, now: datetime) -> CreatedSeries:
    """Create drafts like this activity, which becomes the first of a series; all get the venue, or none does.

    Raises ActivityInSeries, SeriesEmpty, SeriesTooLong, VenueTaken with every day on which the venue is taken, and the
    refusals of `drafts.create`.
    """
    activity = await _lock_first(activity_id, by)
    template = await copies.template_of(activity, with_venue=True)
    first_day = activity.starts_at.astimezone(SHANGHAI).date()
    days, skipped = await _days(first_day, recurrence)
    fields = [copies.shift(template.fields, day - first_day) for day in days]
    series = await ActivitySeries.create(
        station_id=activity.station_id, every_weeks=recurrence.every_weeks, created_by_id=by.person_id, created_at=now
    )
    await Activity.filter(id=activity_id).update(series_id=series.id)
    drafts = await _create_drafts(activity.station_id, fields, series.id, by, now)
    facts = {"activities": len(drafts), "first": activity_id}
    await audit.note("activity_series.made", f"activity_series:{series.id}", by=by.person_id, now=now, **facts)
    return CreatedSeries(series, drafts, skipped, template.left_out)


async def _lock_first(activity_id: int, by: Staff) -> Activity:
    """Lock the set-up and then the activity, and return it; raises StationNotOperating, ActivityInSeries."""
    found = await staff_queries.get_for_workers(activity_id, by=by)
    if not await stations.lock_operating(found.station_id):
        raise StationNotOperating
    activity = await access.lock_for_staff(activity_id, by)
    if activity.series_id is not None:
        raise ActivityInSeries
    return activity


def can_follow(activity: Activity, now: datetime) -> bool:
    """Return whether the first activity after this one may begin some weeks later: in the future, and not too far."""
    times = {name: getattr(activity, name) for name in time_rules.TIMES}
    weeks = (timedelta(weeks=number) for number in range(1, LONGEST_INTERVAL + 1))
    return any(not time_rules.find_past(copies.shift(times, one), now) for one in weeks)


async def _days(first: date, recurrence: Recurrence) -> tuple[list[date], list[date]]:
    """Return the days in Shanghai on which it repeats, and the skipped days."""
    known = await policies.get_calendar_days() if recurrence.working_days_only else {}
    days: list[date] = []
    skipped: list[date] = []
    step, latest = timedelta(weeks=recurrence.every_weeks), first + FARTHEST
    day = first + step
    while len(days) != recurrence.times and (recurrence.until_day is None or day <= recurrence.until_day):
        if len(days) == MOST or day > latest:
            raise SeriesTooLong(limit=MOST, latest=latest)
        works = not recurrence.working_days_only or is_working_day(day, known=known)
        (days if works else skipped).append(day)
        day += step
    if not days:
        raise SeriesEmpty
    return days, skipped


async def _create_drafts(
    station_id: int, fields: Sequence[Mapping[str, Any]], series_id: int, by: Staff, now: datetime
) -> list[Activity]:
    """Create the drafts; what they have in common is looked up once."""
    columns = await activities_drafts.columns_of(fields[0], station_id)
    time_rules.require_valid(columns, now)
    use_ids = await _venues(station_id, fields, by, now)
    same = columns | {"series_id": series_id, "place": fields[0]["place"]}
    rows = [
        same | {name: one[name] for name in time_rules.TIMES} | {"venue_use_id": use_id}
        for one, use_id in zip(fields, use_ids, strict=True)
    ]
    return await activities_drafts.create_rows(station_id, rows, fields[0], by=by, now=now)


async def _venues(
    station_id: int, fields: Sequence[Mapping[str, Any]], by: Staff, now: datetime
) -> Sequence[int | None]:
    venue_id, seats = fields[0]["venue_id"], fields[0]["seats"]
    if venue_id is None:
        return [None] * len(fields)
    spans = [(one["starts_at"], one["ends_at"]) for one in fields]
    title = fields[0]["title"]
    use_ids = await venues.reserve_many(venue_id, spans, title, station_id=station_id, by=by.person_id, now=now)
    await venues.require_capacity(venue_id, seats)
    return use_ids
