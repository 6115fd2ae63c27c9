"""Ratings of needs: who may rate, when, and what follows."""

from datetime import timedelta

import pytest

from server.domain.needs import closing, schedule, timeline, triage
from server.domain.satisfaction import need_rating
from server.domain.satisfaction.need_rating import RatingContent
from server.errors import DeadlinePassed, InvalidNeedState, NotFound
from server.errors.satisfaction import RatingClosed
from server.models import CallBack, Need, NeedStatus, Policy, Rating
from server.models.satisfaction import RatingTag, Solved
from tests import factories, steps
from tests.conftest import NOW
from tests.factories import ratings


@pytest.fixture
async def need(city):
    """A need of 王奶奶 that 陈社工 resolved; no call-back is sampled."""
    await Policy.create(name="call_back_sample_percent", scope="city", value=0, source="test")
    return await steps.resolve_need(city, await city.need(), NOW)


async def rated(need, stars, now=NOW, *, by=None, tags=(), comment=""):
    await need_rating.rate(need.id, ratings.stars(stars, tags, comment), by=by or need.person_id, now=now)
    return await Need.get(id=need.id)


async def last_text(need):
    return (await timeline.list_entries(need, for_staff=False))[-1].text


async def test_resident_rates_resolved_need(need):
    content = RatingContent(5, Solved.YES, [RatingTag.KIND, RatingTag.QUICK, RatingTag.KIND], "谢谢")
    await need_rating.rate(need.id, content, by=need.person_id, now=NOW)

    kept = (await need_rating.get_rating(need.id, need.person_id)).rating

    assert (kept.stars, kept.tags, kept.comment) == (5, ["kind", "quick"], "谢谢")
    assert kept.station_id == need.station_id


@pytest.mark.parametrize("stars", [3, 4, 5])
async def test_three_stars_close_the_need(need, stars):
    closed = await rated(need, stars)

    assert (closed.status, closed.ended_at) == (NeedStatus.CLOSED, NOW)
    assert "谢谢您的评价" in await last_text(need)


async def test_timeline_shows_neither_stars_nor_comment(need):
    await rated(need, 4, comment="陈社工人真好")

    story = "".join(line.text + line.note for line in await timeline.list_entries(need, for_staff=True))

    assert "4" not in story.partition("办结")[2]
    assert "人真好" not in story


@pytest.mark.parametrize("stars", [1, 2])
async def test_low_rating_reopens_the_need_to_the_head(city, need, stars):
    again = await rated(need, stars)

    assert (again.status, again.reopenings) == (NeedStatus.REOPENED, 1)
    assert again.assignee_id == city.staff["赵站长"].person_id
    assert "重新办理" in await last_text(need)


async def test_need_that_the_head_handled_is_reopened_to_the_parent_station(city):
    need = await steps.accept_need(city, await city.need(), NOW, by="赵站长")
    for step in (
        triage.assign(need.id, worker_id=city.staff["赵站长"].person_id, by=city.staff["赵站长"], now=NOW),
        triage.start(need.id, by=city.staff["赵站长"], now=NOW),
        triage.resolve(need.id, outcome="好", service_minutes=0, by=city.staff["赵站长"], now=NOW),
    ):
        await step

    again = await rated(need, 1)

    assert again.station_id == city.stations["江阳总站"].id
    assert again.assignee_id == city.staff["孙站长"].person_id
    started = await triage.start(need.id, by=city.staff["孙站长"], now=NOW)
    assert started.status == NeedStatus.IN_PROGRESS


async def test_need_without_head_is_reopened_unassigned(city, need):
    await factories.Role.filter(kind="station_head").update(current=None)

    again = await rated(need, 1)

    assert (again.status, again.assignee_id) == (NeedStatus.REOPENED, None)


async def test_rating_after_fifteen_days_is_refused(need):
    with pytest.raises(DeadlinePassed):
        await rated(need, 5, NOW + timedelta(days=15, seconds=1))

    assert (await rated(need, 5, NOW + timedelta(days=15))).status == NeedStatus.CLOSED


async def test_unresolved_need_cannot_be_rated(city):
    need = await steps.start_need(city, await city.need(), NOW)

    with pytest.raises(InvalidNeedState):
        await rated(need, 5)


async def test_stranger_and_worker_cannot_rate(city, need):
    stranger = await factories.person("路人", NOW)
    for person_id in (stranger.id, city.staff["陈社工"].person_id):
        with pytest.raises(NotFound):
            await rated(need, 5, by=person_id)
        with pytest.raises(NotFound):
            await need_rating.get_rating(need.id, person_id)


async def test_person_and_submitter_rate_once_each(city):
    daughter = await factories.person("女儿", NOW, city.areas["团结村"])
    need = await steps.resolve_need(city, await city.need(by=daughter.id, relation="女儿"), NOW)
    await Need.filter(id=need.id).update(person_id=city.grandma.id)

    for person in (daughter, city.grandma, daughter):
        await rated(need, 4, by=person.id)

    assert await Rating.filter(need_id=need.id).count() == 2


async def test_same_rating_again_changes_nothing(need):
    await rated(need, 4)
    before = await Need.get(id=need.id)

    after = await rated(need, 4, NOW + timedelta(days=3))

    assert after.event_count == before.event_count
    assert (await Rating.get(need_id=need.id)).changed_at is None


async def test_rating_is_changeable_for_a_day(need):
    await rated(need, 4)
    until = (await need_rating.get_rating(need.id, need.person_id)).changeable_until
    assert until == NOW + timedelta(hours=24)

    await rated(need, 5, until, comment="想起来了，很好")
    with pytest.raises(RatingClosed):
        await rated(need, 3, until + timedelta(seconds=1))

    kept = await Rating.get(need_id=need.id)
    assert (kept.stars, kept.comment, kept.rated_at, kept.changed_at) == (5, "想起来了，很好", NOW, until)


async def test_rating_changed_to_one_star_reopens_closed_need(need):
    assert (await rated(need, 5)).status == NeedStatus.CLOSED

    again = await rated(need, 1, NOW + timedelta(hours=23))

    assert (again.status, again.ended_at) == (NeedStatus.REOPENED, None)
    assert await CallBack.filter(need_id=need.id).count() == 1


async def test_rating_changed_during_reopening_is_kept(need):
    await rated(need, 1)

    again = await rated(need, 5, NOW + timedelta(hours=1))

    assert again.status == NeedStatus.REOPENED
    assert (await Rating.get(need_id=need.id)).stars == 5


async def test_second_outcome_is_rated_by_a_rating_of_its_own(city, need):
    await rated(need, 2, comment="药买错了")
    later = NOW + timedelta(days=4)
    await steps.resolve_again(city, need, later)

    closed = await rated(need, 5, later + timedelta(hours=1))

    newest = (await need_rating.get_rating(need.id, need.person_id)).rating
    assert closed.status == NeedStatus.CLOSED
    assert (newest.stars, newest.comment, newest.changed_at) == (5, "", None)
    assert await Rating.filter(need_id=need.id).order_by("outcome").values_list("stars", flat=True) == [2, 5]


async def test_second_low_rating_does_not_reopen(city, need):
    await rated(need, 2)
    later = NOW + timedelta(days=1)
    await steps.resolve_again(city, need, later)

    closed = await rated(need, 1, later + timedelta(hours=1))

    assert (closed.status, closed.reopenings) == (NeedStatus.CLOSED, 1)
    assert await CallBack.filter(need_id=need.id, reason="still_low").exists()


async def test_timeline_of_a_second_rating_is_the_same_whatever_the_stars_are(city, need):
    other = await steps.resolve_need(city, await city.need(), NOW)
    later, texts = NOW + timedelta(days=1), set()
    for one, stars in ((need, 1), (other, 5)):
        await rated(one, 2)
        await steps.resolve_again(city, one, later)
        await rated(one, stars, later + timedelta(hours=1))
        texts.add(await last_text(one))

    assert len(texts) == 1


async def test_low_rating_after_reopening_on_request_does_not_reopen(city, need):
    await closing.reopen(need.id, reason="药买错了", by=need.person_id, now=NOW)
    later = NOW + timedelta(days=1)
    await steps.resolve_again(city, need, later)

    assert (await rated(need, 1, later)).status == NeedStatus.CLOSED


async def test_need_closed_without_rating_has_no_stars(need):
    await schedule.do_due_actions(need.id, now=NOW + timedelta(days=15))

    assert (await Need.get(id=need.id)).status == NeedStatus.CLOSED
    assert await Rating.all().count() == 0


async def test_rating_stays_with_resolving_station(city, need):
    await Need.filter(id=need.id).update(station_id=city.stations["江阳总站"].id)

    await rated(need, 5)

    assert (await Rating.get(need_id=need.id)).station_id == city.stations["邻玉社工站"].id


@pytest.mark.parametrize(("solved", "status"), [("yes", "closed"), ("partly", "closed"), ("no", "reopened")])
async def test_need_that_was_not_solved_is_reopened_whatever_the_stars(need, solved, status):
    await need_rating.rate(need.id, RatingContent(5, Solved(solved)), by=need.person_id, now=NOW)

    assert (await Need.get(id=need.id)).status == status
    assert await CallBack.exists(need_id=need.id) is (solved == "no")
