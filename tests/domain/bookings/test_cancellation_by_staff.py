"""Cancelling by the station: with a reason, for its own activities, not for the workers' families."""

import pytest

from server.domain.bookings import cancellation
from server.errors import DeadlinePassed, NotAllowed, NotFound, OwnBooking
from server.models import Attendee, AuditEntry, Booking, BookingStatus, Notice, Person
from tests.conftest import NOW
from tests.factories.activities import STARTS, activity, row
from tests.factories.bookings import book_party, check_counts, family, resident
from tests.factories.waiting_list import states

S = BookingStatus


async def test_station_cancels_with_a_reason_that_the_person_reads(city):
    one, chen = await activity(city, seats=1), city.staff["陈社工"]
    made, waiting = await book_party(one, city.grandma), await book_party(one, await resident(city))

    await cancellation.cancel_by_staff(made.id, "按您电话中的要求取消", by=chen, now=STARTS)

    # It has begun: seats are not given automatically any more.
    assert await states(waiting) == ["waiting"]
    kept = await Booking.get(id=made.id)
    assert (kept.status, kept.reason, kept.late) == (S.CANCELLED, "按您电话中的要求取消", False)
    assert await Notice.filter(person_id=city.grandma.id, template="booking_cancelled_by_station").count() == 1
    assert await AuditEntry.filter(action="booking.cancelled", person_id=chen.person_id).count() == 1
    await check_counts(one)


async def test_only_staff_of_the_station_can_cancel(city):
    made = await book_party(await activity(city), city.grandma)

    for name, refusal in (("周社工", NotFound), ("褚科长", NotFound), ("冯科长", NotAllowed), ("卫处长", NotAllowed)):
        with pytest.raises(refusal):
            await cancellation.cancel_by_staff(made.id, "x", by=city.staff[name], now=NOW)
    assert await states(made) == ["booked"]


async def test_station_cannot_cancel_for_workers_families_or_after_the_end(city):
    one, chen = await activity(city), city.staff["陈社工"]
    made = await book_party(one, city.grandma)

    with pytest.raises(DeadlinePassed):
        await cancellation.cancel_by_staff(made.id, "x", by=chen, now=one.ends_at)
    await family(city.grandma, await Person.get(id=chen.person_id))
    with pytest.raises(OwnBooking):
        await cancellation.cancel_by_staff(made.id, "x", by=chen, now=NOW)


async def test_party_with_a_workers_relative_cannot_be_cancelled_by_that_worker(city):
    friend, chen = await resident(city), city.staff["陈社工"]
    await family(city.grandma, await Person.get(id=chen.person_id))
    made = await book_party(await activity(city), friend)
    hers = await Attendee.create(activity_id=made.activity_id, booking=made, person=city.grandma)

    with pytest.raises(OwnBooking):
        await cancellation.cancel_by_staff(made.id, "x", by=chen, now=NOW)
    await Attendee.filter(id=hers.id).update(current=None, left_at=NOW)

    assert (await cancellation.cancel_by_staff(made.id, "x", by=chen, now=NOW)).status == S.CANCELLED


async def test_worker_can_cancel_a_booking_made_at_the_counter(city):
    chen = city.staff["陈社工"]
    made = await row(await activity(city), city.grandma, booked_by_id=chen.person_id, channel="counter")

    assert (await cancellation.cancel_by_staff(made.id, "x", by=chen, now=NOW)).status == S.CANCELLED
