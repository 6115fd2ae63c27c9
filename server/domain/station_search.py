"""Find stations: one by id, those near a point, those of a county."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians

from server.domain import coverage
from server.domain.coordinates import MOST_LATITUDE, MOST_LONGITUDE, Point, metres_between
from server.errors import NotFound
from server.models import Category, Coverage, Station, StationCategory, StationLevel, StationStatus

METRES_A_DEGREE = 111_000
# Half-sizes of the searched box in degrees of latitude, tried one after the other until it holds enough stations.
BOXES = (0.05, 0.2, 0.8, 3.2, MOST_LONGITUDE)


@dataclass(frozen=True)
class Page:
    """The public page of a station with area and county: what it offers, what it covers."""

    station: Station
    categories: Sequence[Category]
    covering: Sequence[Coverage]


@dataclass(frozen=True)
class Near:
    station: Station
    metres: int


async def page(station_id: int, *, on: date) -> Page:
    """Return the station's page on that day. Raises `NotFound`."""
    station = await Station.get_or_none(id=station_id).select_related("area", "county")
    if station is None:
        raise NotFound
    offers = StationCategory.filter(station_id=station_id, category__active=True).select_related("category")
    categories = [one.category for one in await offers.order_by("category__position", "category_id")]
    return Page(station, categories, await coverage.of_station(station_id, on))  # type: ignore[arg-type]


async def of_county(county_id: int, *, after: int, limit: int) -> list[Station]:
    """Return stations of the county after an id, of any status."""
    return await Station.filter(county_id=county_id, id__gt=after).order_by("id").limit(limit)


async def nearby(point: Point, *, limit: int) -> list[Near]:
    """Return the nearest open stations with a known place. The city desk is excluded: nobody walks to it."""
    here = point.as_gcj02()
    near: list[Near] = []
    for degrees in BOXES:
        near = sorted(await _within(here, degrees), key=lambda one: (one.metres, one.station.id))[:limit]
        # Stations in the corners of the box may be farther away than some just outside its sides.
        if len(near) == limit and near[-1].metres <= degrees * METRES_A_DEGREE:
            break
    return near


async def _within(here: tuple[float, float], degrees: float) -> list[Near]:
    longitude, latitude = here
    # A degree of longitude is shorter than one of latitude; the box is as wide as it is high.
    sideways = degrees / cos(radians(min(abs(latitude) + degrees, MOST_LATITUDE)))
    found = Station.filter(
        status=StationStatus.OPEN,
        latitude__range=(latitude - degrees, latitude + degrees),
        longitude__range=(longitude - sideways, longitude + sideways),
    ).exclude(level=StationLevel.CITY_DESK)
    return [Near(one, round(metres_between(here, _place(one)))) for one in await found]


def _place(station: Station) -> tuple[float, float]:
    assert station.longitude is not None
    assert station.latitude is not None
    return station.longitude, station.latitude
