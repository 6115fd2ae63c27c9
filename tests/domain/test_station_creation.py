"""Create stations: in which areas, by whom, and the city desk of a new installation."""

import pytest

from server.domain import stations
from server.domain.stations import StationFacts
from server.errors import NotAllowed, NotFound, WrongAreaLevel
from server.models import Area, AreaLevel, Coverage, StationCategory, StationLevel, StationStatus
from tests import factories
from tests.conftest import NOW
from tests.factories.stations import TODAY

S = StationStatus


@pytest.fixture
def officer(city):
    return city.staff["冯科长"]


async def found(city, by, level, place, **page):
    return await stations.create(StationFacts(level, city.areas[place].id, "新站", page), by=by, now=NOW)


async def test_a_new_station_is_planned_covers_nothing_and_offers_nothing(city, officer):
    made = await found(city, officer, StationLevel.COMMUNITY_ROOM, "宪桥社区", phone="08302345678")

    assert (made.status, made.county_id, made.phone) == (S.PLANNED, city.areas["江阳区"].id, "08302345678")
    assert not await Coverage.exists(station_id=made.id)
    assert not await StationCategory.exists(station_id=made.id)


@pytest.mark.parametrize(
    ("level", "place"),
    [
        (StationLevel.COMMUNITY_ROOM, "邻玉街道"),
        (StationLevel.TOWN_STATION, "江阳区"),
        (StationLevel.HEAD_STATION, "邻玉街道"),
    ],
)
async def test_each_level_is_created_in_its_level_of_area(city, officer, level, place):
    with pytest.raises(WrongAreaLevel):
        await found(city, officer, level, place)


async def test_station_in_a_dissolved_community_is_refused(city, officer):
    await Area.filter(id=city.areas["宪桥社区"].id).update(valid_until=TODAY)

    with pytest.raises(WrongAreaLevel):
        await found(city, officer, StationLevel.COMMUNITY_ROOM, "宪桥社区")


async def test_station_outside_every_county_is_refused(city):
    town = await factories.area("市辖镇", AreaLevel.TOWN, city.areas["泸州市"])

    with pytest.raises(WrongAreaLevel):
        await stations.create(
            StationFacts(StationLevel.TOWN_STATION, town.id, "新站", {}), by=city.staff["卫处长"], now=NOW
        )


async def test_officer_creates_stations_in_their_own_county_only(city, officer):
    with pytest.raises(NotAllowed):
        await found(city, officer, StationLevel.COMMUNITY_ROOM, "码头社区")
    assert await found(city, city.staff["卫处长"], StationLevel.COMMUNITY_ROOM, "码头社区")


async def test_station_in_a_missing_area_is_not_found(city, officer):
    with pytest.raises(NotFound):
        await stations.create(StationFacts(StationLevel.COMMUNITY_ROOM, 999_999, "新站", {}), by=officer, now=NOW)


async def test_the_city_desk_is_set_up_once(city):
    desk = city.stations["市级服务台"]

    again = await stations.set_up_city_desk(city.areas["泸州市"].id, name="另一个", now=NOW)

    assert again.id == desk.id
    with pytest.raises(NotFound):
        await stations.set_up_city_desk(city.areas["江阳区"].id, name="另一个", now=NOW)


async def test_a_new_installation_gets_its_city_desk_open(database):
    luzhou = await factories.area("泸州市", AreaLevel.CITY)

    desk = await stations.set_up_city_desk(luzhou.id, name="泸州市社会工作服务台", now=NOW)

    assert (desk.status, desk.county_id) == (S.OPEN, None)
