"""Promotion: staff give a waiting booking its seats at once, out of turn, with an audit entry."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.bookings import access, seats, transitions
from server.domain.bookings.notifications import SEAT_GIVEN_BY_STATION, notify_party
from server.domain.bookings.transitions import S
from server.domain.staff import Staff
from server.errors import DeadlinePassed, NotEnoughSeats
from server.models import Booking

PROMOTABLE = (S.WAITING, S.OFFERED)


@db.transaction
async def promote(booking_id: int, *, by: Staff, now: datetime) -> Booking:
    """Book a waiting or offered booking if it fits into the free seats or those held for it.

    Raises NotEnoughSeats, InvalidBookingState, DeadlinePassed once the activity is over, and OwnBooking if the worker
    or a relative is in it.
    """
    booking = await access.lock_for_staff(booking_id, by)
    transitions.require_status(booking, *PROMOTABLE)
    if now >= booking.activity.ends_at:
        raise DeadlinePassed(until=booking.activity.ends_at)
    await access.require_no_conflict(booking, by, now)
    if not fits(booking):
        raise NotEnoughSeats(free=seats.free(booking.activity))
    before = booking.status
    await transitions.seat(booking, now=now)
    await notify_party(booking, SEAT_GIVEN_BY_STATION, now=now)
    await audit.note("booking.promoted", f"booking:{booking.id}", by=by.person_id, now=now, out_of=before.value)
    return booking


def fits(booking: Booking) -> bool:
    """Return whether the booking (with its activity) fits into the free seats, or those that are held for it."""
    return booking.status == S.OFFERED or booking.size <= seats.free(booking.activity)
