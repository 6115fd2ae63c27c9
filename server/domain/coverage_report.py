"""The coverage-gap report: where no community room or town station is open, and what only the city desk takes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tortoise.expressions import Q
from tortoise.functions import Count

from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import (
    Area,
    AreaLevel,
    Category,
    Coverage,
    Need,
    StationCategory,
    StationLevel,
    StationStatus,
)


@dataclass(frozen=True)
class CommunityCover:
    """The coverage of a community: levels with an open station, and categories only the city desk takes."""

    area: Area
    levels: frozenset[StationLevel]
    uncovered: frozenset[int]
    needs_at_city_desk: int


@dataclass
class Tally:
    """Communities counted for a town or county, and its parts."""

    area_id: int
    name: str
    communities: int = 0
    without_community_room: int = 0
    without_town_station: int = 0
    with_uncovered_categories: int = 0
    needs_at_city_desk: int = 0
    parts: dict[int, "Tally"] = field(default_factory=dict)

    def count(self, cover: CommunityCover) -> None:
        self.communities += 1
        self.without_community_room += StationLevel.COMMUNITY_ROOM not in cover.levels
        self.without_town_station += StationLevel.TOWN_STATION not in cover.levels
        self.with_uncovered_categories += bool(cover.uncovered)
        self.needs_at_city_desk += cover.needs_at_city_desk


@dataclass(frozen=True)
class _Serving:
    """All open stations on a day: those of each area, and what each offers."""

    at: Mapping[int, Sequence[tuple[StationLevel, int]]]
    offered: Mapping[int, frozenset[int]]
    needs: Mapping[int, int]

    def cover(self, community: Area, categories: Mapping[int, Category]) -> CommunityCover:
        found = [one for area_id in (*community.ancestor_ids, community.id) for one in self.at.get(area_id, ())]
        offered = {category for _, station_id in found for category in self.offered.get(station_id, ())}
        if found:
            offered |= {category.id for category in categories.values() if category.code == NOT_SURE}
        return CommunityCover(
            area=community,
            levels=frozenset(level for level, _ in found),
            uncovered=frozenset(categories) - offered,
            needs_at_city_desk=self.needs.get(community.id, 0),
        )


async def by_county(by: Staff, *, on: date) -> list[Tally]:
    """Return the report for the caller's counties, each with its towns; communities are counted once."""
    within = await Area.filter(_scope(by), level__in=[AreaLevel.COUNTY, AreaLevel.TOWN]).order_by("id")
    counties = {area.id: Tally(area.id, area.name) for area in within if area.level == AreaLevel.COUNTY}
    names = {area.id: area.name for area in within}
    for cover in await _covers(_scope(by), on):
        for county_id, town_id in _places(cover.area, counties):
            county = counties[county_id]
            county.count(cover)
            county.parts.setdefault(town_id, Tally(town_id, names.get(town_id, ""))).count(cover)
    return list(counties.values())


async def of_town(town_id: int, by: Staff, *, on: date) -> list[CommunityCover]:
    """Return each community of a town in the caller's counties. Raises `NotFound` for other towns."""
    town = await Area.filter(_scope(by), id=town_id, level=AreaLevel.TOWN).first()
    if town is None:
        raise NotFound(kind="area", ids=[town_id])
    return await _covers(Q(parent_id=town_id), on)


async def categories() -> dict[int, Category]:
    """Return the categories in use, by id."""
    return {category.id: category for category in await Category.filter(active=True).order_by("position", "id")}


async def categories_not_offered(by: Staff) -> list[Category]:
    """Return categories in use that no open station of the caller's counties offers."""
    stations = StationCategory.filter(station__status=StationStatus.OPEN)
    if not by.is_city:
        stations = stations.filter(station__county_id__in=sorted(by.county_ids))
    offered = {category_id for (category_id,) in await stations.distinct().values_list("category_id")}
    return [
        category
        for category in (await categories()).values()
        if category.id not in offered and category.code != NOT_SURE
    ]


def _scope(by: Staff) -> Q:
    """Return the present areas in the caller's counties, and these counties."""
    there = Q(valid_until=None)
    if by.is_city:
        return there
    inside = Q(*(Q(ancestry__contains=f"/{county_id}/") for county_id in sorted(by.county_ids)), join_type="OR")
    return there & (Q(id__in=sorted(by.county_ids)) | inside)


def _places(community: Area, counties: Mapping[int, Tally]) -> Iterable[tuple[int, int]]:
    steps = community.ancestor_ids
    return [(county_id, steps[-1]) for county_id in steps if county_id in counties]


async def _covers(which: Q, on: date) -> list[CommunityCover]:
    communities = await Area.filter(which, level=AreaLevel.COMMUNITY, valid_until=None).order_by("id")
    serving, in_use = await _serving(on), await categories()
    return [serving.cover(community, in_use) for community in communities]


async def _serving(on: date) -> _Serving:
    """Read the open stations in three queries, whatever the number of communities."""
    lasting = Q(valid_until=None) | Q(valid_until__gt=on)
    covering = Coverage.filter(lasting, valid_from__lte=on, station__status=StationStatus.OPEN)
    at: dict[int, list[tuple[StationLevel, int]]] = defaultdict(list)
    for area_id, level, station_id in await covering.values_list("area_id", "level", "station_id"):
        at[area_id].append((level, station_id))
    offers = StationCategory.filter(station__status=StationStatus.OPEN)
    offered: dict[int, set[int]] = defaultdict(set)
    for station_id, category_id in await offers.values_list("station_id", "category_id"):
        offered[station_id].add(category_id)
    waiting = Need.filter(station__level=StationLevel.CITY_DESK).annotate(needs=Count("id")).group_by("area_id")
    return _Serving(
        at=at,
        offered={station_id: frozenset(ids) for station_id, ids in offered.items()},
        needs=Counter(dict(await waiting.values_list("area_id", "needs"))),
    )
