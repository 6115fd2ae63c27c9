"""Booking: seats while they are free and nobody waits, else a place in the waiting list."""

import json
from datetime import timedelta

import pytest
from tortoise.exceptions import BaseORMException

from server.database import db
from server.domain.bookings import booking, eligibility, party
from server.domain.bookings.party import PartyRequest
from server.errors import (
    AlreadyBooked,
    BookingClosed,
    BookingNotOpen,
    InvalidAnswers,
    NotBookable,
    NotFound,
    PartyTooLarge,
)
from server.models import Activity, ActivityStatus, Attendee, Booking, BookingStatus, Channel, Notice
from tests.conftest import NOW
from tests.factories.activities import activity, fresh, row
from tests.factories.bookings import CHILD, book_party, check_counts, create_residents, family, give_penalty, resident

S = BookingStatus


async def test_booking_gets_a_seat_while_seats_are_free(city):
    one = await activity(city)

    made = await book_party(one, city.grandma)

    kept = await Booking.get(id=made.id)
    assert (kept.status, kept.size, kept.number, kept.seated_at, kept.booked_at) == (S.BOOKED, 1, 1, NOW, NOW)
    assert (kept.person_id, kept.booked_by_id, kept.channel) == (city.grandma.id, city.grandma.id, Channel.PHONE_APP)
    assert (await fresh(one)).seats_taken == 1
    assert await Attendee.filter(booking_id=made.id, person_id=city.grandma.id, current=1).count() == 1
    assert not await Notice.filter(person_id=city.grandma.id).exists()
    await check_counts(one)


async def test_bookings_after_the_last_seat_wait_in_order(city):
    one, people = await activity(city, seats=1), await create_residents(city, 3)

    made = [await book_party(one, person) for person in people]

    assert [each.status for each in made] == [S.BOOKED, S.WAITING, S.WAITING]
    assert [each.number for each in made] == [1, 2, 3]
    assert (made[1].seated_at, made[1].penalty_until) == (None, None)
    assert (await fresh(one)).waiting == 2
    await check_counts(one)


async def test_party_gets_all_its_seats_or_waits(city):
    one = await activity(city, seats=3)
    first, second, third = await create_residents(city, 3)

    made = [
        await book_party(one, first, None, CHILD),
        await book_party(one, second, None, CHILD),
        await book_party(one, third),
    ]

    # One seat is left: too few for the second party, and no waiting party before the third fits.
    assert [each.status for each in made] == [S.BOOKED, S.WAITING, S.BOOKED]
    assert (await fresh(one)).seats_taken == 3
    await check_counts(one)


async def test_free_seat_is_not_taken_before_a_waiting_booking_that_fits(city):
    one = await activity(city, seats=3)
    await row(one, await resident(city), S.WAITING)

    made = await book_party(one, city.grandma)

    assert made.status == S.WAITING
    await check_counts(one)


async def test_held_seat_is_not_free(city):
    one = await activity(city, seats=1)
    await row(one, await resident(city), S.OFFERED)

    assert (await book_party(one, city.grandma)).status == S.WAITING
    await check_counts(one)


async def test_person_with_no_show_penalty_comes_last(city):
    one, missing = await activity(city, seats=1), await resident(city)
    until = await give_penalty(city, missing)
    await book_party(one, city.grandma)

    made = await book_party(one, missing)

    assert made.penalty_until == until > NOW
    assert (await book_party(one, await resident(city))).penalty_until is None


async def test_booking_waits_if_the_last_seat_went_before_the_lock(city):
    one, missing = await activity(city, seats=1), await resident(city)
    until = await give_penalty(city, missing)
    seen = await eligibility.get_published(one.id)
    await row(one, city.grandma)

    made = await _placed(seen, missing)

    assert (made.status, made.penalty_until) == (S.WAITING, until)


async def _placed(seen, person):
    """Book with an activity that was read as `seen`."""
    asking = booking.BookingRequest(await party.build(seen.id, PartyRequest(), person.id), {}, person.id)
    return await db.transaction(booking.reserve)(seen, asking, now=NOW)


async def test_person_has_one_booking_by_any_caller(city):
    one, son = await activity(city), await resident(city, "王强")
    await family(city.grandma, son)
    await book_party(one, city.grandma)

    asked = ((city.grandma, (), 0), (son, (city.grandma.id,), 0), (son, (None, CHILD, city.grandma.id), 2))
    for asker, others, place in asked:
        with pytest.raises(AlreadyBooked) as refusal:
            await book_party(one, asker, *others)
        assert refusal.value.details == {"attendees": [place]}

    assert await Booking.filter(activity_id=one.id).count() == 1
    await check_counts(one)


@pytest.mark.parametrize("status", [S.NO_SHOW, S.CANCELLED, S.REFUSED, S.LAPSED, S.NOT_REACHED])
async def test_no_show_or_cancelled_booking_does_not_block_a_new_one(city, status):
    one = await activity(city)
    await row(one, city.grandma, status)

    made = await book_party(one, city.grandma)

    assert (made.status, made.number) == (S.BOOKED, 2)
    await check_counts(one)


@pytest.mark.parametrize("status", [S.BOOKED, S.WAITING, S.OFFERED, S.ATTENDED])
async def test_person_with_a_seat_or_place_in_line_cannot_book_again(city, status):
    one = await activity(city)
    await row(one, city.grandma, status)

    with pytest.raises(AlreadyBooked):
        await book_party(one, city.grandma)


async def test_concurrent_booking_is_refused_and_other_errors_are_raised(city):
    one = await activity(city)
    await row(one, city.grandma)
    asking = booking.BookingRequest(await party.build(one.id, PartyRequest(), city.grandma.id), {}, city.grandma.id)
    write = db.transaction(booking.create_booking)

    with pytest.raises(AlreadyBooked):
        await write(await fresh(one), asking, {}, now=NOW, status=S.BOOKED)

    await Attendee.filter(activity_id=one.id).update(current=None)
    asking.party.seats[0].update_from_dict({"checked_in_at": NOW, "checked_out_at": NOW - timedelta(minutes=1)})
    with pytest.raises(BaseORMException):
        await write(await fresh(one), asking, {}, now=NOW, status=S.BOOKED)
    assert await Booking.filter(activity_id=one.id).count() == 1


async def test_two_people_of_one_name_and_year_both_get_a_seat(city):
    one = await activity(city)

    made = await book_party(one, city.grandma, None, CHILD, CHILD)

    assert (made.status, made.size) == (S.BOOKED, 3)
    names = await Attendee.filter(booking_id=made.id, person_id=None).values_list("name", "birth_year")
    assert names == [("李小明", 2018)] * 2


async def test_booked_relative_is_notified_without_names(city):
    one, son = await activity(city), await resident(city, "王强")
    await family(city.grandma, son)

    made = await book_party(one, son, None, city.grandma.id)

    notice = await Notice.get(template="booked_for_you")
    assert notice.person_id == city.grandma.id
    assert (notice.subject_kind, notice.subject_id) == ("booking", made.id)
    assert notice.body.startswith("“免费体检”：已为您报名")
    assert "王" not in notice.title + notice.body


async def test_booking_opens_and_closes_at_its_times(city):
    opens, closes = NOW + timedelta(days=1), NOW + timedelta(days=2)
    one = await activity(city, booking_opens_at=opens, booking_closes_at=closes)

    with pytest.raises(BookingNotOpen) as early:
        await book_party(one, city.grandma, now=opens - timedelta(seconds=1))
    with pytest.raises(BookingClosed) as late:
        await book_party(one, city.grandma, now=closes)
    made = await book_party(one, city.grandma, now=opens)

    assert (early.value.details, late.value.details) == ({"possible_from": opens}, {"until": closes})
    assert made.status == S.BOOKED


@pytest.mark.parametrize("status", [ActivityStatus.FINISHED, ActivityStatus.CANCELLED])
async def test_ended_activity_cannot_be_booked(city, status):
    one = await activity(city, status=status)

    with pytest.raises(NotBookable) as refusal:
        await book_party(one, city.grandma)

    assert refusal.value.details == {"status": status}


async def test_draft_cannot_be_booked(city):
    draft = await activity(city, status=ActivityStatus.DRAFT, published_at=None, listed=0)

    with pytest.raises(NotFound):
        await book_party(draft, city.grandma)
    with pytest.raises(NotFound):
        await booking.book(draft.id + 1, PartyRequest(), by=city.grandma.id, now=NOW)


async def test_activity_cancelled_before_the_lock_cannot_be_booked(city):
    one = await activity(city)
    seen = await eligibility.get_published(one.id)
    await Activity.filter(id=one.id).update(status=ActivityStatus.CANCELLED)

    with pytest.raises(NotBookable):
        await _placed(seen, city.grandma)


async def test_party_too_large_for_seats_lowered_before_the_lock_is_refused(city):
    one = await activity(city, seats=1)
    seen = await eligibility.get_published(one.id)
    seen.seats = 4
    await Activity.filter(id=one.id).update(seats=0)

    with pytest.raises(PartyTooLarge):
        await _placed(seen, city.grandma)


async def test_answers_are_stored_in_the_order_of_the_questions(city):
    question = {"name": "breakfast", "label": "需要早餐吗", "kind": "yes_no", "options": [], "required": True}
    one = await activity(city, questions=[question])

    with pytest.raises(InvalidAnswers):
        await book_party(one, city.grandma)
    made = await book_party(one, city.grandma, breakfast=True)

    assert json.loads((await Booking.get(id=made.id)).answers) == {"breakfast": True}
    assert await Booking.filter(activity_id=one.id).count() == 1
