"""Cancelling a booking in whole or in part; freed seats go to the waiting list."""

from datetime import timedelta

import pytest

from server.database import db
from server.domain.bookings import access, cancellation
from server.errors import (
    AccountHolderRequired,
    AlreadyCheckedIn,
    BookingEnded,
    DeadlinePassed,
    NotFound,
)
from server.models import (
    Attendee,
    Booking,
    BookingStatus,
    HouseholdMember,
    Notice,
    SeatOffer,
    SeatOfferStatus,
)
from tests.conftest import NOW
from tests.factories.activities import STARTS, activity, row
from tests.factories.bookings import CHILD, book_party, check_counts, family, give_penalty, resident
from tests.factories.waiting_list import activity_with_offer, counts, states

S = BookingStatus


async def cancel(booking, person, *attendees, now=NOW):
    ids = [one.id for one in attendees] or None
    return await cancellation.cancel(booking.id, attendee_ids=ids, by=person.id, now=now)


async def seat_of(booking, person=None):
    return await Attendee.get(booking_id=booking.id, person_id=person.id if person else None)


async def told(person, template="booking_cancelled"):
    return await Notice.filter(person_id=person.id, template=template).count()


@pytest.fixture
async def son(city):
    son = await resident(city, "王强")
    await family(city.grandma, son)
    return son


async def test_cancelled_seat_is_offered_to_the_first_in_line(city):
    one = await activity(city, seats=1)
    made, waiting = await book_party(one, city.grandma), await book_party(one, await resident(city))

    ended = await cancel(made, city.grandma)

    kept = await Booking.get(id=made.id)
    assert (ended.status, kept.status, kept.ended_at, kept.late) == (S.CANCELLED, S.CANCELLED, NOW, False)
    assert await states(waiting) == ["offered"]
    assert await told(city.grandma) == 0
    await check_counts(one)


async def test_person_who_cancelled_can_book_again_at_the_end(city):
    one = await activity(city, seats=1)
    made = await book_party(one, city.grandma)
    await cancel(made, city.grandma)

    again = await book_party(one, city.grandma)

    assert (again.status, again.number) == (S.BOOKED, 2)
    await check_counts(one)


async def test_cancellation_after_the_deadline_is_late_and_after_the_start_refused(city):
    one = await activity(city)
    made, other = await book_party(one, city.grandma), await resident(city)
    second = await book_party(one, other)

    await cancel(made, city.grandma, now=one.cancellation_until + timedelta(seconds=1))
    with pytest.raises(DeadlinePassed) as refusal:
        await cancel(second, other, now=STARTS)

    assert (await Booking.get(id=made.id)).late
    assert refusal.value.details == {"until": STARTS}
    assert await states(second) == ["booked"]


async def test_seat_given_after_the_deadline_can_be_cancelled_while_the_activity_runs(city):
    one = await activity(city)
    made = await row(one, city.grandma, seated_at=one.cancellation_until + timedelta(minutes=1))

    await cancel(made, city.grandma, now=STARTS + timedelta(minutes=5))

    assert await states(made) == ["cancelled"]


async def test_cancellation_on_the_deadline_is_not_late(city):
    one = await activity(city)
    made = await book_party(one, city.grandma)

    await cancel(made, city.grandma, now=one.cancellation_until)

    assert not (await Booking.get(id=made.id)).late


async def test_waiting_booking_can_be_cancelled_until_the_end(city):
    one = await activity(city, seats=1)
    await book_party(one, await resident(city))
    waiting = await book_party(one, city.grandma)

    with pytest.raises(DeadlinePassed):
        await cancel(waiting, city.grandma, now=one.ends_at)
    await cancel(waiting, city.grandma, now=STARTS + timedelta(minutes=5))

    assert await counts(one) == (1, 0, 0)
    await check_counts(one)


async def test_cancelling_twice_is_refused(city):
    one = await activity(city)
    made = await book_party(one, city.grandma)
    await cancel(made, city.grandma)

    with pytest.raises(BookingEnded) as refusal:
        await cancel(made, city.grandma)

    assert refusal.value.details == {"status": S.CANCELLED}
    assert await counts(one) == (0, 0, 0)


async def test_booking_with_check_in_cannot_be_cancelled(city):
    one = await activity(city)
    made = await book_party(one, city.grandma)
    await Attendee.filter(booking_id=made.id).update(checked_in_at=NOW)

    with pytest.raises(AlreadyCheckedIn):
        await cancel(made, city.grandma)
    with pytest.raises(AlreadyCheckedIn):
        await cancellation.cancel_by_staff(made.id, "x", by=city.staff["陈社工"], now=NOW)


async def test_cancelled_offer_goes_to_the_next(city):
    one, first, offer = await activity_with_offer(city)
    next_one = await book_party(one, city.grandma)

    await cancellation.cancel(first.id, by=first.person_id, now=NOW)

    assert (await SeatOffer.get(id=offer.id)).state == SeatOfferStatus.WITHDRAWN
    assert await states(first, next_one) == ["cancelled", "offered"]
    await check_counts(one)


async def test_partial_cancellation_frees_its_seats(city, son):
    one = await activity(city, seats=3)
    made = await book_party(one, city.grandma, None, son.id, CHILD)
    waiting = await book_party(one, await resident(city), None, CHILD)

    left = await cancel(made, city.grandma, await seat_of(made, son), await seat_of(made))

    assert (left.status, left.size, left.person_id) == (S.BOOKED, 1, city.grandma.id)
    assert await states(waiting) == ["offered"]
    assert await told(son) == 1
    await check_counts(one)


async def test_holder_who_leaves_is_replaced_by_a_relative(city, son):
    one = await activity(city)
    made = await book_party(one, city.grandma, None, son.id, CHILD)

    left = await cancel(made, city.grandma, await seat_of(made, city.grandma))

    kept = await Booking.get(id=made.id)
    assert (kept.person_id, kept.size, left.person_id, left.size) == (son.id, 2, son.id, 2)
    await check_counts(one)


async def test_children_cannot_stay_without_an_account_holder(city):
    one = await activity(city)
    made = await book_party(one, city.grandma, None, CHILD)

    with pytest.raises(AccountHolderRequired):
        await cancel(made, city.grandma, await seat_of(made, city.grandma))

    assert await counts(one) == (2, 0, 0)
    await check_counts(one)


async def test_naming_the_whole_party_cancels_the_booking(city, son):
    one = await activity(city)
    made = await book_party(one, city.grandma, None, son.id)

    await cancel(made, city.grandma, await seat_of(made, son), await seat_of(made, city.grandma))

    assert await states(made) == ["cancelled"]
    await check_counts(one)


async def test_smaller_waiting_party_gets_a_seat_if_it_fits(city):
    one = await activity(city, seats=2)
    await book_party(one, await resident(city))
    made = await book_party(one, city.grandma, None, CHILD)
    assert made.status == S.WAITING

    await cancel(made, city.grandma, await seat_of(made))

    assert await states(made) == ["offered"]
    await check_counts(one)


async def test_new_holder_brings_their_own_penalty(city, son):
    until = await give_penalty(city, son)
    one = await activity(city, seats=2)
    await book_party(one, await resident(city), None, CHILD)
    made = await book_party(one, city.grandma, None, son.id)

    await cancel(made, city.grandma, await seat_of(made, city.grandma))

    kept = await Booking.get(id=made.id)
    assert (kept.status, kept.penalty_until) == (S.WAITING, until)


async def test_party_loses_its_penalty_when_that_member_leaves(city, son):
    await give_penalty(city, son)
    one = await activity(city, seats=2)
    await book_party(one, await resident(city), None, CHILD)
    made = await book_party(one, city.grandma, None, son.id)
    assert made.penalty_until is not None

    await cancel(made, city.grandma, await seat_of(made, son))

    assert (await Booking.get(id=made.id)).penalty_until is None


async def test_holder_without_penalty_who_leaves_gives_no_advantage(city, son):
    await give_penalty(city, son)
    one = await activity(city, seats=3)
    seated = await book_party(one, await resident(city), None, CHILD)
    filling = await book_party(one, await resident(city))
    made, after = (
        await book_party(one, city.grandma, None, son.id),
        await book_party(one, await resident(city), None, CHILD),
    )

    await cancellation.cancel(seated.id, by=seated.person_id, now=NOW)

    assert await states(filling, made, after) == ["booked", "waiting", "offered"]


async def test_smaller_offered_party_holds_fewer_seats(city):
    one = await activity(city, seats=2)
    seated = await book_party(one, await resident(city), None, CHILD)
    made, alone = await book_party(one, city.grandma, None, CHILD), await book_party(one, await resident(city))
    await cancellation.cancel(seated.id, by=seated.person_id, now=NOW)

    await cancel(made, city.grandma, await seat_of(made))

    assert (await SeatOffer.get(booking_id=made.id, open=1)).seats == 1
    assert await states(made, alone) == ["offered", "offered"]
    await check_counts(one)


async def test_person_who_left_a_party_cannot_cancel_it(city, son):
    one = await activity(city)
    made = await book_party(one, city.grandma, None, son.id)
    await cancel(made, city.grandma, await seat_of(made, son))
    await HouseholdMember.filter(person=son).update(current=None)

    with pytest.raises(NotFound):
        await cancel(made, son)


async def test_stranger_cannot_be_taken_out_of_a_booking(city):
    one = await activity(city)
    made, other = await book_party(one, city.grandma), await book_party(one, await resident(city))

    with pytest.raises(NotFound):
        await cancel(made, city.grandma, await seat_of(made, city.grandma), *await Attendee.filter(booking_id=other.id))

    await check_counts(one)


async def test_stranger_cannot_cancel_and_family_can(city, son):
    made, stranger = await book_party(await activity(city), city.grandma), await resident(city, "路人")

    with pytest.raises(NotFound):
        await cancel(made, stranger)
    with pytest.raises(NotFound):
        await cancellation.cancel(made.id + 1, by=city.grandma.id, now=NOW)
    with pytest.raises(NotFound):
        await db.transaction(access.lock_activity)(made.activity_id + 1)
    await cancel(made, son)

    assert await states(made) == ["cancelled"]
    assert (await told(city.grandma), await told(son)) == (1, 0)


@pytest.mark.parametrize("status", [S.BOOKED, S.WAITING, S.OFFERED, S.CANCELLED, S.NO_SHOW])
async def test_cancellation_action_is_shown_exactly_while_it_is_possible(city, status):
    one = await activity(city)
    made = await row(one, city.grandma, status)
    made.activity = one

    possible = [cancellation.is_cancellable(made, at) for at in (NOW, STARTS, one.ends_at)]

    expected = {S.BOOKED: [True, False, False], S.WAITING: [True, True, False], S.OFFERED: [True, True, False]}
    assert possible == expected.get(status, [False] * 3)
