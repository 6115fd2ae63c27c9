"""Figures of whole months: from five ratings on, with the response rate, and comments without names."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain import categories
from server.domain.needs import schedule
from server.domain.satisfaction import averages, figures, month_fixing, months, need_rating
from server.errors import DeadlinePassed, NotFound
from server.errors.satisfaction import MonthOpen, RatingClosed
from server.models import MonthlySatisfaction, Need, Policy, Rating
from server.models.satisfaction import RatingTag
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import ratings

MARCH, APRIL = "2026-03", "2026-04"
# In the night of 2 April the figures of March are fixed.
FIXED = datetime(2026, 4, 1, 19, tzinfo=UTC)
IN_APRIL = datetime(2026, 4, 20, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _no_sample(city):
    await Policy.create(name="call_back_sample_percent", scope="city", value=0, source="test")


async def resolve_and_rate(city, *stars, now=NOW, category="elder_care", tags=(), rated_at=None):
    """Resolve a need of a new person for each number of stars, and rate it; 0: no rating."""
    needs = []
    for number in stars:
        person = await factories.person("居民", now, city.areas["团结村"])
        city.now = now
        need = await steps.resolve_need(city, await city.need(by=person.id, category=category), now)
        needs.append(need)
        if number:
            comment = f"{number}星的话"
            content = ratings.stars(number, tags, comment)
            await need_rating.rate(need.id, content, by=person.id, now=rated_at or now)
    return needs


async def of_town(city, month=MARCH, by="赵站长"):
    station = city.stations["邻玉社工站"].id
    [found] = await figures.list_figures(month, station_id=station, after=0, limit=50, by=city.staff[by])
    return found.needs


async def of_county(city, month=MARCH, by="冯科长"):
    [found] = await figures.list_counties(month, after=0, limit=50, by=city.staff[by])
    return found.needs


async def list_comments(city, by="赵站长", month=MARCH, after=0, limit=50):
    station = city.stations["邻玉社工站"].id
    return await figures.list_comments(month, station_id=station, after=after, limit=limit, by=city.staff[by])


async def test_average_and_response_rate_appear_from_five_ratings_on(city):
    needs = await resolve_and_rate(city, 5, 5, 4, 3, 5, 0, 0, 0)
    for need in needs[5:]:
        await schedule.do_due_actions(need.id, now=NOW + timedelta(days=15))
    await month_fixing.fix_ended(now=FIXED)

    town = await of_town(city)

    assert (town.finished, town.asked, town.rated, town.ratings, town.response_percent) == (8, 8, 5, 5, 62)
    assert town.averages.average == 4.4
    assert town.averages.distribution == [0, 0, 1, 1, 3]


async def test_only_response_rate_appears_below_five_ratings(city):
    await resolve_and_rate(city, 5, 5, 1, 5, 0)
    await month_fixing.fix_ended(now=FIXED)

    town = await of_town(city)

    assert (town.finished, town.rated, town.response_percent, town.min_ratings) == (5, 4, 100, 5)
    assert town.averages is None
    assert await list_comments(city) == []


async def test_need_still_to_be_rated_does_not_lower_response_rate(city):
    await resolve_and_rate(city, 5, 0, now=datetime(2026, 3, 30, 2, tzinfo=UTC))
    await month_fixing.fix_ended(now=FIXED)

    town = await of_town(city)

    assert (town.finished, town.asked, town.response_percent) == (2, 1, 100)


async def test_station_without_resolved_needs_has_no_response_rate(city):
    await month_fixing.fix_ended(now=FIXED)

    town = await of_town(city)

    assert (town.finished, town.ratings, town.response_percent, town.averages) == (0, 0, None, None)


async def test_month_that_has_not_ended_has_no_figures(city):
    await resolve_and_rate(city, 5, 5, 2, 5, 5, 5)
    for early in (NOW, FIXED - timedelta(seconds=1)):
        assert MARCH not in await month_fixing.fix_ended(now=early)
        with pytest.raises(MonthOpen) as refused:
            await of_town(city)
        assert refused.value.details["possible_from"] == FIXED

    assert await month_fixing.fix_ended(now=FIXED) == [MARCH]


async def test_figures_of_a_month_are_fixed_once(city):
    await resolve_and_rate(city, 5, 5, 4, 3, 5)
    assert await month_fixing.fix_ended(now=FIXED) == ["2026-03"]
    before = await of_town(city)

    assert await month_fixing.fix_ended(now=FIXED + timedelta(days=1)) == []

    assert await of_town(city) == before
    assert await MonthlySatisfaction.filter(scope="city", month=MARCH).count() == 1


async def test_months_missed_while_no_job_ran_are_fixed_in_order(city):
    await resolve_and_rate(city, 5)

    assert await month_fixing.fix_ended(now=datetime(2026, 6, 5, tzinfo=UTC)) == ["2026-03", "2026-04", "2026-05"]


async def test_rating_counts_in_the_month_in_which_it_was_given(city):
    end = datetime(2026, 3, 31, 15, tzinfo=UTC)
    await resolve_and_rate(city, 5, 5, 5, 5, 5, now=end)
    await resolve_and_rate(city, 4, 4, 4, 4, 4, now=end, rated_at=end + timedelta(hours=1))
    await month_fixing.fix_ended(now=datetime(2026, 5, 3, tzinfo=UTC))

    march, april = await of_town(city), await of_town(city, APRIL)

    assert (march.finished, march.ratings, march.averages.average) == (10, 5, 5.0)
    assert (april.finished, april.ratings, april.averages.average) == (0, 5, 4.0)


async def test_rating_of_an_ended_month_cannot_be_changed_after_its_figures_are_fixed(city):
    [need, *_] = await resolve_and_rate(city, 5, 5, 4, 3, 5, now=datetime(2026, 3, 31, 15, tzinfo=UTC))
    await month_fixing.fix_ended(now=FIXED)
    before = await of_town(city)
    await Policy.create(name="rating_change_hours", scope="city", value=720, source="test")

    with pytest.raises(RatingClosed):
        await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=IN_APRIL)

    assert await of_town(city) == before


async def test_second_outcome_in_the_next_month_leaves_the_first_figures_unchanged(city):
    [need, *_] = await resolve_and_rate(city, 2, 5, 4, 3, 5)
    await month_fixing.fix_ended(now=FIXED)
    before, words = await of_town(city), [one.comment for one in await list_comments(city)]
    assert before.averages.distribution == [0, 1, 1, 1, 2]

    await steps.resolve_again(city, need, IN_APRIL)
    await need_rating.rate(need.id, ratings.stars(5, [], "现在好了"), by=need.person_id, now=IN_APRIL)
    await month_fixing.fix_ended(now=datetime(2026, 5, 3, tzinfo=UTC))

    assert await of_town(city) == before
    assert [one.comment for one in await list_comments(city)] == words
    assert (await of_town(city, APRIL)).ratings == 1


async def test_category_made_confidential_later_leaves_figures_unchanged(city):
    await resolve_and_rate(city, 5, 5, 4, 3, 2)
    await month_fixing.fix_ended(now=FIXED)
    before, words = await of_town(city), [one.comment for one in await list_comments(city)]

    await categories.change("elder_care", changes={"confidential": True}, by=city.staff["卫处长"], now=IN_APRIL)

    assert await of_town(city) == before
    assert [one.comment for one in await list_comments(city)] == words


async def test_confidential_needs_count_in_the_countys_figures_only(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await resolve_and_rate(city, 1, 1, 1, 1, 1, category="counselling")
    await month_fixing.fix_ended(now=FIXED)

    town, county = await of_town(city), await of_county(city)

    assert (town.finished, town.ratings, town.averages.average) == (5, 5, 5.0)
    assert (county.finished, county.ratings, county.averages.average) == (10, 10, 3.0)


async def test_countys_averages_are_hidden_where_fewer_than_five_ratings_would_follow_from_them(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await resolve_and_rate(city, 1, category="counselling")
    await month_fixing.fix_ended(now=FIXED)

    county = await of_county(city)

    assert (await of_town(city)).averages.average == 5.0
    assert (county.ratings, county.averages) == (6, None)


@pytest.mark.parametrize(
    ("whole", "rest", "safe"),
    [(4, 4, False), (5, 5, True), (9, 4, False), (10, 5, True), (10, 0, True), (11, 1, False)],
)
def test_remainder_of_fewer_than_five_people_makes_a_sum_unsafe(whole, rest, safe):
    of_whole, of_rest = (averages.Counted(ratings=some, raters=frozenset(range(some))) for some in (whole, rest))

    assert averages.is_safe(of_whole, of_rest, least=5) is safe


async def test_five_ratings_of_four_people_have_no_average(city):
    [*_, need] = await resolve_and_rate(city, 5, 5, 4, 3)
    again = await steps.resolve_need(city, await city.need(by=need.person_id), NOW)
    await need_rating.rate(again.id, ratings.stars(2), by=need.person_id, now=NOW)
    await month_fixing.fix_ended(now=FIXED)

    town, county = await of_town(city), await of_county(city)

    assert (town.ratings, town.averages) == (5, None)
    assert (county.ratings, county.averages) == (5, None)


async def test_low_rating_of_reopened_need_counts(city):
    await resolve_and_rate(city, 1, 5, 5, 5, 5)
    await month_fixing.fix_ended(now=FIXED)

    town = await of_town(city)

    assert (town.finished, town.averages.distribution) == (5, [1, 0, 0, 0, 4])


async def test_tags_are_counted_most_frequent_first(city):
    await resolve_and_rate(city, 5, 5, 5, tags=[RatingTag.KIND])
    await resolve_and_rate(city, 5, 5, tags=[RatingTag.QUICK, RatingTag.KIND])
    await month_fixing.fix_ended(now=FIXED)

    town = await of_town(city)

    assert town.averages.tags == [(RatingTag.KIND, 5), (RatingTag.QUICK, 2)]


async def test_figures_list_own_stations_and_counties(city):
    await month_fixing.fix_ended(now=FIXED)

    async def names(by):
        found = await figures.list_figures(None, station_id=None, after=0, limit=50, by=city.staff[by])
        return [one.station.name for one in found]

    async def counties(by):
        return [one.county.name for one in await figures.list_counties(None, after=0, limit=50, by=city.staff[by])]

    assert await names("陈社工") == ["邻玉社工站"]
    assert await names("褚科长") == ["龙马潭总站"]
    assert await names("卫处长") == list(factories.STATIONS)
    assert [await counties(by) for by in ("冯科长", "褚科长")] == [["江阳区"], ["龙马潭区"]]
    assert set(await counties("卫处长")) == {"江阳区", "龙马潭区"}
    with pytest.raises(NotFound):
        await of_town(city, by="周社工")
    with pytest.raises(NotFound):
        await list_comments(city, by="褚科长")


async def test_pages_of_stations_have_no_gap_and_end(city):
    await month_fixing.fix_ended(now=FIXED)
    found, after = [], 0
    while page := await figures.list_figures(MARCH, station_id=None, after=after, limit=3, by=city.staff["卫处长"]):
        found += [one.station.name for one in page]
        after = page[-1].station.id

    assert found == list(factories.STATIONS)
    town = city.stations["邻玉社工站"].id
    assert await figures.list_figures(MARCH, station_id=town, after=town, limit=3, by=city.staff["卫处长"]) == []


async def test_comments_come_in_pages_and_in_no_order_of_time(city):
    for days, stars in enumerate((1, 2, 3, 4, 5)):
        await resolve_and_rate(city, stars, now=NOW - timedelta(days=8 - days))
    await month_fixing.fix_ended(now=FIXED)

    first = await list_comments(city, limit=3)
    second = await list_comments(city, after=first[-1].id, limit=3)

    by_random_id = await Rating.all().order_by("id").values_list("comment", flat=True)
    assert [one.comment for one in first + second] == by_random_id
    assert len(by_random_id) == 5


async def test_comments_on_confidential_needs_are_left_out(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await resolve_and_rate(city, 4, category="counselling")
    await month_fixing.fix_ended(now=FIXED)

    assert [one.comment for one in await list_comments(city)] == ["5星的话"] * 5
    assert (await of_town(city)).ratings == 5


async def test_rating_without_words_is_no_comment(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await Rating.filter(id=(await Rating.first()).id).update(comment="")
    await month_fixing.fix_ended(now=FIXED)

    assert len(await list_comments(city)) == 4


async def test_station_can_require_more_ratings(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 5)
    await Policy.create(name="min_ratings_for_average", scope="city", value=6, source="test")
    await month_fixing.fix_ended(now=FIXED)

    assert (await of_town(city)).averages is None


async def test_number_of_ratings_required_later_leaves_figures_unchanged(city):
    await resolve_and_rate(city, 5, 5, 5, 5, 2, 1)
    await Policy.create(name="min_ratings_for_average", scope="city", value=7, source="test")
    await month_fixing.fix_ended(now=FIXED)
    await Policy.filter(name="min_ratings_for_average").delete()

    assert (await of_town(city)).averages is None


async def test_rating_after_fifteen_days_counts_in_no_month(city):
    [need] = await resolve_and_rate(city, 0)

    with pytest.raises(DeadlinePassed):
        await need_rating.rate(need.id, ratings.stars(5), by=need.person_id, now=NOW + timedelta(days=15, seconds=1))

    assert await Rating.all().count() == 0


@pytest.mark.parametrize(("month", "end"), [("2026-02", (2026, 2, 28, 16)), ("2026-12", (2026, 12, 31, 16))])
def test_month_ends_at_midnight_in_shanghai(month, end):
    assert months.end_of(month) == datetime(*end, tzinfo=UTC)
    assert months.month_of(months.end_of(month) - timedelta(seconds=1)) == month


async def test_three_rates_have_their_parts_and_wholes(city):
    needs = await resolve_and_rate(city, 5, 4, 3, 5, 2, 5)
    for need, solved in zip(needs, ("yes", "yes", "partly", "yes", "no", "partly"), strict=True):
        await Rating.filter(need_id=need.id).update(solved=solved)
    late = await city.need()
    await Need.filter(id=late.id).update(response_due_at=NOW, submitted_at=NOW)
    withdrawn = await city.need()
    await Need.filter(id=withdrawn.id).update(status="withdrawn", response_due_at=NOW, submitted_at=NOW)
    await month_fixing.fix_ended(now=FIXED)

    rates = (await of_town(city)).rates

    assert (rates.in_time.part, rates.in_time.whole) == (6, 7)
    assert (rates.solved.part, rates.solved.whole, rates.solved.percent) == (3, 6, 50)
    assert (rates.satisfied.part, rates.satisfied.whole) == (4, 6)


async def test_rates_from_ratings_of_few_people_are_hidden_and_the_rate_of_answers_is_not(city):
    await resolve_and_rate(city, 5, 5)
    await month_fixing.fix_ended(now=FIXED)

    rates = (await of_town(city)).rates

    assert (rates.solved, rates.satisfied, rates.in_time.whole) == (None, None, 2)
