"""A city of 135 stations with its areas, its staff and its officers, some of them signed in."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from scripts.benchmarks.serving import signed_in
from server.models import (
    Area,
    AreaLevel,
    Category,
    Coverage,
    Person,
    Role,
    RoleKind,
    Station,
    StationCategory,
    StationLevel,
    StationStatus,
)

SINCE = date(2021, 1, 1)
COUNTIES, TOWNS, COMMUNITIES_A_TOWN = 7, 127, 12
READERS = 60  # workers who are signed in, those of busy stations more often
# So many that nobody asks more often than a person may.
OFFICERS_A_COUNTY, CITY_OFFICERS = 3, 16

SignedIn = tuple[Person, str]


class Place(NamedTuple):
    """A station, who works there (the head last), where its residents live, and how many needs it has of all."""

    station_id: int
    staff: Sequence[int]
    communities: Sequence[int]
    share: float


@dataclass(frozen=True)
class Network:
    places: Sequence[Place]
    workers: Sequence[tuple[Person, str]]
    county: Sequence[tuple[Person, str]]
    city: Sequence[tuple[Person, str]]
    communities: Sequence[int]


async def network(chosen: random.Random, now: datetime) -> Network:
    """The city's areas, a head station a county, a station a town, a room; staff in each, officers above."""
    province = await _area("四川省", AreaLevel.PROVINCE, None)
    city = await _area("泸州市", AreaLevel.CITY, province)
    counties = [await _area(f"区县{number}", AreaLevel.COUNTY, city) for number in range(COUNTIES)]
    towns = [await _area(f"镇{number}", AreaLevel.TOWN, counties[number % COUNTIES]) for number in range(TOWNS)]
    below = {
        town.id: [(await _area(f"社区{number}", AreaLevel.COMMUNITY, town)) for number in range(COMMUNITIES_A_TOWN)]
        for town in towns
    }
    desk = await Station.create(name="服务台", level=StationLevel.CITY_DESK, area=city, status=StationStatus.OPEN)
    where = [(county, StationLevel.HEAD_STATION, below[towns[number].id]) for number, county in enumerate(counties)]
    where += [(town, StationLevel.TOWN_STATION, below[town.id]) for town in towns]
    stations = [(desk, below[towns[0].id])] + [
        (await _station(area, level), communities) for area, level, communities in where
    ]
    every = await Category.all()
    await StationCategory.bulk_create(
        StationCategory(station=station, category=category) for station, _ in stations[1:] for category in every
    )
    chosen.shuffle(stations)
    shares = [1 / (rank + 4) for rank in range(len(stations))]  # a busy station has ten times what a quiet one has
    workers = await signed_in([f"社工{number}" for number in range(3 * len(stations))], now)
    staff = [workers[3 * number : 3 * number + 3] for number in range(len(stations))]
    places = [
        Place(station.id, [one.id for one, _ in three], [one.id for one in communities], share / sum(shares))
        for (station, communities), three, share in zip(stations, staff, shares, strict=True)
    ]
    await _appoint(stations, staff, now)
    busy = chosen.choices(staff, weights=shares, k=READERS)
    return Network(
        places,
        [chosen.choice(three) for three in busy],
        await _officers(RoleKind.COUNTY_OFFICER, counties * OFFICERS_A_COUNTY, now),
        await _officers(RoleKind.CITY_OFFICER, [None] * CITY_OFFICERS, now),
        [one.id for communities in below.values() for one in communities],
    )


async def _area(name: str, level: AreaLevel, parent: Area | None) -> Area:
    ancestry = "/" if parent is None else f"{parent.ancestry}{parent.id}/"
    return await Area.create(name=name, level=level, parent=parent, ancestry=ancestry, valid_from=SINCE)


async def _station(area: Area, level: StationLevel) -> Station:
    county_id = area.id if level == StationLevel.HEAD_STATION else area.parent_id
    made = await Station.create(
        name=f"{area.name}社工站",
        level=level,
        area=area,
        county_id=county_id,
        status=StationStatus.OPEN,
        phone="0830-1",
    )
    await Coverage.create(station=made, area=area, level=level, valid_from=SINCE)
    return made


async def _appoint(stations: Sequence[tuple[Station, Any]], staff: Sequence[Any], now: datetime) -> None:
    kinds = (RoleKind.SOCIAL_WORKER, RoleKind.SOCIAL_WORKER, RoleKind.STATION_HEAD)
    await Role.bulk_create(
        Role(person_id=person.id, kind=kind, scope=f"station:{station.id}", station_id=station.id, granted_at=now)
        for (station, _), three in zip(stations, staff, strict=True)
        for (person, _), kind in zip(three, kinds, strict=True)
    )


async def _officers(kind: RoleKind, areas: Sequence[Area | None], now: datetime) -> list[tuple[Person, str]]:
    found = await signed_in([f"{kind}{number}" for number in range(len(areas))], now)
    for (person, _), area in zip(found, areas, strict=True):
        scope = "city" if area is None else f"area:{area.id}"
        await Role.create(person_id=person.id, kind=kind, scope=scope, area_id=area and area.id, granted_at=now)
    return found
