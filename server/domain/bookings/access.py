"""Taking hold of a booking: its activity's lock comes first, then its own, and what the caller may touch is asked."""

from collections.abc import Collection
from datetime import datetime

from tortoise.expressions import Q

from server.domain import households
from server.domain.activities import access as activities
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnBooking
from server.models import Attendee, Booking, Channel


async def lock_booking(booking_id: int) -> Booking:
    """The booking, locked, for steps scoped by something else; `booking.activity` is its activity, locked before it."""
    found = await Booking.filter(id=booking_id).only("id", "activity_id").first()
    if found is None:
        raise NotFound
    activity = await activities.any_activity(found.activity_id)
    booking = await Booking.filter(id=booking_id).select_for_update().get()
    booking.activity = activity
    return booking


async def lock_for_person(booking_id: int, person_id: int) -> Booking:
    """The booking, locked, for whoever of its party may decide on it; NotFound for anybody else."""
    if not await Booking.filter(await concerns_person(person_id), id=booking_id).exists():
        raise NotFound
    return await lock_booking(booking_id)


async def concerns_person(person_id: int) -> Q:
    """The condition that a booking concerns the person.

    They answer for it, booked it on their phone, are one of its party, or live with who answers for it.
    """
    household_id = await households.of(person_id)
    answering = [person_id] if household_id is None else await households.members(household_id)
    return Q(person_id__in=answering) | await involves_person(person_id)


async def involves_person(person_id: int) -> Q:
    """The condition that the person booked it on their phone, is one of its party, or was until it ended."""
    # Who left a party that went on has no more part in it, nor in what became of it.
    attending = await Attendee.filter(person_id=person_id, left_at=None).values_list("booking_id", flat=True)
    # By their ids: joined, a booking would come once for each of its party.
    return Q(id__in=list(attending) or [0]) | Q(booked_by_id=person_id, channel=Channel.PHONE_APP)


async def require_no_conflict(booking: Booking, by: Staff, now: datetime) -> None:
    """Four eyes: OwnBooking for who is near to whoever answers for it, made it on their phone, or is of its party."""
    of_party = await Attendee.filter(booking_id=booking.id, left_at=None).only("id", "person_id")
    concerned = {booking.person_id} | {one.person_id for one in of_party if one.person_id is not None}
    if booking.channel == Channel.PHONE_APP:
        concerned.add(booking.booked_by_id)
    await require_unrelated(concerned, by, now)


async def require_unrelated(people: Collection[int], by: Staff, now: datetime) -> None:
    """OwnBooking when any of these people is the caller or near to them."""
    for one in sorted(people):
        if await households.near(one, by.person_id, now=now):
            raise OwnBooking


async def lock_for_staff(booking_id: int, staff: Staff) -> Booking:
    """The booking, locked, of a station the caller works for.

    NotAllowed for who may see it but not move it, officers; NotFound for all others.
    """
    of_theirs = Booking.filter(id=booking_id, activity__station_id__in=sorted(staff.station_ids) or [0])
    if not await of_theirs.exists():
        known = await Booking.filter(staff.of_stations("activity__station"), id=booking_id).exists()
        raise NotAllowed if known else NotFound
    return await lock_booking(booking_id)
