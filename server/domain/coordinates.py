"""Places on the map: convert between the two coordinate systems, and measure distances.

Phones in China give `gcj02`, which is a few hundred metres off the world's `wgs84`. Mixing them sends people near a
border to the wrong county. The shift is the formula that all mapping libraries share.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, pi, radians, sin, sqrt

from server.domain import reference
from server.models import Area, AreaCode, AreaLevel

# The ellipsoid the shift is defined on (Krasovsky 1940), and the point it is counted from.
SEMI_MAJOR_METRES = 6_378_245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
ORIGIN_LONGITUDE, ORIGIN_LATITUDE = 105.0, 35.0
MEAN_RADIUS_METRES = 6_371_008.8
# Each round leaves about a thousandth of the error before it.
INVERSE_ROUNDS = 4

LEAST_LONGITUDE, MOST_LONGITUDE = 73.0, 136.0
LEAST_LATITUDE, MOST_LATITUDE = 3.0, 54.0


class Coordinates(StrEnum):
    GCJ02 = "gcj02"
    WGS84 = "wgs84"


@dataclass(frozen=True)
class Point:
    """A place in China in degrees, always with its coordinate system. Raises ValueError for a place elsewhere."""

    longitude: float
    latitude: float
    coordinates: Coordinates

    def __post_init__(self) -> None:
        # NaN compares false to everything, so it is refused here too.
        in_china = (
            LEAST_LONGITUDE <= self.longitude <= MOST_LONGITUDE and LEAST_LATITUDE <= self.latitude <= MOST_LATITUDE
        )
        if not in_china:
            raise ValueError("the place is not in China")

    def as_gcj02(self) -> tuple[float, float]:
        """Return longitude and latitude in gcj02, as every map in China shows them."""
        if self.coordinates is Coordinates.GCJ02:
            return self.longitude, self.latitude
        return _shifted(self.longitude, self.latitude)

    def as_wgs84(self) -> tuple[float, float]:
        """Return longitude and latitude in wgs84, exact to a centimetre."""
        if self.coordinates is Coordinates.WGS84:
            return self.longitude, self.latitude
        longitude, latitude = self.longitude, self.latitude
        for _ in range(INVERSE_ROUNDS):
            reached_longitude, reached_latitude = _shifted(longitude, latitude)
            longitude += self.longitude - reached_longitude
            latitude += self.latitude - reached_latitude
        return longitude, latitude


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance on the ground between two (longitude, latitude) of one coordinate system."""
    (one_longitude, one_latitude), (other_longitude, other_latitude) = one, other
    north = radians(other_latitude - one_latitude)
    east = radians(other_longitude - one_longitude)
    across = cos(radians(one_latitude)) * cos(radians(other_latitude))
    return 2 * MEAN_RADIUS_METRES * asin(sqrt(sin(north / 2) ** 2 + across * sin(east / 2) ** 2))


async def county_of_code(code: str) -> Area | None:
    """Return the county that has an official six-digit code today, of any authority."""
    ids = await AreaCode.filter(code=code, current=1).values_list("area_id", flat=True)
    found = (await reference.areas(ids)).values()  # type: ignore[arg-type]
    return next((one for one in found if one.level == AreaLevel.COUNTY), None)


def _shifted(longitude: float, latitude: float) -> tuple[float, float]:
    """Convert wgs84 to gcj02."""
    east, north = longitude - ORIGIN_LONGITUDE, latitude - ORIGIN_LATITUDE
    angle = radians(latitude)
    flattening = 1 - ECCENTRICITY_SQUARED * sin(angle) ** 2
    metres_a_degree_east = SEMI_MAJOR_METRES / sqrt(flattening) * cos(angle) * pi / 180
    metres_a_degree_north = SEMI_MAJOR_METRES * (1 - ECCENTRICITY_SQUARED) / flattening**1.5 * pi / 180
    return (
        longitude + _metres_east(east, north) / metres_a_degree_east,
        latitude + _metres_north(east, north) / metres_a_degree_north,
    )


def _metres_east(x: float, y: float) -> float:
    plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    return plain + _waves(x, 20, 6, 20, 2) + _waves(x, 20, 1, 40, 1 / 3) + _waves(x, 150, 1 / 12, 300, 1 / 30)


def _metres_north(x: float, y: float) -> float:
    plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    return plain + _waves(x, 20, 6, 20, 2) + _waves(y, 20, 1, 40, 1 / 3) + _waves(y, 160, 1 / 12, 320, 1 / 30)


def _waves(at: float, metres: float, often: float, more_metres: float, rarely: float) -> float:
    """Return two waves, each in metres and half-turns a degree, at two thirds of their height."""
    return (metres * sin(often * at * pi) + more_metres * sin(rarely * at * pi)) * 2 / 3
