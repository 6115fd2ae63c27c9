"""Find stations: their pages, those nearby, those of a county."""

import pytest

from server.domain import station_search
from server.domain.coordinates import Coordinates, Point
from server.errors import NotFound
from server.models import Category, Station, StationLevel, StationStatus
from tests import factories
from tests.conftest import NOW

HERE = Point(105.4433, 28.8891, Coordinates.GCJ02)


async def put_at(station, longitude, latitude):
    await Station.filter(id=station.id).update(longitude=longitude, latitude=latitude)


async def names(point=HERE, limit=10):
    return [row.station.name for row in await station_search.nearby(point, limit=limit)]


async def test_the_nearest_open_stations_come_first_with_their_distance(city):
    await put_at(city.stations["邻玉社工站"], 105.4533, 28.8891)
    await put_at(city.stations["和平社工室"], 105.4433, 28.8892)

    near = await station_search.nearby(HERE, limit=10)

    assert [row.station.name for row in near] == ["和平社工室", "邻玉社工站"]
    assert [row.metres for row in near] == [11, 974]


async def test_stations_that_are_not_open_or_have_no_place_and_the_city_desk_are_not_near(city):
    await put_at(city.stations["团结社工室"], 105.4433, 28.8891)
    await put_at(city.stations["市级服务台"], 105.4433, 28.8891)

    assert await names() == []


async def test_a_place_given_as_wgs84_finds_the_same_station(city):
    await put_at(city.stations["和平社工室"], *HERE.as_gcj02())

    [near] = await station_search.nearby(Point(*HERE.as_wgs84(), Coordinates.WGS84), limit=10)

    assert near.metres == 0


async def test_far_away_the_nearest_is_still_found(city):
    await put_at(city.stations["和平社工室"], *HERE.as_gcj02())

    assert await names(Point(87.6, 43.8, Coordinates.GCJ02)) == ["和平社工室"]


async def test_limit_keeps_the_really_nearest_stations(city):
    """The corner of a searched box is farther away than places just beyond its side."""
    for name, longitude, latitude in (
        ("角上的站", 105.4433 + 0.05, 28.8891 + 0.049),
        ("边外的站", 105.4433, 28.8891 + 0.051),
    ):
        room = await factories.station(name, StationLevel.COMMUNITY_ROOM, city.areas["和平社区"])
        await put_at(room, longitude, latitude)

    assert await names(limit=1) == ["边外的站"]


async def test_page_lists_categories_in_the_residents_order_and_coverage(city):
    await Category.filter(code="culture").update(active=False)

    page = await station_search.page(city.stations["邻玉社工站"].id, now=NOW)

    offered = [category.name for category in page.categories]
    assert offered[:2] == ["社会救助", "养老服务"]
    assert "群众文化" not in offered
    assert [row.area.name for row in page.covering] == ["邻玉街道"]


async def test_a_station_that_does_not_exist_has_no_page(city):
    with pytest.raises(NotFound):
        await station_search.page(999_999, now=NOW)


async def test_county_list_includes_stations_of_every_status(city):
    county = city.areas["江阳区"].id

    first = await station_search.of_county(county, after=0, limit=3)
    rest = await station_search.of_county(county, after=first[-1].id, limit=100)

    found = [*first, *rest]
    assert len(found) == 5
    assert StationStatus.PLANNED in {row.status for row in found}
