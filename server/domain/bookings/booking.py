"""Booking 报名: a party gets seats if enough are free and nobody waits for them, else a place in the waiting list.

Everything that can be checked without the activity's lock is checked before it, because thousands of people wait for
that lock when booking opens.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from server.database import db
from server.domain.activities import access as activities
from server.domain.activities import questions
from server.domain.bookings import eligibility, no_shows, party, seats
from server.domain.bookings.notifications import BOOKED_FOR_YOU, WAITING_FOR_YOU, notify_people, people_of
from server.domain.bookings.party import Party, PartyRequest
from server.errors import AlreadyBooked
from server.models import Activity, Attendee, Booking, BookingStatus, Channel

S = BookingStatus


@dataclass(frozen=True)
class BookingRequest:
    """A party with its answers, the account that books for it, and the channel."""

    party: Party
    answers: Mapping[str, Any]
    by: int
    channel: Channel = Channel.PHONE_APP


@db.transaction
async def book(activity_id: int, request: PartyRequest, *, by: int, now: datetime) -> Booking:
    """Book seats for the caller's party from their phone, all or none, or add it to the waiting list.

    Raises NotFound, NotBookable, BookingNotOpen, BookingClosed, AccountHolderRequired, PartyTooLarge, HomeRequired,
    AreaNotEligible, PriorityPeriod, BirthYearRequired, AgeNotAllowed, InvalidAnswers, AlreadyBooked.
    """
    activity = await eligibility.get_published(activity_id)
    eligibility.require_booking_open(activity, Channel.PHONE_APP, now)
    return await reserve(activity, BookingRequest(await party.build(request, by), request.answers, by), now=now)


async def reserve(unlocked: Activity, request: BookingRequest, *, now: datetime) -> Booking:
    """Check the request on the unlocked activity, then lock the activity and give seats or a place in the waiting list.

    The booking comes with its activity and its attendees.
    """
    size = request.party.size
    await eligibility.require_eligible(unlocked, request.party, now=now)
    answers = questions.check_answers(unlocked.questions, request.answers)
    await eligibility.require_not_booked(unlocked.id, request.party)
    activity = await lock_open_activity(unlocked, request, now=now)
    request.party.require_size(activity)
    if await _has_free_seats(activity, size):
        number = await seats.take_number(activity, taken=size)
        columns: dict[str, Any] = {"status": S.BOOKED, "seated_at": now}
    else:
        number = await seats.take_number(activity, waiting=1)
        columns = {"status": S.WAITING}
    booking = await create_booking(
        activity, request, now=now, number=number, post=None, answers=_stored_answers(answers), **columns
    )
    if booking.status == S.WAITING:
        await _set_penalty_until(booking, request.party, now)
    return booking


async def _set_penalty_until(booking: Booking, party: Party, now: datetime) -> None:
    """Put the booking at the end of the waiting list if somebody in it has too many no-shows.

    This runs after the party's rows are written. A transaction that records a no-show locks these people, so it either
    waits for these rows or is waited for, and no no-show is missed.
    """
    booking.penalty_until = await no_shows.penalty_until([one.id for one in party.people], now)
    if booking.penalty_until is not None:
        await Booking.filter(id=booking.id).update(penalty_until=booking.penalty_until)


async def lock_open_activity(unlocked: Activity, request: BookingRequest, *, now: datetime) -> Activity:
    """Return the activity, locked, with its station; raises as `require_booking_open` if it has closed meanwhile."""
    activity = await activities.lock_activity(unlocked.id)
    activity.station = unlocked.station
    eligibility.require_booking_open(activity, request.channel, now)
    return activity


async def _has_free_seats(activity: Activity, size: int) -> bool:
    """Return whether enough seats are free and nobody who waits could take them."""
    free = seats.free(activity)
    if size > free or not activity.waiting:
        return size <= free
    return not await Booking.filter(activity_id=activity.id, status=S.WAITING, size__lte=free).exists()


def _stored_answers(answers: Mapping[str, Any]) -> str:
    return json.dumps(answers, ensure_ascii=False) if answers else ""


async def create_booking(activity: Activity, request: BookingRequest, *, now: datetime, **columns: Any) -> Booking:
    """Write the booking and its attendees; raises AlreadyBooked if one of them was booked meanwhile."""
    booking = await Booking.create(
        activity=activity,
        person=request.party.holder,
        booked_by_id=request.by,
        channel=request.channel,
        size=request.party.size,
        booked_at=now,
        **columns,
    )
    await _notify_others(booking, request, now)
    await _create_attendees(booking, request.party.seats)
    return booking


async def _create_attendees(booking: Booking, attendees: Sequence[Attendee]) -> None:
    for one in attendees:
        one.activity_id, one.booking_id = booking.activity_id, booking.id
    try:
        await Attendee.bulk_create(attendees)
    except IntegrityError as error:
        if not db.duplicate(error):
            raise
        raise AlreadyBooked from error
    # Keep the attendees on the booking, so that no query is needed while others wait for the lock.
    booking.party = list(attendees)


async def _notify_others(booking: Booking, request: BookingRequest, now: datetime) -> None:
    """Notify everybody in the booking except the person who made it."""
    others = {one.id for one in request.party.people} | people_of(booking)
    template = BOOKED_FOR_YOU if booking.status == S.BOOKED else WAITING_FOR_YOU
    if concerned := others - {request.by}:
        await notify_people(concerned, booking, template, now=now)
