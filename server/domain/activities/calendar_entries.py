"""Bookings as entries of a phone's calendar."""

from dataclasses import dataclass

from server.domain import reference
from server.domain.activities.access import subject_key
from server.domain.bookings import access
from server.models import AuditEntry, Booking, BookingStatus

S = BookingStatus

# A booking only moves forward: waiting, offered, booked, over.
STEPS = {S.WAITING: 0, S.OFFERED: 1, S.BOOKED: 2}
OVER = 3


@dataclass(frozen=True)
class CalendarBooking:
    """A booking with its activity, station and post; `revision` grows with each change of it or of the activity."""

    booking: Booking
    revision: int


async def get(booking_id: int, *, to: int) -> CalendarBooking:
    """Return a booking that concerns the person, without a lock; raises NotFound otherwise."""
    await access.require_concerned(booking_id, to)
    booking = await Booking.get(id=booking_id).select_related("activity", "post")
    await reference.attach([booking.activity], "station")
    # Each change of the activity adds an audit entry, and audit entries are never deleted. Ratings are not counted:
    # nobody sees when one was given.
    entries = AuditEntry.filter(subject=subject_key(booking.activity_id)).exclude(action="activity.rated")
    changes = await entries.count()
    return CalendarBooking(booking, changes + STEPS.get(booking.status, OVER))
