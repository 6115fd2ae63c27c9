"""Promotion: staff give a waiting booking its seats out of turn."""

import pytest

from server.domain.bookings import promotion
from server.errors import DeadlinePassed, InvalidBookingState, NotAllowed, NotEnoughSeats, NotFound, OwnBooking
from server.models import Attendee, AuditEntry, Booking, Notice, Person, SeatOffer, SeatOfferStatus
from tests.conftest import NOW
from tests.factories.activities import activity, row
from tests.factories.households import household
from tests.factories.waiting_list import S, activity_with_offer, add_seats, add_waiting, counts, full_activity, states


async def promote(city, booking, by="陈社工", now=NOW):
    return await promotion.promote(booking.id, by=city.staff[by], now=now)


async def test_waiting_booking_is_promoted_before_others(city):
    one = await activity(city, seats=3)
    large, booking = await add_waiting(one, size=4), await add_waiting(one, size=2)

    await promote(city, booking)

    assert await states(large, booking) == ["waiting", "booked"]
    assert (await Booking.get(id=booking.id)).seated_at == NOW
    assert await counts(one) == (2, 0, 1)
    assert await Notice.filter(person_id=booking.person_id).values_list("template", flat=True) == [
        "seat_given_by_station"
    ]


async def test_promotion_is_audited(city):
    booking = await add_waiting(await activity(city))

    await promote(city, booking)

    entry = await AuditEntry.get(action="booking.promoted")
    assert (entry.subject, entry.person_id) == (f"booking:{booking.id}", city.staff["陈社工"].person_id)
    assert entry.facts == {"out_of": "waiting"}


async def test_offered_booking_is_promoted(city):
    one, first, offer = await activity_with_offer(city)

    await promote(city, first)

    assert await states(first) == ["booked"]
    assert await counts(one) == (1, 0, 0)
    ended = await SeatOffer.get(id=offer.id)
    assert (ended.state, ended.open) == (SeatOfferStatus.WITHDRAWN, None)


async def test_seats_held_for_others_are_not_given(city):
    one, first, _ = await activity_with_offer(city)
    second = await add_waiting(one)

    with pytest.raises(NotEnoughSeats) as refused:
        await promote(city, second)

    assert refused.value.details == {"free": 0}
    assert await states(first, second) == ["offered", "waiting"]


async def test_party_is_promoted_whole_or_not(city):
    one, _ = await full_activity(city)
    party = await add_waiting(one, size=3)
    await add_seats(one, 2)

    with pytest.raises(NotEnoughSeats):
        await promote(city, party)

    await add_seats(one, 1)
    assert await states(party) == ["offered"]


@pytest.mark.parametrize("state", [S.BOOKED, S.CANCELLED, S.REFUSED, S.ATTENDED])
async def test_only_waiting_bookings_are_promoted(city, state):
    one = await activity(city)
    booking = await row(one, await Person.create(created_at=NOW), state)

    with pytest.raises(InvalidBookingState):
        await promote(city, booking)


async def test_promotion_after_the_end_is_refused(city):
    one = await activity(city)
    booking = await add_waiting(one)

    with pytest.raises(DeadlinePassed):
        await promote(city, booking, now=one.ends_at)


async def test_staff_cannot_promote_themselves_or_family(city):
    one, chen = await activity(city), city.staff["陈社工"].person_id
    mine = await row(one, await Person.get(id=chen), S.WAITING)
    husbands = await add_waiting(one)
    await household(chen, husbands.person_id, now=NOW)

    for booking in (mine, husbands):
        with pytest.raises(OwnBooking):
            await promote(city, booking)
    await promote(city, mine, by="林社工")

    assert await states(mine, husbands) == ["booked", "waiting"]


@pytest.mark.parametrize("part", ["attends", "booked it"])
async def test_party_with_a_workers_relative_cannot_be_promoted_by_that_worker(city, part):
    one, chen = await activity(city), city.staff["陈社工"].person_id
    husband = await Person.create(created_at=NOW)
    await household(chen, husband.id, now=NOW)
    if part == "attends":
        friends = await add_waiting(one, size=2)
        await Attendee.create(activity=one, booking=friends, person=husband)
    else:
        friends = await add_waiting(one, booked_by=husband)

    with pytest.raises(OwnBooking):
        await promote(city, friends)

    await promote(city, friends, by="林社工")
    assert await states(friends) == ["booked"]


@pytest.mark.parametrize(("by", "answer"), [("周社工", NotFound), ("冯科长", NotAllowed)])
async def test_only_staff_of_the_station_can_promote(city, by, answer):
    booking = await add_waiting(await activity(city))

    with pytest.raises(answer):
        await promote(city, booking, by=by)


async def test_promoted_booking_keeps_its_party(city):
    booking = await add_waiting(await activity(city))

    await promote(city, booking)

    assert await Attendee.filter(booking=booking, current=1).count() == 1
