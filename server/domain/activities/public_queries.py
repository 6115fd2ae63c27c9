"""Activities as the public reads them: the list and the page. No query here takes a lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pypika_tortoise.terms import Function as SqlFunction
from pypika_tortoise.terms import Term
from tortoise.expressions import Function, Q
from tortoise.functions import Lower
from tortoise.queryset import QuerySet

from server.domain import areas, photos
from server.domain.activities import time_rules
from server.domain.activities.access import subject_key
from server.domain.pagination import Place, later
from server.domain.working_time import SHANGHAI
from server.errors import NotFound
from server.models import Activity, ActivityArea, ActivityStatus, Area, AreaLevel, Category, Photo, Post

# Other tables that a row of the list shows.
RELATED = ("station", "category", "area", "series")
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


@dataclass(frozen=True)
class DayRange:
    """A range of days in Shanghai and a page of the list; None does not narrow it."""

    first: date | None = None
    last: date | None = None
    after: Place | None = None
    limit: int = 20

    @property
    def begin(self) -> datetime | None:
        return _midnight(self.first)

    @property
    def end(self) -> datetime | None:
        return _midnight(self.last + timedelta(days=1) if self.last is not None else None)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), SHANGHAI) if day is not None else None


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
    index = next(name for column, name in INDEXES.items() if column in exact)
    found = Activity.filter(**exact).force_index(index)
    begin = days.begin or now
    if filter_.words:
        found = _containing(found, filter_.words)
        begin = max(begin, now)
    found = between(found, begin, days.end).filter(later("starts_at", days.after))
    rows = await found.order_by("starts_at", "id").limit(days.limit)
    # Fetched apart: with a join MariaDB would sort the whole list again for each page.
    await Activity.fetch_for_list(rows, *RELATED)
    return rows


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
    category = await Category.get_or_none(code=code)
    if category is None:
        raise NotFound(kind="category", codes=[code])
    return category.id


class _Instr(SqlFunction):
    def __init__(self, text: Term, *found: Term) -> None:
        super().__init__("INSTR", text, *found)


class _Position(Function):
    """The position of a text in a column, from 1, or 0 without it; compares characters as the column does."""

    database_func = _Instr


def _containing(found: QuerySet[Activity], words: str) -> QuerySet[Activity]:
    """Filter by words in the title or the text, in capital or small letters."""
    found = found.annotate(
        in_title=_Position(Lower("title"), words.lower()), in_text=_Position(Lower("text"), words.lower())
    )
    return found.filter(Q(in_title__gt=0) | Q(in_text__gt=0))


def between(found: QuerySet[Activity], begin: datetime | None, end: datetime | None) -> QuerySet[Activity]:
    """Filter activities that are not over at `begin` and begin before `end`."""
    if begin is not None:
        # No activity lasts longer. With this condition the list is a range of the index that sorts it.
        found = found.filter(ends_at__gt=begin, starts_at__gt=begin - time_rules.LONGEST)
    return found if end is None else found.filter(starts_at__lt=end)


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
    for_areas = await Area.filter(id__in=await eligible_area_ids(activity_id) or [0]).order_by("id")
    return ActivityPage(
        activity,
        for_areas,
        paths=await areas.paths_of([activity.area, *for_areas]),
        posts=await Post.filter(activity_id=activity_id).order_by("title"),
        photos=(await photos.of_subjects([subject_key(activity_id)]))[subject_key(activity_id)],
        other_dates=await _other_dates(activity, now),
    )


async def get_published(activity_id: int) -> Activity:
    """Return an activity that was published, with its station; raises NotFound for drafts."""
    activity = (
        await Activity.filter(id=activity_id).exclude(status=ActivityStatus.DRAFT).select_related(*RELATED).first()
    )
    if activity is None:
        raise NotFound
    return activity


async def _other_dates(activity: Activity, now: datetime) -> list[Activity]:
    if activity.series_id is None:
        return []
    others = Activity.filter(series_id=activity.series_id, listed=1, starts_at__gt=now).exclude(id=activity.id)
    return await others.order_by("starts_at", "id").limit(DATES_SHOWN)


async def eligible_area_ids(activity_id: int) -> list[int]:
    """Return the ids of the areas whose residents the activity is for; empty if it is for everybody."""
    rows = await ActivityArea.filter(activity_id=activity_id).order_by("area_id").values_list("area_id", flat=True)
    return list(rows)  # type: ignore[arg-type]
