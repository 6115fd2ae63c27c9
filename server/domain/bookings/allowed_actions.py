"""Steps that staff can take on a booking now: the conditions of each verb."""

from collections.abc import Collection
from datetime import datetime

from server.domain.bookings import access, cancellation, promotion
from server.domain.bookings.queries import BookingView
from server.domain.staff import Staff


def of_staff(view: BookingView, near: Collection[int], *, by: Staff, now: datetime) -> list[str]:
    """Return the steps that the caller can take on the booking now, each by the last part of its path.

    `near` are the people who are near to the caller (`households.near_ids`): nobody decides for them.
    """
    booking = view.booking
    if booking.activity.station_id not in by.station_ids:
        return []
    is_unrelated = access.concerned_people(booking, view.attendees).isdisjoint(near)
    decides = is_unrelated and now < booking.activity.ends_at
    may = {
        "cancellation": decides and cancellation.has_not_come(booking, view.attendees),
        "contact": True,
        "promotion": decides and booking.status in promotion.PROMOTABLE and promotion.fits(booking),
    }
    return [name for name, allowed in may.items() if allowed]
