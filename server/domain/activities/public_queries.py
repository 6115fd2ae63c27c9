"""Activities as the public reads them: the list and the page. No query here takes a lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from server.database import db, rows
from server.domain import areas, photos, reference
from server.domain.activities import time_rules
from server.domain.activities.access import ELIGIBLE_AREA_IDS, eligible_area_ids, subject_key
from server.domain.pagination import Place
from server.domain.working_time import midnight
from server.errors import NotFound
from server.models import Activity, ActivitySeries, Area, AreaLevel, Photo, Post

# Rows of the set-up in memory that a row of the list shows.
NAMED = ("station", "category", "area")
# The column with the area of each level.
COLUMNS = {AreaLevel.COMMUNITY: "area_id", AreaLevel.TOWN: "town_id", AreaLevel.COUNTY: "county_id"}
# The index for each column of a filter; of several columns the first narrows most.
INDEXES = {
    "area_id": "activity_browsed_by_area",
    "station_id": "activity_browsed_by_station",
    "town_id": "activity_browsed_by_town",
    "category_id": "activity_browsed_by_category",
    "county_id": "activity_browsed_by_county",
    "listed": "activity_browsed",
}
DATES_SHOWN = 10
# What a list shows of an activity, and what its page shows besides.
LIST_COLUMNS = (
    "id", "status", "title", "place", "starts_at", "ends_at", "booking_opens_at", "booking_closes_at", "seats",
    "seats_taken", "seats_held", "waiting", "station_id", "category_id", "area_id", "series_id",
)  # fmt: skip
PAGE_COLUMNS = (
    *LIST_COLUMNS, "text", "priority_until", "cancellation_until", "max_party_size", "min_age", "max_age", "questions",
    "venue_use_id", "end_reason",
)  # fmt: skip
_SERIES = "series.id `series.id`, series.every_weeks `series.every_weeks`"
_JOINED = "LEFT JOIN activity_series series ON series.id = activity.series_id"
_LIST = f"""SELECT {", ".join(f"activity.{one}" for one in LIST_COLUMNS)}, {_SERIES}
FROM activity {{index}} {_JOINED} WHERE {{conditions}} ORDER BY starts_at, activity.id LIMIT ?"""  # noqa: S608
_PAGE = f"""SELECT {", ".join(f"activity.{one}" for one in PAGE_COLUMNS)}, {_SERIES}, {ELIGIBLE_AREA_IDS}
FROM activity {_JOINED} WHERE activity.id = ?"""  # noqa: S608


@dataclass(frozen=True)
class DayRange:
    """A range of days in Shanghai and a page of the list; None does not narrow it."""

    first: date | None = None
    last: date | None = None
    after: Place | None = None
    limit: int = 20

    @property
    def begin(self) -> datetime | None:
        return midnight(self.first) if self.first is not None else None

    @property
    def end(self) -> datetime | None:
        return midnight(self.last + timedelta(days=1)) if self.last is not None else None


@dataclass(frozen=True)
class SearchFilter:
    """A filter for listed activities; empty fields do not narrow the list."""

    area_id: int | None = None
    category: str | None = None
    station_id: int | None = None
    words: str = ""


async def search(filter_: SearchFilter, days: DayRange, *, now: datetime) -> list[Activity]:
    """Return listed activities, the earliest start first; without a first day, only those that are not over.

    `area_id` finds activities in the area and below it. `words` are searched only in activities that are not over, so
    that the search stays small. Raises NotFound for an area or a category that does not exist.
    """
    exact = await _exact(filter_) | {"listed": 1}
    conditions: dict[str, list[Any]] = {f"activity.{column} = ?": [value] for column, value in exact.items()}
    begin = days.begin or now
    if filter_.words:
        words = filter_.words.lower()
        conditions["(INSTR(LOWER(title), ?) > 0 OR INSTR(LOWER(text), ?) > 0)"] = [words, words]
        begin = max(begin, now)
    # No activity lasts longer. With this condition the list is a range of the index that sorts it.
    conditions["ends_at > ? AND starts_at > ?"] = [begin, begin - time_rules.LONGEST]
    if days.end is not None:
        conditions["starts_at < ?"] = [days.end]
    if days.after is not None:
        at, last = days.after
        conditions["(starts_at > ? OR starts_at = ? AND activity.id > ?)"] = [at, at, last]
    index = next(name for column, name in INDEXES.items() if column in exact)
    statement = _LIST.format(
        index="" if db.dialect() == "sqlite" else f"FORCE INDEX ({index})", conditions=" AND ".join(conditions)
    )
    return await _read(statement, [*(value for some in conditions.values() for value in some), days.limit])


async def _read(statement: str, values: Sequence[Any]) -> list[Activity]:
    """Return the activities that a statement finds, with station, category, area and series."""
    _, read = await db.execute(statement, values)
    found = [rows.of(Activity, row) for row in read]
    for one, row in zip(found, read, strict=True):
        one.series = rows.of(ActivitySeries, row, "series.") if one.series_id is not None else None
        if "area_ids" in row.keys():  # noqa: SIM118 - a row of SQLite is no dictionary
            one.eligible_area_ids = eligible_area_ids(row)
    return await reference.attach(found, *NAMED)


async def _exact(filter_: SearchFilter) -> dict[str, int]:
    exact: dict[str, int] = {}
    if filter_.area_id is not None:
        exact |= await _area_column(filter_.area_id)
    if filter_.category is not None:
        exact["category_id"] = await _category(filter_.category)
    if filter_.station_id is not None:
        exact["station_id"] = filter_.station_id
    return exact


async def _area_column(area_id: int) -> dict[str, int]:
    """Return the column and the current id of an area; areas above a county do not narrow the list."""
    area = await areas.current_area(area_id)
    column = COLUMNS.get(area.level)
    return {} if column is None else {column: area.id}


async def _category(code: str) -> int:
    category = (await reference.snapshot()).category(code)
    if category is None:
        raise NotFound(kind="category", codes=[code])
    return category.id


async def cover_photos(activities: Sequence[Activity]) -> dict[int, Photo]:
    """Return the first photo of each activity that has one."""
    found = await photos.of_subjects([subject_key(one.id) for one in activities])
    return {one.id: found[subject_key(one.id)][0] for one in activities if found[subject_key(one.id)]}


@dataclass(frozen=True)
class ActivityPage:
    """An activity with everything its page shows; `paths` names each of its areas from the city down."""

    activity: Activity
    for_areas: Sequence[Area]
    paths: Mapping[int, str]
    posts: Sequence[Post]
    photos: Sequence[Photo]
    other_dates: Sequence[Activity]


async def get_page(activity_id: int, *, now: datetime) -> ActivityPage:
    """Return the page of an activity that was published; raises NotFound for drafts."""
    activity = await get_published(activity_id)
    by_id = await reference.areas(activity.eligible_area_ids)
    for_areas = [by_id[area_id] for area_id in sorted(by_id)]
    return ActivityPage(
        activity,
        for_areas,
        paths=await areas.paths_of([activity.area, *for_areas]),
        posts=await posts_of(activity_id),
        photos=(await photos.of_subjects([subject_key(activity_id)]))[subject_key(activity_id)],
        other_dates=await _other_dates(activity, now),
    )


async def get_published(activity_id: int) -> Activity:
    """Return an activity that was published, with station, category, area and series; raises NotFound for drafts."""
    found = await _read(f"{_PAGE} AND status <> 'draft'", [activity_id])
    if not found:
        raise NotFound
    return found[0]


async def get_any(activity_id: int) -> Activity:
    """Return any activity, also a draft, as `get_published`. Raises `NotFound`."""
    found = await _read(_PAGE, [activity_id])
    if not found:
        raise NotFound
    return found[0]


async def posts_of(activity_id: int) -> list[Post]:
    """Return the activity's posts by title."""
    _, read = await db.execute("SELECT * FROM post WHERE activity_id = ? ORDER BY title", [activity_id])
    return [rows.of(Post, row) for row in read]


async def _other_dates(activity: Activity, now: datetime) -> list[Activity]:
    if activity.series_id is None:
        return []
    others = Activity.filter(series_id=activity.series_id, listed=1, starts_at__gt=now).exclude(id=activity.id)
    return await others.order_by("starts_at", "id").limit(DATES_SHOWN)
