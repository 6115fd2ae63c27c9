"""The coverage-gap report, counted place by place."""

import pytest

from server.domain import categories, coverage_report, station_lifecycle
from server.domain.categories import CategoryTexts
from server.errors import NotFound
from server.models import Area, Category, Role, Station, StationCategory, StationLevel, StationStatus
from tests import factories
from tests.conftest import NOW
from tests.factories.stations import TODAY


@pytest.fixture
async def city(city):
    """The small city, in which somebody works at every open station."""
    await factories.employ(city, "和平社工室")
    return city


async def report(by):
    return {tally.name: tally for tally in await coverage_report.by_county(by, on=TODAY)}


def counts(tally):
    return (
        tally.communities,
        tally.without_community_room,
        tally.without_town_station,
        tally.with_uncovered_categories,
        tally.needs_at_city_desk,
    )


async def test_communities_without_an_open_room_or_town_station_are_counted(city):
    found = await report(city.staff["卫处长"])

    assert counts(found["江阳区"]) == (3, 2, 0, 0, 0)
    assert counts(found["龙马潭区"]) == (1, 1, 1, 0, 0)


async def test_station_at_which_nobody_works_is_a_gap(city):
    for name in ("和平社工室", "邻玉社工站"):
        await Role.filter(station_id=city.stations[name].id).update(current=None)

    found = await report(city.staff["卫处长"])

    assert counts(found["江阳区"]) == (3, 3, 2, 0, 0)


async def test_the_report_lists_each_county_by_its_towns(city):
    jiangyang = (await report(city.staff["卫处长"]))["江阳区"]

    assert {part.name: counts(part) for part in jiangyang.parts.values()} == {
        "邻玉街道": (2, 1, 0, 0, 0),
        "蓝田街道": (1, 1, 0, 0, 0),
    }


async def test_a_county_officer_sees_their_county_alone(city):
    assert set(await report(city.staff["褚科长"])) == {"龙马潭区"}
    with pytest.raises(NotFound):
        await coverage_report.of_town(city.areas["邻玉街道"].id, city.staff["褚科长"], on=TODAY)


async def test_a_category_nobody_offers_is_a_gap_of_every_community(city):
    chief = city.staff["卫处长"]
    await categories.add("legal_aid", CategoryTexts("法律援助"), confidential=False, by=chief, now=NOW)

    found = await report(chief)

    assert [tally.with_uncovered_categories for tally in found.values()] == [3, 1]
    assert [category.name for category in await coverage_report.categories_not_offered(chief)] == ["法律援助"]


async def test_an_inactive_category_is_no_gap(city):
    chief = city.staff["卫处长"]
    await categories.add("legal_aid", CategoryTexts("法律援助"), confidential=False, by=chief, now=NOW)
    await categories.change("legal_aid", changes={"active": False}, by=chief, now=NOW)

    assert (await report(chief))["江阳区"].with_uncovered_categories == 0


async def test_categories_of_another_county_do_not_fill_the_gap_here(city):
    legal = (
        await categories.add(
            "legal_aid", CategoryTexts("法律援助"), confidential=False, by=city.staff["卫处长"], now=NOW
        )
    ).category
    await StationCategory.create(station=city.stations["龙马潭总站"], category=legal)

    assert [category.code for category in await coverage_report.categories_not_offered(city.staff["冯科长"])] == [
        "legal_aid"
    ]
    assert (await report(city.staff["卫处长"]))["龙马潭区"].with_uncovered_categories == 0


async def test_needs_that_only_the_city_desk_took_are_counted_where_they_came_from(city):
    await station_lifecycle.suspend(city.stations["龙马潭总站"].id, reason="演练", by=city.staff["卫处长"], now=NOW)
    for _ in range(2):
        await city.need(area_id=city.areas["码头社区"].id)

    found = await report(city.staff["卫处长"])

    assert counts(found["龙马潭区"]) == (1, 1, 1, 1, 2)
    assert found["龙马潭区"].parts[city.areas["小市街道"].id].needs_at_city_desk == 2


async def test_where_no_station_is_open_even_not_sure_goes_to_the_city_desk(city):
    await Station.filter(level=StationLevel.HEAD_STATION).update(status=StationStatus.SUSPENDED)

    [dock] = await coverage_report.of_town(city.areas["小市街道"].id, city.staff["卫处长"], on=TODAY)

    assert dock.levels == frozenset()
    assert len(dock.uncovered) == await Category.all().count()


async def test_each_community_of_a_town_is_shown_with_what_it_has(city):
    found = await coverage_report.of_town(city.areas["邻玉街道"].id, city.staff["冯科长"], on=TODAY)

    assert {cover.area.name: StationLevel.COMMUNITY_ROOM in cover.levels for cover in found} == {
        "团结村": False,
        "和平社区": True,
    }


async def test_dissolved_communities_are_not_counted(city):
    await Area.filter(id=city.areas["团结村"].id).update(valid_until=TODAY)

    assert counts((await report(city.staff["冯科长"]))["江阳区"]) == (2, 1, 0, 0, 0)
