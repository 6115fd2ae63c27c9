"""Activities as everybody finds them: by area, kind, station, days and words. Nothing here takes a lock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pypika_tortoise.terms import Function as SqlFunction
from pypika_tortoise.terms import Term
from tortoise.expressions import Function, Q
from tortoise.functions import Lower
from tortoise.queryset import QuerySet

from server.domain import areas
from server.domain.activities import time_rules
from server.domain.pagination import Place, later
from server.domain.working_time import SHANGHAI
from server.errors import NotFound
from server.models import Activity, AreaLevel, Category

# What a row of a list shows of other tables.
SHOWN = ("station", "category", "area", "series")
# Which column has the area of a level: its own only where it lies no deeper.
COLUMNS = {AreaLevel.COMMUNITY: "area_id", AreaLevel.TOWN: "town_id", AreaLevel.COUNTY: "county_id"}
# The index of each column one may ask about: of those asked, the first narrows most.
INDEXES = {
    "area_id": "activity_browsed_by_area",
    "station_id": "activity_browsed_by_station",
    "town_id": "activity_browsed_by_town",
    "category_id": "activity_browsed_by_category",
    "county_id": "activity_browsed_by_county",
    "listed": "activity_browsed",
}


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
    exact = await _exact(sought) | {"listed": 1}
    index = next(name for column, name in INDEXES.items() if column in exact)
    found = Activity.filter(**exact).force_index(index)
    begin = days.begin or now
    if sought.words:
        found = _saying(found, sought.words)
        begin = max(begin, now)
    found = between(found, begin, days.end).filter(later("starts_at", days.after))
    rows = await found.order_by("starts_at", "id").limit(days.limit)
    # Not joined: a list that begins with a small table beside it would be sorted anew for every page.
    await Activity.fetch_for_list(rows, *SHOWN)
    return rows


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
        raise NotFound(kind="category", codes=[code])
    return category.id


class _Instr(SqlFunction):
    def __init__(self, text: Term, *found: Term) -> None:
        super().__init__("INSTR", text, *found)


class _Position(Function):
    """Where a text stands in a column, from 1; 0 where it does not. Compares characters, as the column does."""

    database_func = _Instr


def _saying(found: QuerySet[Activity], words: str) -> QuerySet[Activity]:
    """Those with the words in the title or the text, in large letters or small."""
    found = found.annotate(
        in_title=_Position(Lower("title"), words.lower()), in_text=_Position(Lower("text"), words.lower())
    )
    return found.filter(Q(in_title__gt=0) | Q(in_text__gt=0))


def between(found: QuerySet[Activity], begin: datetime | None, end: datetime | None) -> QuerySet[Activity]:
    """Those not over at the beginning that begin before the end."""
    if begin is not None:
        # None lasts longer: said of the start too, the list is a range of the index that sorts it.
        found = found.filter(ends_at__gt=begin, starts_at__gt=begin - time_rules.LONGEST)
    return found if end is None else found.filter(starts_at__lt=end)
