"""The two coordinate systems and conversions between them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.coordinates import Coordinates, Point, county_of_code, metres_between
from server.models import AreaCode
from tests.factories.stations import TODAY

GCJ02, WGS84 = Coordinates.GCJ02, Coordinates.WGS84
# (wgs84, gcj02) of 北京, 上海 and 泸州, as other programs convert them.
KNOWN = [
    ((116.404, 39.915), (116.410244, 39.916404)),
    ((121.4737, 31.2304), (121.478223, 31.228458)),
    ((105.4433, 28.8891), (105.446891, 28.886074)),
]


@pytest.mark.parametrize(("world", "china"), KNOWN)
def test_known_places_are_converted_within_a_few_metres(world, china):
    assert metres_between(Point(*world, WGS84).as_gcj02(), china) < 3
    assert metres_between(Point(*china, GCJ02).as_wgs84(), world) < 3


@given(st.floats(73.1, 135.9), st.floats(3.1, 53.9))
def test_conversion_there_and_back_ends_within_a_metre(longitude, latitude):
    there = Point(longitude, latitude, GCJ02).as_wgs84()

    back = Point(*there, WGS84).as_gcj02()

    assert metres_between(back, (longitude, latitude)) < 1


def test_coordinates_in_the_wanted_system_stay_unchanged():
    assert Point(105.4, 28.8, GCJ02).as_gcj02() == (105.4, 28.8)
    assert Point(105.4, 28.8, WGS84).as_wgs84() == (105.4, 28.8)


def test_taking_one_system_for_the_other_is_wrong_by_hundreds_of_metres():
    luzhou = (105.4433, 28.8891)

    assert 300 < metres_between(luzhou, Point(*luzhou, WGS84).as_gcj02()) < 800


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(2.35, 48.86), (28.9, 105.4), (105.4, -28.9), (math.nan, 28.9), (105.4, math.nan), (math.inf, 28.9)],
)
def test_places_outside_of_china_and_no_places_at_all_are_refused(longitude, latitude):
    with pytest.raises(ValueError, match="not in China"):
        Point(longitude, latitude, GCJ02)


def test_distances_are_those_over_the_ground():
    chengdu, luzhou = (104.0657, 30.6595), (105.4433, 28.8891)

    assert metres_between(chengdu, luzhou) == pytest.approx(238_000, rel=0.01)
    assert metres_between(luzhou, luzhou) == 0


async def test_a_county_is_found_by_the_code_it_carries_today(city):
    await AreaCode.create(area=city.areas["江阳区"], code_system="nbs", code="510502", valid_from=TODAY)
    await AreaCode.create(area=city.areas["龙马潭区"], code_system="nbs", code="510599", valid_from=TODAY, current=None)

    found = await county_of_code("510502")

    assert found is not None
    assert found.name == "江阳区"
    assert await county_of_code("510599") is None
