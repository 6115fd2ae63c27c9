"""Routing: which station is responsible for a need, and why, in words a resident understands.

The deepest open station that covers the community and offers the category: its room, else its town's station,
else its county's head station, else the city desk, which takes what nobody else does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.expressions import Q

from server import db
from server.domain import areas
from server.errors import NotFound
from server.models import Area, AreaLevel, Category, Station, StationLevel, StationStatus

# Everybody's category: whoever takes it finds out what is needed.
NOT_SURE = "not_sure"

DEEPEST_FIRST = (StationLevel.ROOM, StationLevel.TOWN, StationLevel.HEAD)
# An area below the one a level of station stands for has its share in it; one above has none.
STANDS_FOR = {
    StationLevel.ROOM: AreaLevel.COMMUNITY,
    StationLevel.TOWN: AreaLevel.TOWN,
    StationLevel.HEAD: AreaLevel.COUNTY,
}
CALLED = {StationLevel.ROOM: "社工室", StationLevel.TOWN: "社工站", StationLevel.HEAD: "社工总站"}
NOT_SERVING = {
    StationStatus.PLANNED: "还在筹建中",
    StationStatus.SUSPENDED: "暂停服务",
    StationStatus.CLOSED: "已撤销",
}
NOT_SET_UP = "还没有设"


@dataclass(frozen=True)
class AreaStep:
    """One step of the way from a community up to its province."""

    id: int
    level: AreaLevel
    name: str


@dataclass(frozen=True)
class AreaFacts:
    """An area with all areas it lies in, the area itself first."""

    steps: tuple[AreaStep, ...]

    @property
    def ids(self) -> list[int]:
        return [step.id for step in self.steps]

    @property
    def name(self) -> str:
        return self.steps[0].name

    def at(self, level: AreaLevel) -> AreaStep | None:
        """Its step of that level, if it has one."""
        return next((step for step in self.steps if step.level == level), None)


@dataclass(frozen=True)
class CoverFact:
    """A station and an area it covers, from one day until (not including) another; the city desk has none."""

    station_id: int
    station_name: str
    level: StationLevel
    status: StationStatus
    category_ids: frozenset[int] = frozenset()
    area_id: int | None = None
    valid_from: date = date.min
    valid_until: date | None = None

    def covers(self, area: AreaFacts, on: date) -> bool:
        ended = self.valid_until is not None and self.valid_until <= on
        return self.area_id in area.ids and self.valid_from <= on and not ended

    def serves(self, category_id: int) -> bool:
        return self.status == StationStatus.OPEN and category_id in self.category_ids


@dataclass(frozen=True)
class Route:
    """The responsible station, and how the need came to it. `gap`: nobody but the city desk takes it."""

    station_id: int
    level: StationLevel
    gap: bool
    words: str


def route(area: AreaFacts, category_id: int, coverage: Sequence[CoverFact], on: date) -> Route:
    """Return who is responsible for a category in the area on that day; `coverage` holds the city desk."""
    skipped: list[str] = []
    for level in DEEPEST_FIRST:
        covering = covering_at(level, area, coverage, on)
        found = next((fact for fact in covering if fact.serves(category_id)), None)
        if found is not None:
            return Route(found.station_id, level, gap=False, words=_words(area, skipped, found, gap=False))
        skipped += _why_not(level, area, covering)
    [desk] = [fact for fact in coverage if fact.level == StationLevel.CITY_DESK]
    return Route(desk.station_id, desk.level, gap=True, words=_words(area, skipped, desk, gap=True))


def covering_at(level: StationLevel, area: AreaFacts, coverage: Iterable[CoverFact], on: date) -> list[CoverFact]:
    """Stations of the level that cover the area on that day, nearest first, whatever their status."""
    covering = [fact for fact in coverage if fact.level == level and fact.covers(area, on)]
    return sorted(covering, key=lambda fact: area.ids.index(fact.area_id or 0))


def _why_not(level: StationLevel, area: AreaFacts, covering: Sequence[CoverFact]) -> list[str]:
    step = area.at(STANDS_FOR[level])
    if covering:
        # Who is nearest explains it; that the town's other station is closed as well helps nobody.
        nearest = covering[0]
        return [f"{nearest.station_name}{NOT_SERVING.get(nearest.status, '不提供这类服务')}"]
    return [f"{step.name}{NOT_SET_UP}{CALLED[level]}"] if step else []


def _words(area: AreaFacts, skipped: Sequence[str], found: CoverFact, *, gap: bool) -> str:
    if not skipped:
        return f"您所在的{area.name}由{found.station_name}受理。"
    reasons = "，".join(skipped)
    # The community's own name opens the sentence; it need not stand there twice.
    start = reasons if reasons.startswith(f"{area.name}{NOT_SET_UP}") else f"{area.name}：{reasons}"
    return f"您所在的{start}，{'暂' if gap else ''}由{found.station_name}受理。"


# Stations that cover one of the areas on a day, whether each offers the category, and the city desk.
COVERING = """
    SELECT s.id, s.name, s.level, s.status, c.area_id,
        EXISTS (SELECT 1 FROM station_category o WHERE o.station_id = s.id AND o.category_id = ?)
        OR EXISTS (SELECT 1 FROM category k WHERE k.id = ? AND k.code = ?) AS offered
    FROM coverage c JOIN station s ON s.id = c.station_id
    WHERE c.area_id IN ({areas}) AND c.valid_from <= ? AND (c.valid_until IS NULL OR c.valid_until > ?)
    UNION ALL
    SELECT s.id, s.name, s.level, s.status, NULL, 1 FROM station s WHERE s.level = ?
"""


async def responsible(area_id: int, category_id: int, on: date) -> Route:
    """Return the route of a need of the category in the area on that day; NotFound for no such area.

    A dissolved area follows the one that took over from it.
    """
    area = await facts_of(area_id)
    return route(area, category_id, await _coverage(area, category_id, on), on)


async def settled(area_id: int, category_id: int, on: date) -> Route:
    """As `responsible`, and so it stays until the transaction ends.

    Who changes coverage, or opens and closes a station, holds the rows of the covered areas; sharing the rows
    of the whole way up keeps them out, and keeps nobody out who files a need at the same time.
    """
    area = await facts_of(area_id)
    await db.share("area", area.ids)
    return route(area, category_id, await _coverage(area, category_id, on), on)


async def facts_of(area_id: int) -> AreaFacts:
    """Return the area as it is today with all it lies in; NotFound for one that does not exist."""
    area = await _with_ancestors(area_id)
    if area.valid_until is not None:
        area = await _with_ancestors((await areas.current_area(area_id)).id)
    steps = [_step(area)]
    while area.parent is not None and area.parent_id is not None:
        area = area.parent
        steps.append(_step(area))
    return AreaFacts(tuple(steps))


def _step(area: Area) -> AreaStep:
    """As people say its name: 团结村, not 团结村村民委员会."""
    return AreaStep(area.id, area.level, areas.short_name(area.name))


async def offers(station_id: int, category_id: int) -> bool:
    """Whether the station offers the category: all offer `not_sure`, and the city desk offers everything."""
    listed = Q(level=StationLevel.CITY_DESK) | Q(offers__category_id=category_id)
    if await Station.filter(listed, id=station_id).exists():
        return True
    return await Category.filter(id=category_id, code=NOT_SURE).exists()


async def _with_ancestors(area_id: int) -> Area:
    area = await Area.get_or_none(id=area_id).select_related("parent__parent__parent__parent")
    if area is None:
        raise NotFound(area=area_id)
    return area


async def _coverage(area: AreaFacts, category_id: int, on: date) -> list[CoverFact]:
    statement = COVERING.format(areas=", ".join("?" * len(area.ids)))
    values = [
        category_id,
        category_id,
        NOT_SURE,
        *area.ids,
        on.isoformat(),
        on.isoformat(),
        StationLevel.CITY_DESK.value,
    ]
    mark = "%s" if db.dialect() == "mysql" else "?"
    _, rows = await db.connection().execute_query(statement.replace("?", mark), values)
    return [
        CoverFact(
            station_id=row["id"],
            station_name=row["name"],
            level=StationLevel(row["level"]),
            status=StationStatus(row["status"]),
            category_ids=frozenset({category_id} if row["offered"] else ()),
            area_id=row["area_id"],
        )
        for row in rows
    ]
