"""The moves of a booking, and the activity's counts after them."""

import pytest

from server.database import db
from server.domain.activities import access as activities
from server.domain.bookings import access, no_shows, transitions
from server.errors import InvalidBookingState
from server.models import Attendee, Booking, BookingStatus, Post, SeatOffer, SeatOfferStatus
from tests.conftest import NOW
from tests.factories.activities import activity, post, row
from tests.factories.waiting_list import (
    activity_with_offer,
    add_waiting,
    cancel_and_serve,
    counts,
    create_person,
    full_activity,
    record_statements,
    states,
)
from tests.services import chosen_database

S = BookingStatus
ENDS = (S.CANCELLED, S.REFUSED, S.LAPSED, S.NO_SHOW, S.NOT_REACHED)


@db.transaction
async def end(booking, to, **columns):
    await transitions.end(await access.lock_booking(booking.id, booking.activity_id), to, now=NOW, **columns)
    return await Booking.get(id=booking.id)


@db.transaction
async def seat(booking):
    await transitions.seat(await access.lock_booking(booking.id, booking.activity_id), now=NOW)
    return await Booking.get(id=booking.id)


@db.transaction
async def end_all(one, statuses, to, monkeypatch):
    """Return the statements of `end_all`."""
    held = await activities.lock_activity(one.id)
    sent = record_statements(type(db.connection()), monkeypatch)
    await transitions.end_all(held, statuses, to, now=NOW)
    return sent


def test_every_state_has_moves_and_terminal_states_have_none():
    assert set(transitions.TRANSITIONS) == set(S)
    assert all(not transitions.TRANSITIONS[one] for one in (*ENDS, S.ATTENDED))


async def test_cancelled_booking_frees_its_seats_and_the_person_can_return(city):
    one, seated = await full_activity(city, seats=3)

    ended = await end(seated, S.CANCELLED, late=True, reason="生病")

    assert (ended.status, ended.ended_at, ended.late, ended.reason) == (S.CANCELLED, NOW, True, "生病")
    assert await counts(one) == (0, 0, 0)
    assert await Attendee.filter(booking=ended, current=None).count() == 1


async def test_cancelled_waiting_booking_changes_no_seats(city):
    one, _ = await full_activity(city)
    waiting = await add_waiting(one, size=2)

    await end(waiting, S.CANCELLED)

    assert await counts(one) == (1, 0, 0)


@pytest.mark.parametrize(
    ("to", "state"),
    [
        (S.REFUSED, SeatOfferStatus.REFUSED),
        (S.LAPSED, SeatOfferStatus.EXPIRED),
        (S.CANCELLED, SeatOfferStatus.WITHDRAWN),
    ],
)
async def test_offer_ends_with_its_booking(city, to, state):
    one, first, offer = await activity_with_offer(city)

    await end(first, to)

    ended = await SeatOffer.get(id=offer.id)
    assert (ended.state, ended.open, ended.ended_at) == (state, None, NOW)
    assert await counts(one) == (0, 0, 0)


async def test_cancelled_volunteer_frees_the_post_and_no_seat(city):
    one, _ = await full_activity(city)
    steward = await post(one)
    volunteer = await row(one, await create_person(), post=steward)
    await Post.filter(id=steward.id).update(taken=1)

    await end(volunteer, S.CANCELLED)

    assert (await Post.get(id=steward.id)).taken == 0
    assert (await counts(one))[0] == 1


@pytest.mark.parametrize("state", ENDS)
async def test_ended_booking_cannot_end_again(city, state):
    booking = await row(await activity(city), await create_person(), state)

    with pytest.raises(InvalidBookingState) as refused:
        await end(booking, S.CANCELLED)

    assert refused.value.details == {"status": state}
    assert await states(booking) == [state]


@pytest.mark.parametrize("state", [S.BOOKED, S.CANCELLED])
async def test_seats_can_go_only_to_waiting_bookings(city, state):
    booking = await row(await activity(city), await create_person(), state)

    with pytest.raises(InvalidBookingState):
        await seat(booking)


async def test_seated_waiting_booking_leaves_the_line(city):
    one = await activity(city, seats=2)
    waiting = await add_waiting(one, size=2)

    seated = await seat(waiting)

    assert (seated.status, seated.seated_at) == (S.BOOKED, NOW)
    assert await counts(one) == (2, 0, 0)


async def test_seats_given_at_once_withdraw_the_offer(city):
    one, first, offer = await activity_with_offer(city)

    await seat(first)

    assert await counts(one) == (1, 0, 0)
    assert (await SeatOffer.get(id=offer.id)).state == SeatOfferStatus.WITHDRAWN


@pytest.mark.parametrize("bookings", [3, 30])
async def test_ending_all_takes_the_same_statements_for_many(city, bookings, monkeypatch):
    one = await activity(city, seats=60)
    steward = await post(one)
    await row(one, await create_person(), post=steward)
    await Post.filter(id=steward.id).update(taken=1)
    for number in range(bookings):
        await row(one, await create_person(), (S.BOOKED, S.WAITING, S.OFFERED)[number % 3], size=1 + number % 2)

    sent = await end_all(one, [S.BOOKED, S.WAITING, S.OFFERED], S.CANCELLED, monkeypatch)

    assert len(sent) == 6
    assert await counts(one) == (0, 0, 0)
    assert await Booking.filter(status=S.CANCELLED, ended_at=NOW).count() == bookings + 1
    assert await Attendee.filter(current=1).count() == 0
    assert (await Post.get(id=steward.id)).taken == 0


async def test_ending_waiting_bookings_keeps_the_seats_of_others(city, monkeypatch):
    one, first, offer = await activity_with_offer(city, seats=2)
    second, seated = await add_waiting(one), await row(one, await create_person())
    left = await add_waiting(one)
    await cancel_and_serve(left)

    await end_all(one, [S.WAITING, S.OFFERED], S.NOT_REACHED, monkeypatch)

    assert await states(first, second, seated, left) == ["not_reached", "not_reached", "booked", "cancelled"]
    assert await counts(one) == (1, 0, 0)
    assert (await SeatOffer.get(id=offer.id)).state == SeatOfferStatus.WITHDRAWN


async def test_ended_booking_does_not_block_a_new_one(city):
    one = await activity(city, seats=3)
    person = await create_person()
    for state in ENDS:
        await row(one, person, state)
    await end(await row(one, person), S.CANCELLED)

    await row(one, person)

    assert await Attendee.filter(person=person, current=1).count() == 1
    assert await counts(one) == (1, 0, 0)


@pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite does not count what it reads")
async def test_ending_a_small_activity_does_not_read_attendees_of_others(city):
    one, other = await activity(city), await activity(city)
    ended = await row(one, city.grandma)
    crowd = await row(other, await create_person(), size=1)
    guests = (Attendee(activity=other, booking=crowd, name="客人", birth_year=1990) for _ in range(2000))
    await Attendee.bulk_create(guests)

    read = await _rows_read(one)

    assert await states(ended) == ["no_show"]
    assert read < 500, "all of the 2,000 who are somewhere else"


@db.transaction
async def _rows_read(one):
    """Return the number of rows that the database read to end the activity's bookings."""
    held = await activities.lock_activity(one.id)
    before = await _looked_at()
    await no_shows.close_bookings(held, now=NOW)
    return await _looked_at() - before


async def _looked_at():
    _, rows = await db.execute("SHOW SESSION STATUS LIKE ?", ["Handler_read%"])
    return sum(int(one["Value"]) for one in rows)
