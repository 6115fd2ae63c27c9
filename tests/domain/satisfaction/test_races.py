"""Races of ratings and call-backs, on several connections."""

from collections import Counter
from datetime import timedelta

from server.domain.satisfaction import call_backs, month_fixing, months, need_rating
from server.errors.satisfaction import CallBackDone, RatingClosed
from server.models import CallBack, MonthlySatisfaction, Need, NeedEvent, NeedStatus, Rating
from tests import steps
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories import ratings

ROUNDS = 5


async def test_same_low_rating_at_once_reopens_once(city):
    for _ in range(ROUNDS):
        need = await steps.resolve_need(city, await city.need(), NOW)

        answers = await at_once(
            *(need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW) for _ in range(5))
        )

        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        assert await Rating.filter(need_id=need.id).count() == 1
        assert await CallBack.filter(need_id=need.id).count() == 1
        assert (await Need.get(id=need.id)).reopenings == 1


async def test_good_and_bad_rating_at_once_leave_consistent_state(city):
    for _ in range(ROUNDS):
        need = await steps.resolve_need(city, await city.need(), NOW)

        await at_once(
            *(need_rating.rate(need.id, ratings.stars(stars), by=need.person_id, now=NOW) for stars in (5, 1))
        )

        # The second rating is kept; one star reopens the need, as the first or the second.
        assert (await Need.get(id=need.id)).status == NeedStatus.REOPENED
        assert await NeedEvent.filter(need_id=need.id, kind="reopened").count() == 1
        assert await Rating.filter(need_id=need.id).count() == 1


async def test_rating_changed_while_its_month_is_fixed_is_counted_as_it_is_kept(city):
    for number in range(ROUNDS):
        month = f"2026-{3 + number:02}"
        given, fixed = months.start_of(month) + timedelta(days=9), months.end_of(month) + timedelta(days=2)
        needs = [await steps.resolve_need(city, await city.need(), given) for _ in range(5)]
        for need in needs:
            await need_rating.rate(need.id, ratings.stars(5), by=need.person_id, now=given)
        later = given + timedelta(hours=1)

        answers = await at_once(
            month_fixing.fix_ended(now=fixed),
            *(need_rating.rate(need.id, ratings.stars(3), by=need.person_id, now=later) for need in needs),
            month_fixing.fix_ended(now=fixed),
        )

        assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, RatingClosed)]
        scope = f"station:{needs[0].station_id}"
        figure = await MonthlySatisfaction.get(scope=scope, subject="needs", month=month)
        kept = Counter(await Rating.filter(figure_month=month).values_list("stars", flat=True))
        assert figure.distribution == [kept[stars] for stars in range(1, 6)]
        assert (figure.ratings, await MonthlySatisfaction.filter(scope="city", month=month).count()) == (5, 1)


async def test_two_results_of_a_call_at_once_leave_one(city):
    for _ in range(ROUNDS):
        need = await steps.resolve_need(city, await city.need(), NOW)
        await need_rating.rate(need.id, ratings.stars(1), by=need.person_id, now=NOW)
        call_back = await CallBack.get(need_id=need.id)

        answers = await at_once(
            *(
                call_backs.record(call_back.id, reached=True, satisfied=True, note="", by=city.staff[name], now=NOW)
                for name in ("林社工", "赵站长", "孙站长")
            )
        )

        assert sum(isinstance(answer, CallBackDone) for answer in answers) == 2
        assert await NeedEvent.filter(need_id=need.id, kind="called_back").count() == 1
