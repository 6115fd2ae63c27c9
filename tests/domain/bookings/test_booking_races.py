"""Concurrent bookings on several connections: never more than the seats, one per person, nobody lost."""

from server.domain.bookings import cancellation, counter_booking, volunteer_posts
from server.domain.bookings.party import Companion, PartyRequest
from server.errors import AlreadyBooked, BookingEnded, PartyTooLarge, PostFull
from server.models import Booking, BookingStatus, Channel, Post
from tests.concurrency import at_once
from tests.conftest import NOW
from tests.factories import volunteers as make_volunteers
from tests.factories.activities import activity, fresh, post
from tests.factories.bookings import book_party, check_counts, create_residents, family, resident

S = BookingStatus
ROUNDS = 5


def made_of(answers, *refusals):
    """Return the bookings among the answers; all others must be these refusals."""
    made = [one for one in answers if isinstance(one, Booking)]
    others = [one for one in answers if not isinstance(one, Booking)]
    assert all(isinstance(one, refusals) for one in others), others
    return made


async def test_thirty_bookings_at_once_take_three_seats_and_the_others_wait(city):
    one, people = await activity(city, seats=3), await create_residents(city, 30)

    made = made_of(await at_once(*(book_party(one, person) for person in people)))

    assert len(made) == 30
    assert sorted(each.number for each in made if each.status == S.BOOKED) == [1, 2, 3]
    assert (await fresh(one)).waiting == 27
    await check_counts(one)


async def test_person_booked_three_ways_at_once_gets_one_seat(city):
    await city.need()
    son = await resident(city, "王强")
    await family(city.grandma, son)
    for _ in range(ROUNDS):
        one = await activity(city, seats=1)
        counter = {"person": city.grandma.id, "channel": Channel.COUNTER, "by": city.staff["陈社工"], "now": NOW}

        answers = await at_once(
            book_party(one, city.grandma),
            book_party(one, city.grandma),
            book_party(one, son, None, city.grandma.id),
            book_party(one, son, city.grandma.id),
            counter_booking.book(one.id, PartyRequest(), **counter),
        )

        # The party of two is too large for the one seat at any time.
        assert len(made_of(answers, AlreadyBooked, PartyTooLarge)) == 1
        await check_counts(one)


async def test_relatives_who_book_each_other_at_once_have_one_party(city):
    son = await resident(city, "王强")
    await family(city.grandma, son)
    for _ in range(ROUNDS):
        one = await activity(city, seats=4)

        answers = await at_once(
            book_party(one, city.grandma, None, son.id),
            book_party(one, son, None, city.grandma.id),
            book_party(one, son),
        )

        assert len(made_of(answers, AlreadyBooked)) == 1
        await check_counts(one)


async def test_parties_at_once_get_all_their_seats_or_none(city):
    one, people = await activity(city, seats=5), await create_residents(city, 8)
    children = [Companion("孩子", 2018)] * 3

    made = made_of(
        await at_once(*(book_party(one, person, None, *children[: number % 4]) for number, person in enumerate(people)))
    )

    assert len(made) == 8
    free = 5 - (await fresh(one)).seats_taken
    assert all(each.size > free for each in made if each.status == S.WAITING)
    await check_counts(one)


async def test_cancelling_twice_at_once_frees_one_seat(city):
    for _ in range(ROUNDS):
        one = await activity(city, seats=2)
        made, other = await book_party(one, city.grandma), await book_party(one, await resident(city))

        answers = await at_once(*(cancellation.cancel(made.id, by=city.grandma.id, now=NOW) for _ in range(3)))

        assert len(made_of(answers, BookingEnded)) == 1
        assert (await fresh(one)).seats_taken == 1
        assert (await Booking.get(id=other.id)).status == S.BOOKED
        await check_counts(one)


async def test_seat_cancelled_while_others_book_goes_to_one_of_them(city):
    for _ in range(ROUNDS):
        one, people = await activity(city, seats=1), await create_residents(city, 4)
        had = await book_party(one, city.grandma)

        await at_once(
            book_party(one, people[0]),
            book_party(one, people[1]),
            cancellation.cancel(had.id, by=city.grandma.id, now=NOW),
            cancellation.cancel_by_staff(had.id, "x", by=city.staff["陈社工"], now=NOW),
            book_party(one, people[2]),
            book_party(one, people[3]),
        )

        now = await fresh(one)
        assert (now.seats_taken + now.seats_held, now.waiting) == (1, 3)
        await check_counts(one)


async def test_last_place_of_a_post_goes_to_one_volunteer_and_is_freed_once(city):
    station = city.stations["邻玉社工站"]
    volunteers = [(await make_volunteers.volunteer(f"志愿者{n}", station, NOW)).person_id for n in range(5)]
    one = await activity(city)
    place = await post(one)

    made = made_of(
        await at_once(*(volunteer_posts.take(one.id, place.id, by=v, now=NOW) for v in volunteers)), PostFull
    )
    assert len(made) == 1
    await at_once(*(cancellation.cancel(made[0].id, by=made[0].person_id, now=NOW) for _ in range(2)))

    assert (await Post.get(id=place.id)).taken == 0
    await check_counts(one)


async def test_seat_and_post_taken_at_once_leave_the_volunteer_with_one(city):
    for number in range(ROUNDS):
        li = (await make_volunteers.volunteer(f"小李{number}", city.stations["邻玉社工站"], NOW)).person
        one = await activity(city)
        place = await post(one)

        answers = await at_once(book_party(one, li), volunteer_posts.take(one.id, place.id, by=li.id, now=NOW))

        assert len(made_of(answers, AlreadyBooked)) == 1
        await check_counts(one)
