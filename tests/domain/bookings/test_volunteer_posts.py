"""Volunteers' posts: in the order of asking, without a waiting list, never beside a seat."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain.bookings import cancellation, volunteer_posts
from server.errors import AlreadyBooked, BookingClosed, NotFound, PostFull, VolunteerRequired
from server.models import Attendee, Booking, BookingStatus, Notice, Post, Volunteer, VolunteerStatus
from tests.conftest import NOW
from tests.factories import volunteers
from tests.factories.activities import STARTS, activity, post
from tests.factories.bookings import book_party, check_counts

S = BookingStatus


@pytest.fixture
async def one(city):
    return await activity(city)


async def volunteer(city, name="小李"):
    return (await volunteers.volunteer(name, city.stations["邻玉社工站"], NOW)).person


async def take(one, place, person, now=NOW):
    return await volunteer_posts.take(one.id, place.id, by=person.id, now=now)


async def test_volunteer_takes_a_post_and_no_seat(city, one):
    place, li = await post(one, places=2), await volunteer(city)

    made = await take(one, place, li)

    assert (made.status, made.size, made.post_id, made.person_id, made.number) == (S.BOOKED, 1, place.id, li.id, 1)
    assert (await Post.get(id=place.id)).taken == 1
    assert await Attendee.filter(booking_id=made.id, person=li, current=1).count() == 1
    await check_counts(one)


async def test_full_post_is_refused_without_a_waiting_list(city, one):
    place = await post(one)
    await take(one, place, await volunteer(city))

    with pytest.raises(PostFull):
        await take(one, place, await volunteer(city, "小张"))

    assert (await Post.get(id=place.id)).taken == 1
    await check_counts(one)


async def test_last_place_taken_before_the_lock_is_not_given_twice(city, one):
    place = await post(one)
    seen = await Post.get(id=place.id).select_related("activity__station")
    await take(one, place, await volunteer(city))

    with pytest.raises(PostFull):
        await db.transaction(volunteer_posts.fill)(seen, by=(await volunteer(city, "小张")).id, now=NOW)

    assert (await Post.get(id=place.id)).taken == 1
    await check_counts(one)


async def test_only_approved_volunteers_can_take_posts(city, one):
    place, banned = await post(one), await volunteer(city)
    await Volunteer.filter(person=banned).update(status=VolunteerStatus.BANNED)

    for person in (city.grandma, banned):
        with pytest.raises(VolunteerRequired):
            await take(one, place, person)
    assert (await Post.get(id=place.id)).taken == 0


async def test_person_has_either_a_seat_or_a_post(city, one):
    place, li, zhang = await post(one, places=2), await volunteer(city), await volunteer(city, "小张")
    await take(one, place, li)
    await book_party(one, zhang)

    with pytest.raises(AlreadyBooked):
        await book_party(one, li)
    with pytest.raises(AlreadyBooked):
        await take(one, place, zhang)
    await check_counts(one)


async def test_post_of_another_activity_is_not_found(city, one):
    elsewhere = await post(await activity(city))

    with pytest.raises(NotFound):
        await take(one, elsewhere, await volunteer(city))


async def test_posts_close_with_booking(city, one):
    place = await post(one)

    with pytest.raises(BookingClosed):
        await take(one, place, await volunteer(city), now=one.booking_closes_at)


async def test_station_is_notified_when_a_volunteer_leaves_a_post(city, one):
    place, li = await post(one), await volunteer(city)
    made = await take(one, place, li)

    left = await cancellation.cancel(made.id, by=li.id, now=NOW)

    assert (left.status, left.late) == (S.CANCELLED, False)
    assert (await Post.get(id=place.id)).taken == 0
    told = await Notice.filter(template="post_left").values_list("person_id", flat=True)
    assert set(told) == {city.staff[name].person_id for name in ("陈社工", "林社工", "赵站长")}
    assert (await take(one, place, await volunteer(city, "小张"))).status == S.BOOKED
    await check_counts(one)


async def test_post_left_on_the_day_is_late(city, one):
    place, li = await post(one), await volunteer(city)
    made = await take(one, place, li)

    await cancellation.cancel(made.id, by=li.id, now=STARTS - timedelta(minutes=1))

    assert (await Booking.get(id=made.id)).late
