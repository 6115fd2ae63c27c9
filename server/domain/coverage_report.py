"""The coverage-gap report: where no community room or town station serves, and what only the city desk takes.

A station serves if it is open and somebody works there.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from tortoise.functions import Count

from server.domain import reference, staff
from server.domain.reference import Snapshot
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import (
    Area,
    AreaLevel,
    Category,
    Coverage,
    Need,
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
    """The set-up on a day, the stations at which people work, and the needs that wait at the city desk, by area."""

    snapshot: Snapshot
    on: date
    staffed: Collection[int]
    needs: Mapping[int, int]

    def cover(self, community: Area, categories: Mapping[int, Category]) -> CommunityCover:
        found = [row for area_id in (*community.ancestor_ids, community.id) for row in self._open_at(area_id)]
        offered = {one for row in found for one in self.snapshot.offers.get(row.station_id, ())}
        if found:
            offered |= {category.id for category in categories.values() if category.code == NOT_SURE}
        return CommunityCover(
            area=community,
            levels=frozenset(row.level for row in found),
            uncovered=frozenset(categories) - offered,
            needs_at_city_desk=self.needs.get(community.id, 0),
        )

    def _open_at(self, area_id: int) -> Iterable[Coverage]:
        """Return the coverage of the area on the day by open stations at which somebody works."""
        for row in self.snapshot.coverage.get(area_id, ()):
            lasts = row.valid_from <= self.on and (row.valid_until is None or row.valid_until > self.on)
            is_open = self.snapshot.stations[row.station_id].status == StationStatus.OPEN
            if lasts and is_open and row.station_id in self.staffed:
                yield row


async def by_county(by: Staff, *, on: date) -> list[Tally]:
    """Return the report for the caller's counties, each with its towns; communities are counted once."""
    within = await _areas_of(by)
    counties = {area.id: Tally(area.id, area.name) for area in within if area.level == AreaLevel.COUNTY}
    names = {area.id: area.name for area in within}
    for cover in await _covers(within, on):
        for county_id, town_id in _places(cover.area, counties):
            county = counties[county_id]
            county.count(cover)
            county.parts.setdefault(town_id, Tally(town_id, names.get(town_id, ""))).count(cover)
    return list(counties.values())


async def of_town(town_id: int, by: Staff, *, on: date) -> list[CommunityCover]:
    """Return each community of a town in the caller's counties. Raises `NotFound` for other towns."""
    within = await _areas_of(by)
    if not any(area.id == town_id and area.level == AreaLevel.TOWN for area in within):
        raise NotFound(kind="area", ids=[town_id])
    return await _covers((area for area in within if area.parent_id == town_id), on)


async def categories() -> dict[int, Category]:
    """Return the categories in use, by id."""
    return {one.id: one for one in (await reference.snapshot()).categories.values() if one.active}


async def categories_not_offered(by: Staff) -> list[Category]:
    """Return categories in use that no serving station of the caller's counties offers."""
    snapshot = await reference.snapshot()
    theirs = snapshot.stations.values() if by.is_city else snapshot.stations_in(by.county_ids)
    staffed = await staff.staffed_stations()
    serving = [one.id for one in theirs if one.status == StationStatus.OPEN and one.id in staffed]
    offered = {category_id for station_id in serving for category_id in snapshot.offers.get(station_id, ())}
    return [
        category
        for category in (await categories()).values()
        if category.id not in offered and category.code != NOT_SURE
    ]


async def _areas_of(by: Staff) -> list[Area]:
    """Return the present areas in the caller's counties, and these counties, by id."""
    present = [one for one in (await reference.snapshot()).areas.values() if one.valid_until is None]
    theirs = [one for one in present if by.is_city or by.county_ids.intersection((one.id, *one.ancestor_ids))]
    return sorted(theirs, key=lambda one: one.id)


def _places(community: Area, counties: Mapping[int, Tally]) -> Iterable[tuple[int, int]]:
    steps = community.ancestor_ids
    return [(county_id, steps[-1]) for county_id in steps if county_id in counties]


async def _covers(areas: Iterable[Area], on: date) -> list[CommunityCover]:
    snapshot, in_use = await reference.snapshot(), await categories()
    desk = snapshot.city_desk
    waiting = Need.filter(station_id=desk.id if desk else 0).annotate(needs=Count("id")).group_by("area_id")
    needs = Counter(dict(await waiting.values_list("area_id", "needs")))
    serving = _Serving(snapshot, on, await staff.staffed_stations(), needs)
    return [serving.cover(area, in_use) for area in areas if area.level == AreaLevel.COMMUNITY]
