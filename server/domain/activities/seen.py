"""Who sees which activities: everybody what is listed, staff what is their stations'. Nothing here takes a lock."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from tortoise.expressions import Q
from tortoise.functions import Sum
from tortoise.queryset import QuerySet

from server.domain import areas, photos
from server.domain.activities import showing, times
from server.domain.activities.phases import Phase
from server.domain.activities.showing import thing
from server.domain.paging import Place, later, older
from server.domain.staff import Staff
from server.domain.workdays import SHANGHAI
from server.errors import NotFound
from server.models import (
    Activity,
    ActivityStatus,
    Area,
    AreaLevel,
    Category,
    Photo,
    Post,
)

S = ActivityStatus

_WITH = ("station", "category", "area", "series")
# Which column has the area of a level: its own only where it lies no deeper.
COLUMNS = {AreaLevel.COMMUNITY: "area_id", AreaLevel.TOWN: "town_id", AreaLevel.COUNTY: "county_id"}
# What was decided, whatever the clock says.
DECIDED = {Phase.DRAFT, Phase.FINISHED, Phase.CANCELLED}
DATES_SHOWN = 10


@dataclass(frozen=True)
class Days:
    """From the first to the last of these days in Shanghai, and which part of the list; None does not narrow it."""

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
class Sought:
    """Which of the listed activities; empty fields do not narrow the list."""

    area_id: int | None = None
    category: str | None = None
    station_id: int | None = None
    words: str = ""


async def browse(sought: Sought, days: Days, *, now: datetime) -> list[Activity]:
    """Listed activities below a place in the list, what begins first first; without a first day, none that is over.

    An area's are those that take place in it or below it. By words only what is not over is searched: nobody looks
    through all there ever was. Raises NotFound for an area or a category that does not exist.
    """
    found = Activity.filter(listed=1, **await _exact(sought))
    begin = days.begin or now
    if sought.words:
        found = found.filter(Q(title__icontains=sought.words) | Q(text__icontains=sought.words))
        begin = max(begin, now)
    found = _between(found, begin, days.end).filter(later("starts_at", days.after))
    return await found.order_by("starts_at", "id").limit(days.limit).select_related(*_WITH)


async def _exact(sought: Sought) -> dict[str, int]:
    exact: dict[str, int] = {}
    if sought.area_id is not None:
        exact |= await _within(sought.area_id)
    if sought.category is not None:
        exact["category_id"] = await _category(sought.category)
    if sought.station_id is not None:
        exact["station_id"] = sought.station_id
    return exact


async def _within(area_id: int) -> dict[str, int]:
    """The column that narrows to an area of today, who gives an old one means; nothing above a county does."""
    area = await areas.current_area(area_id)
    column = COLUMNS.get(area.level)
    return {} if column is None else {column: area.id}


async def _category(code: str) -> int:
    category = await Category.get_or_none(code=code)
    if category is None:
        raise NotFound(category=code)
    return category.id


def _between(found: QuerySet[Activity], begin: datetime | None, end: datetime | None) -> QuerySet[Activity]:
    """Those not over at the beginning that begin before the end."""
    if begin is not None:
        # None lasts longer: said of the start too, the list is a range of the index that sorts it.
        found = found.filter(ends_at__gt=begin, starts_at__gt=begin - times.LONGEST)
    return found if end is None else found.filter(starts_at__lt=end)


async def covers(activities: Sequence[Activity]) -> dict[int, Photo]:
    """The first photo of each activity that has one."""
    found = await photos.of_things([thing(one.id) for one in activities])
    return {one.id: found[thing(one.id)][0] for one in activities if found[thing(one.id)]}


@dataclass(frozen=True)
class Page:
    """An activity with what hangs on it; `paths` names each of its areas from the city down."""

    activity: Activity
    for_areas: Sequence[Area]
    paths: Mapping[int, str]
    posts: Sequence[Post]
    photos: Sequence[Photo]
    other_dates: Sequence[Activity]


async def page(activity_id: int, *, now: datetime) -> Page:
    """An activity that was published, whatever became of it; NotFound for drafts."""
    activity = await published(activity_id)
    for_areas = await Area.filter(id__in=await showing.area_ids(activity_id) or [0]).order_by("id")
    return Page(
        activity,
        for_areas,
        paths=await areas.paths_of([activity.area, *for_areas]),
        posts=await Post.filter(activity_id=activity_id).order_by("title"),
        photos=(await photos.of_things([thing(activity_id)]))[thing(activity_id)],
        other_dates=await _other_dates(activity, now),
    )


async def published(activity_id: int) -> Activity:
    """An activity that was published, with its station; NotFound for drafts."""
    activity = await Activity.filter(id=activity_id).exclude(status=S.DRAFT).select_related(*_WITH).first()
    if activity is None:
        raise NotFound
    return activity


async def _other_dates(activity: Activity, now: datetime) -> list[Activity]:
    if activity.series_id is None:
        return []
    others = Activity.filter(series_id=activity.series_id, listed=1, starts_at__gt=now).exclude(id=activity.id)
    return await others.order_by("starts_at", "id").limit(DATES_SHOWN)


@dataclass(frozen=True)
class Kept:
    """Which of the stations' activities; empty fields do not narrow the list."""

    phases: Collection[Phase] = ()
    station_id: int | None = None


async def of_stations(kept: Kept, days: Days, *, by: Staff, now: datetime) -> list[Activity]:
    """Activities of the caller's stations and counties, what begins last first, below a place in the list."""
    found = Activity.filter(by.of_stations())
    if kept.station_id is not None:
        found = found.filter(station_id=kept.station_id)
    if kept.phases:
        found = found.filter(Q(*(_in(phase, now) for phase in kept.phases), join_type="OR"))
    found = _between(found, days.begin, days.end).filter(older("starts_at", days.after))
    return await found.order_by("-starts_at", "-id").limit(days.limit).select_related(*_WITH)


def _in(phase: Phase, now: datetime) -> Q:
    """The condition that an activity is in the phase, as `phases.phase` says of a single one."""
    if phase in DECIDED:
        return Q(status=S(phase.value))
    clock: dict[Phase, dict[str, Any]] = {
        Phase.PUBLISHED: {"starts_at__gt": now, "booking_closes_at__gt": now, "booking_opens_at__gt": now},
        Phase.BOOKING_OPEN: {"starts_at__gt": now, "booking_closes_at__gt": now, "booking_opens_at__lte": now},
        Phase.BOOKING_CLOSED: {"starts_at__gt": now, "booking_closes_at__lte": now},
        Phase.RUNNING: {"starts_at__lte": now},
    }
    return Q(status=S.PUBLISHED, **clock[phase])


async def one_of_stations(activity_id: int, *, by: Staff) -> Activity:
    """An activity of the caller's stations or counties, a draft too, with its station; NotFound for any other."""
    activity = await Activity.filter(by.of_stations(), id=activity_id).select_related(*_WITH).first()
    if activity is None:
        raise NotFound
    return activity


@dataclass(frozen=True)
class Places:
    """Volunteers' places in all posts of an activity."""

    places: int = 0
    taken: int = 0


async def places_of(activities: Sequence[Activity]) -> dict[int, Places]:
    """The places for volunteers of each activity that has posts."""
    posts = Post.filter(activity_id__in=[one.id for one in activities] or [0])
    sums = posts.annotate(sum_places=Sum("places"), sum_taken=Sum("taken")).group_by("activity_id")
    found: Any = await sums.values("activity_id", "sum_places", "sum_taken")
    return {one["activity_id"]: Places(int(one["sum_places"]), int(one["sum_taken"])) for one in found}
