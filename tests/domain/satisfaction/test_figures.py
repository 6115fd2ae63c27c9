"""Stations' figures: averages from five ratings on, the response rate, comments without names."""

from datetime import date, timedelta

import pytest

from server.domain.satisfaction import figures, need_rating
from server.errors import NotFound
from server.models import Category, Policy, Rating
from server.models.satisfaction import RatingTag
from tests import factories, steps
from tests.conftest import NOW

YEAR = figures.span_of_days(None, None, NOW)


@pytest.fixture(autouse=True)
async def _no_sample(city):
    await Policy.create(name="call_back_sample_percent", scope="city", value=0, source="test")


async def resolve_and_rate(city, *stars, now=NOW, category="elder_care", tags=()):
    """Resolve a need of a new person for each number of stars, and rate it; 0: no rating."""
    for number in stars:
        person = await factories.person("居民", now, city.areas["团结村"])
        city.now = now
        need = await steps.resolve_need(city, await city.need(by=person.id, category=category), now)
        if number:
            comment = f"{number}星的话"
            await need_rating.rate(need.id, stars=number, tags=tags, comment=comment, by=person.id, now=now)


async def of_town(city, span=YEAR, by="赵站长"):
    station = city.stations["邻玉社工站"].id
    [found] = await figures.list_figures(span, station_id=station, after=0, limit=50, by=city.staff[by])
    return found


async def list_comments(city, by="赵站长", after=0, limit=50):
    station = city.stations["邻玉社工站"].id
    return await figures.list_comments(YEAR, station_id=station, after=after, limit=limit, by=city.staff[by])


async def test_average_and_response_rate_appear_from_five_ratings_on(city):
    await resolve_and_rate(city, 5, 5, 4, 3, 5, 0, 0, 0)

    town = await of_town(city)

    assert (town.resolved, town.rated, town.ratings, town.response_percent) == (8, 5, 5, 62)
    assert town.averages.average == 4.4
    assert town.averages.distribution == [0, 0, 1, 1, 3]


async def test_only_response_rate_appears_below_five_ratings(city):
    await resolve_and_rate(city, 5, 5, 1, 5, 0)

    town = await of_town(city)

    assert (town.resolved, town.rated, town.response_percent, town.min_ratings) == (5, 4, 80, 5)
    assert town.averages is None
    assert await list_comments(city) == []


async def test_station_without_resolved_needs_has_no_response_rate(city):
    town = await of_town(city)

    assert (town.resolved, town.ratings, town.response_percent, town.averages) == (0, 0, None, None)


async def test_low_rating_of_reopened_need_counts(city):
    await resolve_and_rate(city, 1, 5, 5, 5, 5)

    town = await of_town(city)

    assert (town.resolved, town.averages.distribution) == (5, [1, 0, 0, 0, 4])


async def test_tags_are_counted_most_frequent_first(city):
    await resolve_and_rate(city, 5, 5, 5, tags=[RatingTag.KIND])
    await resolve_and_rate(city, 5, 5, tags=[RatingTag.QUICK, RatingTag.KIND])

    town = await of_town(city)

    assert town.averages.tags == [(RatingTag.KIND, 5), (RatingTag.QUICK, 2)]


async def test_rating_counts_on_day_of_resolution(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5, 5)
    tenth = date(2026, 3, 10)
    day = timedelta(days=1)

    for first, last, resolved in (
        (tenth, tenth, 6),
        (tenth - day, tenth - day, 0),
        (tenth + day, tenth + day, 0),
    ):
        town = await of_town(city, figures.span_of_days(first, last, NOW))
        assert (town.resolved, town.ratings) == (resolved, resolved)


async def test_figures_list_own_stations_and_counties(city):
    async def names(by):
        found = await figures.list_figures(YEAR, station_id=None, after=0, limit=50, by=city.staff[by])
        return [one.station.name for one in found]

    assert await names("陈社工") == ["邻玉社工站"]
    assert await names("褚科长") == ["龙马潭总站"]
    assert await names("卫处长") == list(factories.STATIONS)
    with pytest.raises(NotFound):
        await of_town(city, by="周社工")
    with pytest.raises(NotFound):
        await list_comments(city, by="褚科长")


async def test_pages_of_stations_have_no_gap_and_end(city):
    found, after = [], 0
    while page := await figures.list_figures(YEAR, station_id=None, after=after, limit=3, by=city.staff["卫处长"]):
        found += [one.station.name for one in page]
        after = page[-1].station.id

    assert found == list(factories.STATIONS)
    town = city.stations["邻玉社工站"].id
    assert await figures.list_figures(YEAR, station_id=town, after=town, limit=3, by=city.staff["卫处长"]) == []


async def test_comments_come_newest_first_in_pages(city):
    for days, stars in enumerate((1, 2, 3, 4, 5)):
        await resolve_and_rate(city, stars, now=NOW - timedelta(days=10 - days))

    first = await list_comments(city, limit=3)
    second = await list_comments(city, after=first[-1].id, limit=3)

    assert [one.comment for one in first + second] == ["5星的话", "4星的话", "3星的话", "2星的话", "1星的话"]


async def test_comments_on_confidential_needs_are_left_out(city):
    await Category.filter(code="counselling").update(confidential=True)
    await resolve_and_rate(city, 5, 5, 5, 5)
    await resolve_and_rate(city, 4, category="counselling")

    assert [one.comment for one in await list_comments(city)] == ["5星的话"] * 4
    assert (await of_town(city)).ratings == 5


async def test_rating_without_words_is_no_comment(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await Rating.filter(id=(await Rating.first()).id).update(comment="")

    assert len(await list_comments(city)) == 4


async def test_station_can_require_more_ratings(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await Policy.create(name="min_ratings_for_average", scope="city", value=6, source="test")

    assert (await of_town(city)).averages is None
