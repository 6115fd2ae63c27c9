"""Posts for volunteers; places are never fewer than those taken."""

import asyncio

import pytest

from server.database import db
from server.domain.activities import access, posts
from server.domain.activities.posts import NewPost
from server.domain.bookings import seats
from server.errors import (
    ActivityEnded,
    NotAllowed,
    NotFound,
    PlacesBelowTaken,
    PostExists,
    PostInUse,
    Refusal,
    TooManyPosts,
)
from server.models import Activity, ActivityStatus, AuditEntry, Booking, BookingStatus, Post
from tests.conftest import NOW
from tests.factories import activities


@pytest.fixture
async def activity(city):
    """Return a published activity, which people may book."""
    return await activities.activity(city)


async def add(city, activity, title="引导", places=2, by="陈社工", **more):
    return await posts.add(activity.id, NewPost(title, places, **more), by=city.staff[by], now=NOW)


async def change(city, post, by="林社工", **changes):
    return await posts.change(post.activity_id, post.id, changes, by=city.staff[by], now=NOW)


async def remove(city, post, by="陈社工"):
    await posts.remove(post.activity_id, post.id, by=city.staff[by], now=NOW)


async def taken(post, count):
    await Post.filter(id=post.id).update(taken=count)


async def test_post_is_added_to_drafts_and_published_activities(city, activity):
    other = await activities.activity(city, status=ActivityStatus.DRAFT, listed=0)

    for one in (activity, other):
        made = await add(city, one, text="带路")
        assert (made.title, made.places, made.taken, made.text, made.activity_id) == ("引导", 2, 0, "带路", one.id)

    assert await AuditEntry.filter(action="activity.post_added").count() == 2


async def test_post_title_is_unique_in_the_activity(city, activity):
    post, other = await add(city, activity), await add(city, activity, "签到")

    with pytest.raises(PostExists):
        await add(city, activity)
    with pytest.raises(PostExists):
        await change(city, other, title="引导")

    await change(city, post, title="引导", text="改了")
    assert {one.title for one in await Post.filter(activity_id=activity.id)} == {"引导", "签到"}


async def test_activity_has_at_most_twenty_posts(city, activity):
    for number in range(20):
        await add(city, activity, f"岗位{number}")

    with pytest.raises(TooManyPosts) as refused:
        await add(city, activity)
    assert refused.value.details == {"limit": 20}


async def test_post_is_renamed_and_gets_more_places(city, activity):
    post = await add(city, activity)

    await change(city, post, title="带路", text="从大门到诊室", places=5)

    after = await Post.get(id=post.id)
    assert (after.title, after.text, after.places) == ("带路", "从大门到诊室", 5)
    assert (await AuditEntry.get(action="activity.post_changed")).facts["places"] == 5


@pytest.mark.parametrize("said", [{}, {"places": 2}, {"places": 2, "title": "引导"}])
async def test_empty_change_changes_nothing(city, activity, said):
    post = await add(city, activity)
    await taken(post, 2)

    assert (await change(city, post, **said)).places == 2


async def test_places_cannot_go_below_those_taken(city, activity):
    post = await add(city, activity, places=3)
    await taken(post, 2)

    with pytest.raises(PlacesBelowTaken) as refused:
        await change(city, post, places=1, title="带路")
    assert refused.value.details == {"minimum": 2}

    await change(city, post, places=2)
    after = await Post.get(id=post.id)
    assert (after.places, after.title) == (2, "引导")


async def test_post_never_taken_is_removed(city, activity):
    post = await add(city, activity)

    await remove(city, post)

    assert not await Post.exists()
    assert (await AuditEntry.get(action="activity.post_removed")).facts["title"] == "引导"


@pytest.mark.parametrize("status", [BookingStatus.BOOKED, BookingStatus.CANCELLED])
async def test_post_ever_taken_cannot_be_removed(city, activity, status):
    post = await add(city, activity)
    await activities.row(activity, city.grandma, status, post=post)

    with pytest.raises(PostInUse):
        await remove(city, post)
    await change(city, post, places=0)

    assert (await Post.get(id=post.id)).places == 0
    assert await Booking.filter(post_id=post.id).count() == 1


@pytest.mark.parametrize("status", [ActivityStatus.FINISHED, ActivityStatus.CANCELLED])
async def test_posts_of_an_ended_activity_cannot_change(city, activity, status):
    post = await add(city, activity)
    await Activity.filter(id=activity.id).update(status=status)

    for verb in (add(city, activity, "签到"), change(city, post, places=9), remove(city, post)):
        with pytest.raises(ActivityEnded) as refused:
            await verb
        assert refused.value.details == {"status": status}
    assert (await Post.get(id=post.id)).places == 2


@pytest.mark.parametrize(("by", "refusal"), [("周社工", NotFound), ("褚科长", NotFound), ("冯科长", NotAllowed)])
async def test_only_staff_of_the_station_can_change_posts(city, activity, by, refusal):
    post = await add(city, activity)

    for verb in (add(city, activity, "签到", by=by), change(city, post, by, places=9), remove(city, post, by)):
        with pytest.raises(refusal):
            await verb


async def test_post_of_another_activity_is_not_found(city, activity):
    post, other = await add(city, activity), await activities.activity(city)
    post.activity_id = other.id

    for verb in (change(city, post, places=9), remove(city, post)):
        with pytest.raises(NotFound):
            await verb
    assert (await Post.get(id=post.id)).places == 2


@db.transaction
async def volunteered(activity, post):
    """Take a place as a volunteer does: lock the activity, then take it."""
    await access.lock_activity(activity.id)
    return await seats.take_post(post.id)


async def test_places_lowered_while_volunteers_come_stay_above_those_taken(city, activity):
    for number in range(5):
        post = await add(city, activity, f"岗位{number}", places=4)

        answers = await asyncio.gather(
            *(volunteered(activity, post) for _ in range(3)),
            change(city, post, places=1),
            *(volunteered(activity, post) for _ in range(3)),
            return_exceptions=True,
        )

        assert all(not isinstance(one, Exception) or isinstance(one, Refusal) for one in answers), answers
        after = await Post.get(id=post.id)
        assert after.taken == sum(one is True for one in answers) == min(6, after.places)
