"""Find stations: one by id, those near a point, those of a county."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians

from server.domain import coverage, reference, staff, stations
from server.domain.coordinates import MOST_LATITUDE, MOST_LONGITUDE, Point, metres_between
from server.domain.duty import cover
from server.domain.duty.cover import DutyState
from server.domain.staff import StationStaff
from server.models import Category, Coverage, Station, StationLevel, StationStatus

METRES_A_DEGREE = 111_000
# Half-sizes of the searched box in degrees of latitude, tried one after the other until it holds enough stations.
BOXES = (0.05, 0.2, 0.8, 3.2, MOST_LONGITUDE)


@dataclass(frozen=True)
class Page:
    """The page of a station with area and county: what it offers, what it covers, and its people, whom staff need."""

    station: Station
    categories: Sequence[Category]
    covering: Sequence[Coverage]
    duty: DutyState
    people: StationStaff


@dataclass(frozen=True)
class Near:
    station: Station
    metres: int


async def page(station_id: int, *, now: datetime) -> Page:
    """Return the station's page of today. Raises `NotFound`."""
    station = await stations.get(station_id)
    snapshot = await reference.snapshot()
    offered = snapshot.offers.get(station_id, frozenset())
    categories = [one for one in snapshot.categories.values() if one.active and one.id in offered]
    covering = await coverage.of_station(station_id, stations.today(now))
    people = await staff.of_station(station_id)
    duty = await cover.state_of(await cover.list_around(station_id, now), people, now)
    return Page(station, categories, covering, duty, people)


async def of_county(county_id: int, *, after: int, limit: int) -> list[Station]:
    """Return stations of the county after an id, of any status."""
    found = (await reference.snapshot()).stations_in({county_id})
    return [one for one in found if one.id > after][:limit]


async def nearby(point: Point, *, limit: int) -> list[Near]:
    """Return the nearest open stations with a known place. The city desk is excluded: nobody walks to it."""
    here = point.as_gcj02()
    stations = [one for one in (await reference.snapshot()).stations.values() if _is_on_the_map(one)]
    near: list[Near] = []
    for degrees in BOXES:
        near = sorted(_within(stations, here, degrees), key=lambda one: (one.metres, one.station.id))[:limit]
        # Stations in the corners of the box may be farther away than some just outside its sides.
        if len(near) == limit and near[-1].metres <= degrees * METRES_A_DEGREE:
            break
    return near


def _is_on_the_map(station: Station) -> bool:
    is_desk = station.level == StationLevel.CITY_DESK
    return station.status == StationStatus.OPEN and station.latitude is not None and not is_desk


def _within(stations: Iterable[Station], here: tuple[float, float], degrees: float) -> list[Near]:
    longitude, latitude = here
    # A degree of longitude is shorter than one of latitude; the box is as wide as it is high.
    sideways = degrees / cos(radians(min(abs(latitude) + degrees, MOST_LATITUDE)))
    return [
        Near(one, round(metres_between(here, place)))
        for one in stations
        if abs((place := _place(one))[0] - longitude) <= sideways and abs(place[1] - latitude) <= degrees
    ]


def _place(station: Station) -> tuple[float, float]:
    assert station.longitude is not None
    assert station.latitude is not None
    return station.longitude, station.latitude
