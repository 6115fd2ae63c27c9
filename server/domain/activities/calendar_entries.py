"""A booking as it stands in a calendar."""

from dataclasses import dataclass

from server.domain.activities.access import subject_key
from server.domain.bookings import access
from server.errors import NotFound
from server.models import AuditEntry, Booking, BookingStatus

S = BookingStatus

# A booking only ever goes on: in line, offered a seat, seated, over.
STEPS = {S.WAITING: 0, S.OFFERED: 1, S.BOOKED: 2}
OVER = 3


@dataclass(frozen=True)
class CalendarBooking:
    """A booking with its activity, station and post; `revision` grows with every change of it or of the activity."""

    booking: Booking
    revision: int


async def get(booking_id: int, *, to: int) -> CalendarBooking:
    """A booking that concerns the person; NotFound for any other. Takes no lock."""
    theirs = Booking.filter(await access.concerns_person(to), id=booking_id)
    booking = await theirs.select_related("activity__station", "post").first()
    if booking is None:
        raise NotFound
    # Whatever staff do with the activity is noted there, and nothing is ever taken out.
    changes = await AuditEntry.filter(subject=subject_key(booking.activity_id)).count()
    return CalendarBooking(booking, changes + STEPS.get(booking.status, OVER))
