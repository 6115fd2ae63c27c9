"""Ratings of activities by participants: once, within some days, changeable for a day."""

import asyncio
from datetime import timedelta

import pytest

from server.domain.satisfaction import activity_rating
from server.errors import DeadlinePassed, NotFound
from server.errors.satisfaction import ActivityNotOver, OwnActivity, ParticipantRequired, RatingClosed
from server.models import (
    Activity,
    ActivityRating,
    ActivityStatus,
    Attendee,
    AuditEntry,
    BookingStatus,
    CallBack,
    Notice,
    Person,
    Policy,
)
from server.models.satisfaction import RatingTag
from tests.conftest import NOW
from tests.factories import activities
from tests.factories.activities import STARTS
from tests.factories.attendance import add_absentee, add_attendee, finished_activity, resident

ENDED = NOW - timedelta(hours=22)


@pytest.fixture
async def over(city):
    """An activity that 王奶奶 attended yesterday."""
    made = await finished_activity(city)
    await add_attendee(made, city.grandma)
    return made


@pytest.fixture
def rate(city, over):
    """Rate the activity as 王奶奶."""

    async def rate(stars, now=NOW, *, by=None, tags=(), comment=""):
        by = by or city.grandma.id
        return await activity_rating.rate(over.id, stars=stars, tags=tags, comment=comment, by=by, now=now)

    return rate


async def test_participant_rates_with_stars_tags_and_comment(city, over, rate):
    await rate(5, tags=[RatingTag.KIND, RatingTag.CLEAR, RatingTag.KIND], comment="教得耐心")

    kept = (await activity_rating.get_rating(over.id, city.grandma.id)).rating

    assert (kept.stars, kept.tags, kept.comment, kept.rated_at) == (5, ["clear", "kind"], "教得耐心", NOW)
    assert kept.station_id == over.station_id
    assert (await AuditEntry.get(action="activity.rated")).subject == f"activity:{over.id}"


async def test_absent_person_cannot_rate(over, rate):
    absent = await resident("爽约者")
    await add_absentee(over, absent)

    with pytest.raises(ParticipantRequired):
        await rate(1, by=absent.id)


async def test_checked_in_person_without_seat_cannot_rate(over, rate):
    put_out = (await add_attendee(over, status=BookingStatus.CANCELLED)).person_id

    with pytest.raises(ParticipantRequired):
        await rate(1, by=put_out)


async def test_companion_without_phone_is_not_rated_for(over, rate):
    mother = await resident("妈妈")
    child = await add_attendee(over, mother)
    await Attendee.filter(id=child.id).update(person_id=None, name="小宝")

    with pytest.raises(ParticipantRequired):
        await rate(5, by=mother.id)


async def test_volunteer_cannot_rate_their_own_activity(over, rate):
    volunteer = await resident("小李")
    await add_attendee(over, volunteer, post=await activities.post(over))

    with pytest.raises(OwnActivity):
        await rate(5, by=volunteer.id)


@pytest.mark.parametrize("column", ["created_by_id", "published_by_id"])
async def test_organiser_cannot_rate_activity(city, over, rate, column):
    organiser = await Person.get(id=city.staff["陈社工"].person_id)
    await add_attendee(over, organiser)
    await rate(5, by=organiser.id)
    await ActivityRating.all().delete()
    await Activity.filter(id=over.id).update(**{column: organiser.id})

    with pytest.raises(OwnActivity):
        await rate(5, by=organiser.id)


async def test_activity_can_be_rated_after_its_end_before_staff_finish_it(city):
    running = await activities.activity(city)
    await add_attendee(running, city.grandma, status=BookingStatus.BOOKED)
    content = {"stars": 5, "tags": [], "comment": "", "by": city.grandma.id}

    with pytest.raises(ActivityNotOver):
        await activity_rating.rate(running.id, **content, now=STARTS + timedelta(minutes=119))

    assert (await activity_rating.rate(running.id, **content, now=STARTS + timedelta(hours=2))).rating.stars == 5


async def test_activity_finished_early_can_be_rated_early(city, over, rate):
    await Activity.filter(id=over.id).update(ended_at=ENDED - timedelta(minutes=30))

    assert (await rate(5, ENDED - timedelta(minutes=30))).rating.stars == 5


async def test_rating_fifteen_days_after_end_is_refused(over, rate):
    # The worker finishes it half a day later, which does not extend the time to rate.
    await Activity.filter(id=over.id).update(ended_at=ENDED + timedelta(hours=12))

    with pytest.raises(DeadlinePassed):
        await rate(5, ENDED + timedelta(days=15, seconds=1))

    assert (await rate(5, ENDED + timedelta(days=15))).rating.stars == 5


async def test_station_can_set_fewer_rating_days(over, rate):
    await Policy.create(name="rating_days", scope=f"station:{over.station_id}", value=1, source="test")

    with pytest.raises(DeadlinePassed):
        await rate(5, ENDED + timedelta(days=1, seconds=1))


@pytest.mark.parametrize("status", [ActivityStatus.DRAFT, ActivityStatus.CANCELLED])
async def test_unlisted_activity_is_not_found_for_rating(over, rate, status):
    await Activity.filter(id=over.id).update(status=status, listed=0)

    with pytest.raises(NotFound):
        await rate(5)


async def test_same_rating_again_changes_nothing(rate):
    await rate(4)

    await rate(4, NOW + timedelta(days=3))

    assert (await ActivityRating.get()).changed_at is None
    assert await AuditEntry.filter(action="activity.rated").count() == 1


async def test_rating_is_changeable_for_a_day(rate):
    until = (await rate(4)).changeable_until
    assert until == NOW + timedelta(hours=24)

    await rate(5, until, comment="想起来了，很好")
    with pytest.raises(RatingClosed):
        await rate(3, until + timedelta(seconds=1))

    kept = await ActivityRating.get()
    assert (kept.stars, kept.comment, kept.rated_at, kept.changed_at) == (5, "想起来了，很好", NOW, until)


async def test_rating_notifies_nobody_and_opens_no_call_back(rate):
    await rate(1, comment="太吵")

    assert await Notice.all().count() == await CallBack.all().count() == 0


async def test_activity_not_rated_has_no_rating(city, over):
    assert await activity_rating.get_rating(over.id, city.grandma.id) is None


async def test_same_rating_at_once_is_stored_once(rate):
    answers = await asyncio.gather(*(rate(1) for _ in range(5)), return_exceptions=True)

    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert await ActivityRating.all().count() == 1
