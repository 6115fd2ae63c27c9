"""Booking: seats while there are any and nobody waits for them, then an honest place in line."""

import json
from datetime import timedelta

import pytest
from tortoise.exceptions import BaseORMException

from server.database import db
from server.domain.bookings import booking, party
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
from tests.domain.bookings.wishing import CHILD, ask, crowd, family, holds, missed, resident
from tests.factories.activities import activity, fresh, row

S = BookingStatus


async def test_who_comes_while_there_are_seats_has_one(city):
    one = await activity(city)

    made = await ask(one, city.grandma)

    kept = await Booking.get(id=made.id)
    assert (kept.status, kept.size, kept.number, kept.seated_at, kept.booked_at) == (S.BOOKED, 1, 1, NOW, NOW)
    assert (kept.person_id, kept.booked_by_id, kept.channel) == (city.grandma.id, city.grandma.id, Channel.PHONE_APP)
    assert (await fresh(one)).seats_taken == 1
    assert await Attendee.filter(booking_id=made.id, person_id=city.grandma.id, current=1).count() == 1
    assert not await Notice.filter(person_id=city.grandma.id).exists()
    await holds(one)


async def test_who_comes_after_the_last_seat_stands_in_line_in_the_order_they_came(city):
    one, people = await activity(city, seats=1), await crowd(city, 3)

    made = [await ask(one, person) for person in people]

    assert [each.status for each in made] == [S.BOOKED, S.WAITING, S.WAITING]
    assert [each.number for each in made] == [1, 2, 3]
    assert (made[1].seated_at, made[1].behind_until) == (None, None)
    assert (await fresh(one)).waiting == 2
    await holds(one)


async def test_a_party_has_all_its_seats_or_waits_for_all(city):
    one = await activity(city, seats=3)
    first, second, third = await crowd(city, 3)

    made = [await ask(one, first, None, CHILD), await ask(one, second, None, CHILD), await ask(one, third)]

    # One seat is left: too little for the second party, and nobody in line before the third fits into it.
    assert [each.status for each in made] == [S.BOOKED, S.WAITING, S.BOOKED]
    assert (await fresh(one)).seats_taken == 3
    await holds(one)


async def test_nobody_overtakes_who_waits_for_a_seat_that_is_free(city):
    one = await activity(city, seats=3)
    await row(one, await resident(city), S.WAITING)

    made = await ask(one, city.grandma)

    assert made.status == S.WAITING
    await holds(one)


async def test_a_seat_held_for_somebody_is_not_free(city):
    one = await activity(city, seats=1)
    await row(one, await resident(city), S.OFFERED)

    assert (await ask(one, city.grandma)).status == S.WAITING
    await holds(one)


async def test_whoever_missed_too_much_stands_behind_in_line(city):
    one, missing = await activity(city, seats=1), await resident(city)
    until = await missed(city, missing)
    await ask(one, city.grandma)

    made = await ask(one, missing)

    assert made.behind_until == until > NOW
    assert (await ask(one, await resident(city))).behind_until is None


async def test_the_line_is_joined_behind_though_the_last_seat_went_while_one_asked(city):
    one, missing = await activity(city, seats=1), await resident(city)
    until = await missed(city, missing)
    seen = await Activity.get(id=one.id).select_related("station")
    await row(one, city.grandma)

    made = await _placed(seen, missing)

    assert (made.status, made.behind_until) == (S.WAITING, until)


async def _placed(seen, person):
    """What is booked by who read the activity as `seen`."""
    asking = booking.BookingRequest(await party.build(PartyRequest(), person.id), {}, person.id)
    return await db.transaction(booking.reserve)(seen, asking, now=NOW)


async def test_a_person_has_one_booking_whoever_makes_it(city):
    one, son = await activity(city), await resident(city, "王强")
    await family(city.grandma, son)
    await ask(one, city.grandma)

    asked = ((city.grandma, (), 0), (son, (city.grandma.id,), 0), (son, (None, CHILD, city.grandma.id), 2))
    for asker, others, place in asked:
        with pytest.raises(AlreadyBooked) as refusal:
            await ask(one, asker, *others)
        assert refusal.value.details == {"attendees": [place]}

    assert await Booking.filter(activity_id=one.id).count() == 1
    await holds(one)


@pytest.mark.parametrize("status", [S.NO_SHOW, S.CANCELLED, S.REFUSED, S.LAPSED, S.NOT_REACHED])
async def test_bug_11_a_no_show_or_cancelled_row_does_not_block_a_new_booking(city, status):
    one = await activity(city)
    await row(one, city.grandma, status)

    made = await ask(one, city.grandma)

    assert (made.status, made.number) == (S.BOOKED, 2)
    await holds(one)


@pytest.mark.parametrize("status", [S.BOOKED, S.WAITING, S.OFFERED, S.ATTENDED])
async def test_whoever_has_a_seat_or_a_place_in_line_does_not_book_again(city, status):
    one = await activity(city)
    await row(one, city.grandma, status)

    with pytest.raises(AlreadyBooked):
        await ask(one, city.grandma)


async def test_who_was_faster_on_another_phone_is_told_apart_from_what_is_broken(city):
    one = await activity(city)
    await row(one, city.grandma)
    asking = booking.BookingRequest(await party.build(PartyRequest(), city.grandma.id), {}, city.grandma.id)
    write = db.transaction(booking.create_booking)

    with pytest.raises(AlreadyBooked):
        await write(await fresh(one), asking, now=NOW, number=2, post=None, status=S.BOOKED)

    await Attendee.filter(activity_id=one.id).update(current=None)
    asking.party.seats[0].update_from_dict({"checked_in_at": NOW, "checked_out_at": NOW - timedelta(minutes=1)})
    with pytest.raises(BaseORMException):
        await write(await fresh(one), asking, now=NOW, number=2, post=None, status=S.BOOKED)
    assert await Booking.filter(activity_id=one.id).count() == 1


async def test_two_people_of_one_name_and_year_both_have_a_seat(city):
    one = await activity(city)

    made = await ask(one, city.grandma, None, CHILD, CHILD)

    assert (made.status, made.size) == (S.BOOKED, 3)
    names = await Attendee.filter(booking_id=made.id, person_id=None).values_list("name", "birth_year")
    assert names == [("李小明", 2018)] * 2


async def test_whom_a_relative_books_is_told_and_named_nowhere(city):
    one, son = await activity(city), await resident(city, "王强")
    await family(city.grandma, son)

    made = await ask(one, son, None, city.grandma.id)

    notice = await Notice.get(template="booked_for_you")
    assert notice.person_id == city.grandma.id
    assert (notice.subject_kind, notice.subject_id) == ("booking", made.id)
    assert notice.body.startswith("“免费体检”：已为您报名")
    assert "王" not in notice.title + notice.body


async def test_booking_has_its_hours(city):
    opens, closes = NOW + timedelta(days=1), NOW + timedelta(days=2)
    one = await activity(city, booking_opens_at=opens, booking_closes_at=closes)

    with pytest.raises(BookingNotOpen) as early:
        await ask(one, city.grandma, now=opens - timedelta(seconds=1))
    with pytest.raises(BookingClosed) as late:
        await ask(one, city.grandma, now=closes)
    made = await ask(one, city.grandma, now=opens)

    assert (early.value.details, late.value.details) == ({"possible_from": opens}, {"until": closes})
    assert made.status == S.BOOKED


@pytest.mark.parametrize("status", [ActivityStatus.FINISHED, ActivityStatus.CANCELLED])
async def test_what_is_over_or_cancelled_is_not_booked(city, status):
    one = await activity(city, status=status)

    with pytest.raises(NotBookable) as refusal:
        await ask(one, city.grandma)

    assert refusal.value.details == {"status": status}


async def test_nobody_books_what_nobody_was_told_of(city):
    draft = await activity(city, status=ActivityStatus.DRAFT, published_at=None, listed=0)

    with pytest.raises(NotFound):
        await ask(draft, city.grandma)
    with pytest.raises(NotFound):
        await booking.book(draft.id + 1, PartyRequest(), by=city.grandma.id, now=NOW)


async def test_what_was_cancelled_while_somebody_asked_is_not_booked(city):
    one = await activity(city)
    seen = await Activity.get(id=one.id).select_related("station")
    await Activity.filter(id=one.id).update(status=ActivityStatus.CANCELLED)

    with pytest.raises(NotBookable):
        await _placed(seen, city.grandma)


async def test_seats_that_became_fewer_while_somebody_asked_hold_no_party(city):
    one = await activity(city, seats=1)
    seen = await Activity.get(id=one.id).select_related("station")
    seen.seats = 4
    await Activity.filter(id=one.id).update(seats=0)

    with pytest.raises(PartyTooLarge):
        await _placed(seen, city.grandma)


async def test_answers_are_kept_as_they_were_asked_for(city):
    question = {"name": "breakfast", "label": "需要早餐吗", "kind": "yes_no", "options": [], "required": True}
    one = await activity(city, questions=[question])

    with pytest.raises(InvalidAnswers):
        await ask(one, city.grandma)
    made = await ask(one, city.grandma, breakfast=True)

    assert json.loads((await Booking.get(id=made.id)).answers) == {"breakfast": True}
    assert await Booking.filter(activity_id=one.id).count() == 1
