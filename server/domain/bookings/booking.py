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

from server.database import db, rows
from server.domain.activities import questions
from server.domain.bookings import access, eligibility, no_shows, party, seats
from server.domain.bookings.notifications import BOOKED_FOR_YOU, WAITING_FOR_YOU, notify_people, people_of
from server.domain.bookings.party import Party, PartyRequest
from server.errors import AlreadyBooked
from server.models import Activity, Booking, BookingStatus, Channel

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
    built = await party.build(activity_id, request, by)
    return await reserve(activity, BookingRequest(built, request.answers, by), now=now)


async def reserve(unlocked: Activity, request: BookingRequest, *, now: datetime) -> Booking:
    """Check the request on the unlocked activity, then lock the activity and give seats or a place in the waiting list.

    The booking comes with its activity and its attendees.
    """
    size = request.party.size
    await eligibility.require_eligible(unlocked, request.party, now=now)
    answers = _stored_answers(questions.check_answers(unlocked.questions, request.answers))
    eligibility.require_not_booked(request.party)
    activity = await lock_open_activity(unlocked, request, now=now)
    request.party.require_size(activity)
    if await _has_free_seats(activity, size):
        counts, columns = {"taken": size}, {"status": S.BOOKED, "seated_at": now}
    else:
        counts, columns = {"waiting": 1}, {"status": S.WAITING}
    booking = await create_booking(activity, request, counts, now=now, answers=answers, **columns)
    booking.post = None
    return booking


async def lock_open_activity(unlocked: Activity, request: BookingRequest, *, now: datetime) -> Activity:
    """Return the activity, locked; raises as `require_booking_open` if it has closed meanwhile."""
    activity = await access.lock_again(unlocked)
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


async def create_booking(
    activity: Activity, request: BookingRequest, counts: Mapping[str, int], *, now: datetime, **columns: Any
) -> Booking:
    """Change the counts of the locked activity, and write the booking with the next number and its attendees.

    Raises AlreadyBooked if one of them was booked meanwhile.
    """
    counted = seats.counts_statement(activity, number=1, **counts)
    booking = rows.new(
        Booking,
        activity_id=activity.id,
        person_id=request.party.holder.id,
        booked_by_id=request.by,
        channel=request.channel,
        size=request.party.size,
        number=activity.last_number,
        booked_at=now,
        **columns,
    )
    booking.activity, booking.person = activity, request.party.holder
    booking.party, booking.ahead = list(request.party.seats), None
    for one in booking.party:
        one.activity_id, one.booking_id = activity.id, booking.id
    await _write(booking, counted, now)
    await _notify_others(booking, request, now)
    return booking


async def _write(booking: Booking, counted: db.Statement, now: datetime) -> None:
    """Write a new booking in one round trip, because everybody else waits for the lock."""
    statements = [counted, rows.insert_statement([booking]), rows.insert_statement(booking.party)]
    people = [one.person_id for one in booking.party if one.person_id is not None]
    is_waiting = booking.status == S.WAITING
    if is_waiting:
        text = _PLACE_IN_LINE.format(people=db.placeholders(people))
        statements.append(db.statement(text, booking.activity_id, now, *people))
    try:
        read = await db.execute_together(statements)
    except IntegrityError as error:
        if not db.duplicate(error):
            raise
        raise AlreadyBooked from error
    if is_waiting:
        await _set_place_in_line(booking, people, read[0], now)


# How many come last in line, and whether one of the party has no-shows. It is read after the party's rows are written:
# a transaction that records a no-show locks these people, so it either waits for these rows or is waited for, and no
# no-show is missed.
_PLACE_IN_LINE = """
SELECT (SELECT COUNT(*) FROM booking WHERE activity_id = ? AND status = 'waiting' AND penalty_until > ?) last_in_line,
 EXISTS (SELECT 1 FROM no_show WHERE person_id IN ({people}) AND exemption IS NULL) has_no_shows
"""


async def _set_place_in_line(booking: Booking, people: Sequence[int], row: Mapping[str, int], now: datetime) -> None:
    """Set how many come before the booking: it is the last or, without a penalty, the last before those with one."""
    booking.ahead = booking.activity.waiting - 1
    if row["has_no_shows"]:
        booking.penalty_until = await no_shows.penalty_until(people, now)
    if booking.penalty_until is None:
        booking.ahead -= row["last_in_line"]
    else:
        await db.execute_together([rows.update_statement(Booking, booking.id, penalty_until=booking.penalty_until)])


async def _notify_others(booking: Booking, request: BookingRequest, now: datetime) -> None:
    """Notify everybody in the booking except the person who made it."""
    others = {one.id for one in request.party.people} | people_of(booking)
    template = BOOKED_FOR_YOU if booking.status == S.BOOKED else WAITING_FOR_YOU
    if concerned := others - {request.by}:
        await notify_people(concerned, booking, template, now=now)
