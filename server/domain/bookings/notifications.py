"""Whom a booking's notices reach: whose it is, and who booked it for them on a phone of their own."""

from datetime import datetime

from server.domain import notifications
from server.domain.activities import notifications as activities
from server.models import Booking, Channel, Person


async def tell_party(booking: Booking, template: str, title: str, body: str, *, now: datetime, **about: int) -> None:
    """One notice about a booking, with its activity's title, and whatever else `about` names by id."""
    ids = {"activity": booking.activity_id, "booking": booking.id} | about
    said = activities.named(booking.activity, body)
    await notifications.tell(people_of(booking), template, title, said, about=ids, now=now)


def people_of(booking: Booking) -> set[int]:
    """Whom the booking's notices reach; what was entered at a counter does not reach who entered it."""
    own = {booking.person_id}
    return own | {booking.booked_by_id} if booking.channel == Channel.PHONE_APP else own


async def ask_station_to_call(bookings: list[Booking], body: str, *, now: datetime) -> None:
    """Tell the station where someone reads no notices: booked at the counter, for a person without the mini-program."""
    at_counter = {one.person_id for one in bookings if one.channel != Channel.PHONE_APP}
    if at_counter and await Person.filter(id__in=sorted(at_counter), openid=None).exists():
        activity = bookings[0].activity
        said = activities.named(activity, body)
        await activities.tell_station(activity, "booking_call", "请打电话通知居民", said, now=now)
