"""The rule of routing: one pure function of area, category, coverage and day.

The deepest open station that covers the community and offers the category: its community room, else its town station,
else its county's head station, else the city desk, which takes everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from server.models import AreaLevel, StationLevel, StationStatus

# The category of residents who are not sure: the station finds out what is needed.
NOT_SURE = "not_sure"

DEEPEST_FIRST = (StationLevel.COMMUNITY_ROOM, StationLevel.TOWN_STATION, StationLevel.HEAD_STATION)
# The level of area that each level of station serves. A station serves the areas below it too.
SERVED_LEVEL = {
    StationLevel.COMMUNITY_ROOM: AreaLevel.COMMUNITY,
    StationLevel.TOWN_STATION: AreaLevel.TOWN,
    StationLevel.HEAD_STATION: AreaLevel.COUNTY,
}
NOT_SERVING = {
    StationStatus.PLANNED: "还在筹建中",
    StationStatus.SUSPENDED: "暂停服务",
    StationStatus.CLOSING: "正在撤销",
    StationStatus.CLOSED: "已撤销",
}
NOT_SET_UP = "还没有设"


@dataclass(frozen=True)
class AreaStep:
    """One step of the path from a community up to its province."""

    id: int
    level: AreaLevel
    name: str


@dataclass(frozen=True)
class AreaFacts:
    """An area with all areas above it, the area itself first."""

    steps: tuple[AreaStep, ...]

    @property
    def ids(self) -> list[int]:
        return [step.id for step in self.steps]

    @property
    def name(self) -> str:
        return self.steps[0].name

    def at(self, level: AreaLevel) -> AreaStep | None:
        """Return the step of that level, if there is one."""
        return next((step for step in self.steps if step.level == level), None)


@dataclass(frozen=True)
class CoverFact:
    """A station and an area it covers, from one day until (not including) another. The city desk covers no area."""

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
    """The responsible station, and the reason in words. `gap`: only the city desk takes it."""

    station_id: int
    level: StationLevel
    gap: bool
    words: str


def route(
    area: AreaFacts, category_id: int, coverage: Sequence[CoverFact], on: date, level_names: Mapping[StationLevel, str]
) -> Route:
    """Return the station responsible for a category in the area on that day.

    `coverage` includes the city desk; `level_names` say what kind of station an area does not have.
    """
    skipped: list[str] = []
    for level in DEEPEST_FIRST:
        covering = covering_at(level, area, coverage, on)
        found = next((fact for fact in covering if fact.serves(category_id)), None)
        if found is not None:
            return Route(found.station_id, level, gap=False, words=_words(area, skipped, found, gap=False))
        skipped += _why_not(level_names[level], area.at(SERVED_LEVEL[level]), covering or _gone(level, area, coverage))
    [desk] = [fact for fact in coverage if fact.level == StationLevel.CITY_DESK]
    return Route(desk.station_id, desk.level, gap=True, words=_words(area, skipped, desk, gap=True))


def covering_at(level: StationLevel, area: AreaFacts, coverage: Iterable[CoverFact], on: date) -> list[CoverFact]:
    """Return stations of the level that cover the area on that day, nearest first, of any status."""
    covering = [fact for fact in coverage if fact.level == level and fact.covers(area, on)]
    return sorted(covering, key=lambda fact: area.ids.index(fact.area_id or 0))


def _gone(level: StationLevel, area: AreaFacts, coverage: Iterable[CoverFact]) -> list[CoverFact]:
    """Return stations of the level that covered the area and are closing or closed, the last one first."""
    ended = {StationStatus.CLOSING, StationStatus.CLOSED}
    gone = [one for one in coverage if one.level == level and one.status in ended and one.area_id in area.ids]
    return sorted(gone, key=lambda fact: (fact.valid_until or date.max, fact.station_id), reverse=True)


def _why_not(level_name: str, step: AreaStep | None, covering: Sequence[CoverFact]) -> list[str]:
    if covering:
        # The nearest station is reason enough; a second closed one explains nothing more.
        nearest = covering[0]
        return [f"{nearest.station_name}{NOT_SERVING.get(nearest.status, '不提供这类服务')}"]
    return [f"{step.name}{NOT_SET_UP}{level_name}"] if step else []


def _words(area: AreaFacts, skipped: Sequence[str], found: CoverFact, *, gap: bool) -> str:
    if not skipped:
        return f"您所在的{area.name}由{found.station_name}受理。"
    reasons = "，".join(skipped)
    # The sentence begins with the community's name; it is not repeated.
    start = reasons if reasons.startswith(f"{area.name}{NOT_SET_UP}") else f"{area.name}：{reasons}"
    return f"您所在的{start}，{'暂' if gap else ''}由{found.station_name}受理。"
