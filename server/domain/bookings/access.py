"""Row locks and access checks of bookings: the activity is locked first, then the booking."""

from collections.abc import Collection
from datetime import datetime

from tortoise.expressions import Q

from server.domain import households
from server.domain.activities import access as activities
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnBooking
from server.models import Attendee, Booking, Channel


async def lock_booking(booking_id: int) -> Booking:
    """Return the booking, locked, with its activity locked before it; the caller has checked access."""
    found = await Booking.filter(id=booking_id).only("id", "activity_id").first()
    if found is None:
        raise NotFound
    activity = await activities.lock_activity(found.activity_id)
    booking = await Booking.filter(id=booking_id).select_for_update().get()
    booking.activity = activity
    return booking


async def lock_for_person(booking_id: int, person_id: int) -> Booking:
    """Return the booking, locked, if it concerns the person; raises NotFound otherwise."""
    if not await Booking.filter(await concerns_person(person_id), id=booking_id).exists():
        raise NotFound
    return await lock_booking(booking_id)


async def concerns_person(person_id: int) -> Q:
    """Return the condition that a booking concerns the person or somebody in their household.

    It concerns the booking's holder and everybody who lives with the holder, the person who booked it on a phone, and
    everybody in its party.
    """
    household_id = await households.of(person_id)
    answering = [person_id] if household_id is None else await households.members(household_id)
    return Q(person_id__in=answering) | await involves_person(person_id)


async def involves_person(person_id: int) -> Q:
    """Return the condition that the person booked it on their phone, is in its party, or was until it ended."""
    # A person who left a party early has no more access to the booking.
    attending = await Attendee.filter(person_id=person_id, left_at=None).values_list("booking_id", flat=True)
    # Filter by ids: a join would return a booking once for each attendee.
    return Q(id__in=list(attending) or [0]) | Q(booked_by_id=person_id, channel=Channel.PHONE_APP)


async def require_no_conflict(booking: Booking, by: Staff, now: datetime) -> None:
    """Raise OwnBooking if the worker is related to the booking's holder, its party, or its maker on a phone."""
    of_party = await Attendee.filter(booking_id=booking.id, left_at=None).only("id", "person_id")
    concerned = {booking.person_id} | {one.person_id for one in of_party if one.person_id is not None}
    if booking.channel == Channel.PHONE_APP:
        concerned.add(booking.booked_by_id)
    await require_unrelated(concerned, by, now)


async def require_unrelated(people: Collection[int], by: Staff, now: datetime) -> None:
    """Raise OwnBooking if any of these people is the worker or is related to the worker."""
    for one in sorted(people):
        if await households.near(one, by.person_id, now=now):
            raise OwnBooking


async def lock_for_staff(booking_id: int, staff: Staff) -> Booking:
    """Return the booking, locked, if the caller works for its station.

    Raises NotAllowed for officers of the station, NotFound for everybody else.
    """
    of_theirs = Booking.filter(id=booking_id, activity__station_id__in=sorted(staff.station_ids) or [0])
    if not await of_theirs.exists():
        known = await Booking.filter(staff.of_stations("activity__station"), id=booking_id).exists()
        raise NotAllowed if known else NotFound
    return await lock_booking(booking_id)
