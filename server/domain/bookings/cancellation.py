"""Cancelling 取消报名: a whole booking or some of its party; the waiting list gets the freed seats at once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from server.database import db, rows
from server.domain import audit
from server.domain.activities import notifications as activities
from server.domain.bookings import access, no_shows, seats, transitions, waiting_list
from server.domain.bookings.notifications import (
    BOOKING_CANCELLED,
    BOOKING_CANCELLED_BY_STATION,
    POST_LEFT,
    notify_people,
    people_of,
)
from server.domain.notifications import NoticeTemplate
from server.domain.staff import Staff
from server.errors import AccountHolderRequired, AlreadyCheckedIn, BookingEnded, DeadlinePassed, NotFound
from server.models import Attendee, Booking, BookingStatus

S = BookingStatus

CANCELLABLE = frozenset({S.BOOKED, S.WAITING, S.OFFERED})


def cancellable_until(booking: Booking) -> datetime:
    """Return the time until which the booking (with its activity) may be cancelled.

    A seat may be cancelled until the activity begins. A place in the waiting list, and a seat that was given after the
    deadline, may be cancelled until it ends.
    """
    asked_for = booking.status == S.BOOKED and not transitions.seated_after_deadline(booking)
    return booking.activity.starts_at if asked_for else booking.activity.ends_at


def is_cancellable(booking: Booking, now: datetime) -> bool:
    """Return whether the booking (with its activity) may still be cancelled."""
    return booking.status in CANCELLABLE and now < cancellable_until(booking)


def may_leave(party: Sequence[Attendee]) -> bool:
    """Return whether the party, or a part of it, may cancel: not who checked in, and an account stays with them."""
    there = [one for one in party if one.current == 1]
    waiting = [one for one in there if not one.checked_in_at]
    if len(waiting) == len(there):
        return True
    return any(any(other.person_id for other in there if other is not one) for one in waiting)


def has_not_come(booking: Booking, party: Iterable[Attendee]) -> bool:
    """Return whether the booking is not over, and nobody of its party has checked in."""
    return booking.status in CANCELLABLE and not any(one.checked_in_at for one in party if one.current == 1)


@db.transaction
async def cancel(booking_id: int, *, attendee_ids: Collection[int] | None = None, by: int, now: datetime) -> Booking:
    """Cancel a booking of the caller or their household, or take some attendees out of it.

    Raises BookingEnded, DeadlinePassed, AlreadyCheckedIn, NotFound for a person who is not in it, and
    AccountHolderRequired if nobody with an account stays in it. After the activity's deadline the cancellation is
    `late`, which is not a no-show.
    """
    booking = await access.lock_for_person(booking_id, by)
    leaving, staying = _split(booking, attendee_ids)
    _require_before(cancellable_until(booking), now)
    await _notify(booking, leaving, BOOKING_CANCELLED, except_for=by, now=now)
    if staying:
        await _shrink_party(booking, leaving, staying, now)
    else:
        late = now > booking.activity.cancellation_until
        await transitions.end(booking, S.CANCELLED, now=now, late=late)
    if booking.post_id is not None:
        await activities.notify_station(booking.activity, POST_LEFT, now=now)
    await waiting_list.offer_free_seats(booking.activity, now=now)
    return booking


@db.transaction
async def cancel_by_staff(booking_id: int, reason: str, *, by: Staff, now: datetime) -> Booking:
    """Cancel a booking of the worker's station, until the activity ends, with a reason that its people read.

    Raises BookingEnded, DeadlinePassed, AlreadyCheckedIn, OwnBooking.
    """
    booking = await access.lock_for_staff(booking_id, by)
    await access.require_no_conflict(booking, by, now)
    leaving, _ = _split(booking, None)
    _require_before(booking.activity.ends_at, now)
    await _notify(booking, leaving, BOOKING_CANCELLED_BY_STATION, except_for=by.person_id, now=now)
    await transitions.end(booking, S.CANCELLED, now=now, reason=reason)
    await audit.note("booking.cancelled", f"booking:{booking.id}", by=by.person_id, now=now, reason=reason)
    await waiting_list.offer_free_seats(booking.activity, now=now)
    return booking


# Seats and places of two people at one activity that is not over, the later booking first.
DOUBLE = """
    SELECT b.id, b.activity_id, t.id attendee_id FROM attendee t JOIN attendee o ON o.activity_id = t.activity_id
    JOIN booking b ON b.id = t.booking_id JOIN booking other ON other.id = o.booking_id
    WHERE t.person_id IN (?, ?) AND o.person_id IN (?, ?) AND t.person_id <> o.person_id AND t.current = 1
    AND o.current = 1 AND b.number > other.number AND b.status IN ('booked', 'waiting', 'offered')
    ORDER BY b.activity_id, b.id
"""


async def leave_double(person_id: int, other_id: int, *, now: datetime) -> None:
    """Where both people, who are one human, have a place at one activity, the earlier one stays.

    It joins the verb's transaction. Raises AccountHolderRequired if nobody with an account would stay in the later one.
    """
    for row in (await db.execute(DOUBLE, [person_id, other_id] * 2))[1]:
        booking = await access.lock_with_party(row["id"], row["activity_id"])
        if not is_cancellable(booking, now) or any(one.checked_in_at for one in booking.party):
            continue
        leaving, staying = _split(booking, [row["attendee_id"]])
        await _notify(booking, leaving, BOOKING_CANCELLED, now=now)
        if staying:
            await _shrink_party(booking, leaving, staying, now)
        else:
            await transitions.end(booking, S.CANCELLED, now=now)
        await waiting_list.offer_free_seats(booking.activity, now=now)


def _split(booking: Booking, attendee_ids: Collection[int] | None) -> tuple[list[Attendee], list[Attendee]]:
    """Return the attendees who leave and those who stay; without ids all of them leave."""
    if booking.status not in CANCELLABLE:
        raise BookingEnded(status=booking.status)
    there = [one for one in booking.party if one.current == 1]
    chosen = {one.id for one in there} if attendee_ids is None else set(attendee_ids)
    if unknown := chosen - {one.id for one in there}:
        raise NotFound(kind="attendee", ids=sorted(unknown))
    leaving = [one for one in there if one.id in chosen]
    if any(one.checked_in_at for one in leaving):
        raise AlreadyCheckedIn
    return leaving, [one for one in there if one.id not in chosen]


def _require_before(until: datetime, now: datetime) -> None:
    if now >= until:
        raise DeadlinePassed(until=until)


async def _notify(
    booking: Booking,
    leaving: Sequence[Attendee],
    template: NoticeTemplate,
    *,
    except_for: int | None = None,
    now: datetime,
) -> None:
    """Notify everybody in the booking except the person who cancels."""
    people = people_of(booking) | {one.person_id for one in leaving if one.person_id is not None}
    if others := people - {except_for}:
        await notify_people(others, booking, template, now=now)


async def _shrink_party(
    booking: Booking, leaving: Sequence[Attendee], staying: Sequence[Attendee], now: datetime
) -> None:
    """Make the party smaller; if its holder leaves, the first attendee with an account becomes the holder."""
    changes: dict[str, Any] = {"size": len(staying)}
    if booking.person_id not in {one.person_id for one in staying}:
        holder = next((one.person_id for one in staying if one.person_id is not None), None)
        if holder is None:
            raise AccountHolderRequired
        changes |= {"person_id": holder}
    if booking.status == S.WAITING:
        known = [one.person_id for one in staying if one.person_id is not None]
        changes |= {"penalty_until": await no_shows.penalty_until(known, now)}
    for one in leaving:
        one.current, one.left_at = None, now
    left = [rows.update_statement(Attendee, one.id, current=None, left_at=now) for one in leaving]
    await db.execute_together(
        [*left, *_free_statements(booking, len(leaving)), rows.update_statement(Booking, booking.id, **changes)]
    )
    booking.update_from_dict(changes)


def _free_statements(booking: Booking, freed: int) -> list[db.Statement]:
    """Return the statements that free seats of the booking: its own, or those that are held for it."""
    if booking.status == S.BOOKED:
        return [seats.counts_statement(booking.activity, taken=-freed)]
    if booking.status == S.OFFERED:
        offers = "UPDATE seat_offer SET seats = seats - ? WHERE booking_id = ? AND open = 1"
        return [db.statement(offers, freed, booking.id), seats.counts_statement(booking.activity, held=-freed)]
    return []
