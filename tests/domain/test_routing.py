"""The rules of routing."""

from datetime import date
from itertools import pairwise

import pytest

from server.database import db
from server.domain import reference, routing, stations
from server.domain.routing import route
from server.errors import NotFound
from server.models import (
    Area,
    AreaEdition,
    AreaSuccessor,
    Category,
    Coverage,
    Station,
    StationCategory,
    StationLevel,
    StationStatus,
)
from tests.conftest import NOW
from tests.factories.stations import CARE, JOBS, LEVELS, TODAY, VILLAGE, all_levels, fact

ROOM, TOWN, HEAD, DESK = (
    StationLevel.COMMUNITY_ROOM,
    StationLevel.TOWN_STATION,
    StationLevel.HEAD_STATION,
    StationLevel.CITY_DESK,
)


@pytest.fixture
async def care(city):
    return await Category.get(code="elder_care")


async def responsible(city, place, category):
    return await routing.responsible(city.areas[place].id, category.id, TODAY)


def test_the_room_of_the_community_is_responsible():
    found = route(VILLAGE, CARE, all_levels(), TODAY, LEVELS)

    assert (found.level, found.gap) == (ROOM, False)
    assert found.words == "您所在的团结村由团结社工室受理。"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (StationStatus.PLANNED, "团结社工室还在筹建中"),
        (StationStatus.SUSPENDED, "团结社工室暂停服务"),
        (StationStatus.CLOSED, "团结社工室已撤销"),
    ],
)
def test_a_room_that_is_not_open_is_skipped_and_the_resident_reads_why(status, reason):
    found = route(VILLAGE, CARE, all_levels(community_room={"status": status}), TODAY, LEVELS)

    assert found.level == TOWN
    assert found.words == f"您所在的团结村：{reason}，由邻玉社工站受理。"


def test_room_whose_coverage_ended_with_its_closing_is_named_as_closed():
    closed = {"status": StationStatus.CLOSED, "valid_until": TODAY}

    found = route(VILLAGE, CARE, all_levels(community_room=closed), TODAY, LEVELS)

    assert found.words == "您所在的团结村：团结社工室已撤销，由邻玉社工站受理。"


def test_where_there_is_no_room_the_town_station_is_responsible():
    found = route(VILLAGE, CARE, all_levels(community_room=None), TODAY, LEVELS)

    assert found.level == TOWN
    assert found.words == "您所在的团结村还没有设社工室，由邻玉社工站受理。"


def test_a_room_that_does_not_offer_the_category_is_skipped():
    found = route(VILLAGE, JOBS, all_levels(community_room={"category_ids": frozenset({CARE})}), TODAY, LEVELS)

    assert found.level == TOWN
    assert "团结社工室不提供这类服务" in found.words


def test_where_neither_room_nor_town_station_is_open_the_head_station_is_responsible():
    found = route(
        VILLAGE, CARE, all_levels(community_room=None, town_station={"status": StationStatus.SUSPENDED}), TODAY, LEVELS
    )

    assert found.level == HEAD
    assert found.words == "您所在的团结村还没有设社工室，邻玉社工站暂停服务，由江阳总站受理。"


def test_uncovered_need_goes_to_the_city_desk_and_counts_as_a_gap():
    found = route(VILLAGE, CARE, all_levels(community_room=None, town_station=None, head_station=None), TODAY, LEVELS)

    assert (found.level, found.gap) == (DESK, True)
    assert found.words == (
        "您所在的团结村还没有设社工室，邻玉街道还没有设社工站，江阳区还没有设社工总站，暂由市级服务台受理。"
    )


def test_uncovered_category_is_named_in_the_route():
    nobody_offers = {"category_ids": frozenset({CARE})}
    found = route(
        VILLAGE,
        JOBS,
        all_levels(community_room=nobody_offers, town_station=nobody_offers, head_station=nobody_offers),
        TODAY,
        LEVELS,
    )

    assert found.gap
    assert found.words.count("不提供这类服务") == 3


def test_a_town_station_that_covers_the_single_community_comes_before_the_one_of_the_whole_town():
    near = fact(TOWN, station_id=201, station_name="团结片区社工站", area_id=50)

    assert route(VILLAGE, CARE, [*all_levels(community_room=None), near], TODAY, LEVELS).station_id == 201


def test_when_the_nearer_of_two_is_closed_the_farther_of_the_same_level_takes_over():
    near = fact(TOWN, station_id=201, area_id=50, status=StationStatus.SUSPENDED)

    assert route(VILLAGE, CARE, [near, *all_levels(community_room=None)], TODAY, LEVELS).station_id == 200


def test_station_that_covers_another_community_is_not_responsible():
    assert route(VILLAGE, CARE, all_levels(community_room={"area_id": 51}), TODAY, LEVELS).level == TOWN


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "covers"),
    [
        (date(2026, 3, 10), None, True),
        (date(2026, 3, 11), None, False),
        (date(2026, 1, 1), date(2026, 3, 11), True),
        (date(2026, 1, 1), date(2026, 3, 10), False),
    ],
)
def test_coverage_holds_from_its_first_day_until_not_including_its_last(valid_from, valid_until, covers):
    room = {"valid_from": valid_from, "valid_until": valid_until}

    assert (route(VILLAGE, CARE, all_levels(community_room=room), TODAY, LEVELS).level == ROOM) is covers


async def test_the_stations_in_the_database_give_the_same_route(city, care):
    assert (await responsible(city, "和平社区", care)).level == ROOM
    assert (await responsible(city, "团结村", care)).level == TOWN
    assert (await responsible(city, "码头社区", care)).level == HEAD


async def test_route_uses_the_names_people_use(city, care):
    assert (await responsible(city, "码头社区", care)).words == (
        "您所在的码头社区还没有设社会工作服务室，小市街道还没有设社会工作服务站，由龙马潭总站受理。"
    )


async def test_not_sure_is_offered_by_every_open_station(city):
    not_sure = await Category.get(code="not_sure")
    await StationCategory.all().delete()

    assert (await responsible(city, "和平社区", not_sure)).level == ROOM
    assert await routing.offers(city.stations["和平社工室"].id, not_sure.id)


async def test_station_offers_its_listed_categories_and_the_city_desk_all(city, care):
    await StationCategory.all().delete()
    await StationCategory.create(station=city.stations["和平社工室"], category=care)

    assert await routing.offers(city.stations["和平社工室"].id, care.id)
    assert not await routing.offers(city.stations["邻玉社工站"].id, care.id)
    assert await routing.offers(city.stations["市级服务台"].id, care.id)


async def test_a_whole_town_is_routed_without_its_rooms(city, care):
    assert (await responsible(city, "邻玉街道", care)).words == "您所在的邻玉街道由邻玉社工站受理。"


async def test_an_area_that_does_not_exist_is_not_found(city, care):
    with pytest.raises(NotFound):
        await routing.responsible(999_999, care.id, TODAY)


async def test_a_merged_community_follows_the_one_it_merged_into(city, care):
    old, new = city.areas["团结村"], city.areas["和平社区"]
    edition = await AreaEdition.create(
        name="合并", code_system="nbs", valid_from=TODAY, covers=[], follows=0, proposed_at=NOW
    )
    await AreaSuccessor.create(area=old, successor=new, edition=edition)
    await Area.filter(id=old.id).update(valid_until=TODAY)

    assert (await responsible(city, "团结村", care)).station_id == city.stations["和平社工室"].id


async def test_route_costs_no_statement(city, care, monkeypatch):
    await reference.snapshot()
    asked = []
    client = db.connection()
    ask = client.execute_query

    async def counted(query, values=None):
        asked.append(query)
        return await ask(query, values)

    monkeypatch.setattr(client, "execute_query", counted)
    await responsible(city, "团结村", care)

    assert not asked


async def test_parents_are_town_station_head_station_city_desk(city):
    steps = ["和平社工室", "邻玉社工站", "江阳总站", "市级服务台", "市级服务台"]

    for below, above in pairwise(steps):
        assert (await stations.parent_of(city.stations[below])).name == above


async def test_closed_town_station_is_no_parent(city):
    await Station.filter(name="邻玉社工站").update(status=StationStatus.SUSPENDED)

    assert (await stations.parent_of(city.stations["和平社工室"])).name == "江阳总站"


async def test_city_desk_is_the_parent_without_an_open_head_station(city):
    await Coverage.filter(level=HEAD).delete()

    assert (await stations.parent_of(city.stations["邻玉社工站"])).name == "市级服务台"
    assert (await stations.head_station_of(city.stations["邻玉社工站"])).name == "市级服务台"


async def test_the_head_station_of_every_station_of_a_county_is_one(city):
    for name in ("和平社工室", "蓝田社工站", "江阳总站"):
        assert (await stations.head_station_of(city.stations[name])).name == "江阳总站"
    assert (await stations.head_station_of(city.stations["市级服务台"])).name == "市级服务台"
