"""The states of a booking and the moves between them, with the activity's counts and the offer that change too.

A caller whose move frees seats calls `waiting_list.offer_free_seats` afterwards, in the same transaction.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from server.database import db, rows
from server.domain.bookings import seats
from server.errors import InvalidBookingState
from server.models import Activity, Booking, BookingStatus, SeatOffer, SeatOfferStatus

S = BookingStatus

TRANSITIONS: dict[BookingStatus, frozenset[BookingStatus]] = {
    S.WAITING: frozenset({S.OFFERED, S.BOOKED, S.CANCELLED, S.NOT_REACHED}),
    S.OFFERED: frozenset({S.BOOKED, S.CANCELLED, S.REFUSED, S.LAPSED, S.NOT_REACHED}),
    S.BOOKED: frozenset({S.ATTENDED, S.NO_SHOW, S.CANCELLED}),
    S.ATTENDED: frozenset(),
    S.NO_SHOW: frozenset(),
    S.CANCELLED: frozenset(),
    S.REFUSED: frozenset(),
    S.LAPSED: frozenset(),
    S.NOT_REACHED: frozenset(),
}
# How the offer ends when the booking ends in this state; in all other states the offer is withdrawn.
_OFFER_ENDS = {S.REFUSED: SeatOfferStatus.REFUSED, S.LAPSED: SeatOfferStatus.EXPIRED}


def require_status(booking: Booking, *statuses: BookingStatus) -> None:
    """Raise InvalidBookingState unless the booking is in one of these states."""
    if booking.status not in statuses:
        raise InvalidBookingState(status=booking.status)


def seated_after_deadline(booking: Booking) -> bool:
    """Return whether a waiting booking (with its activity) got its seats after the cancellation deadline."""
    return seated_since(booking, booking.activity.cancellation_until)


def seated_since(booking: Booking, moment: datetime) -> bool:
    """Return whether a waiting booking got its seats at that moment or later."""
    seated_at = booking.seated_at
    return seated_at is not None and seated_at > booking.booked_at and seated_at >= moment


async def end(booking: Booking, to: BookingStatus, *, now: datetime, **columns: Any) -> None:
    """End a booking of a locked activity: its seats, post, offer and people are free again.

    Raises InvalidBookingState if the table does not allow it.
    """
    changed = _change_status(
        booking, to, now, _OFFER_ENDS.get(to, SeatOfferStatus.WITHDRAWN), columns | {"ended_at": now}
    )
    await db.execute_together([*changed, db.statement(_LEAVE, booking.id)])


async def seat(booking: Booking, *, now: datetime, offer: SeatOfferStatus = SeatOfferStatus.WITHDRAWN) -> None:
    """Give a waiting booking its seats, which must be free or held for it; `offer` is how its offer ended.

    Raises InvalidBookingState if the table does not allow it.
    """
    await db.execute_together(_change_status(booking, S.BOOKED, now, offer, {"seated_at": now}))


async def offer(bookings: list[Booking], activity: Activity, offers: list[SeatOffer]) -> None:
    """Hold free seats of the locked activity for these waiting bookings, by these new offers."""
    held, ids = sum(one.size for one in bookings), [one.id for one in bookings]
    mark = f"UPDATE booking SET status = ? WHERE id IN ({db.placeholders(ids)})"  # noqa: S608
    counted = seats.counts_statement(activity, held=held, waiting=-len(ids))
    await db.execute_together([counted, db.statement(mark, S.OFFERED.value, *ids), rows.insert_statement(offers)])
    for one in bookings:
        one.status = S.OFFERED


_LEAVE = "UPDATE attendee SET current = NULL WHERE booking_id = ? AND current = 1"
_END_OFFER = "UPDATE seat_offer SET state = ?, open = NULL, ended_at = ? WHERE booking_id = ? AND open = 1"


def _change_status(
    booking: Booking, to: BookingStatus, now: datetime, offer: SeatOfferStatus, columns: dict[str, Any]
) -> list[db.Statement]:
    """Change the booking and its activity's counts, and return the statements that write this and end its offer."""
    if to not in TRANSITIONS[booking.status]:
        raise InvalidBookingState(status=booking.status)
    offers = [db.statement(_END_OFFER, offer.value, now, booking.id)] if booking.status == S.OFFERED else []
    counted = _change_counts(booking, to)
    changes = columns | {"status": to}
    booking.update_from_dict(changes)
    return [*offers, counted, rows.update_statement(Booking, booking.id, **changes)]


def _change_counts(booking: Booking, to: BookingStatus) -> db.Statement:
    if booking.post_id is not None:
        return seats.leave_post_statement(booking.post_id)
    before, after = _counts(booking.status, booking.size), _counts(to, booking.size)
    return seats.counts_statement(
        booking.activity, **{name: after.get(name, 0) - before.get(name, 0) for name in before | after}
    )


def _counts(status: BookingStatus, size: int, bookings: int = 1) -> dict[str, int]:
    """Return how bookings in this state, with so many seats together, appear in the activity's counts."""
    return {
        S.BOOKED: {"taken": size},
        S.ATTENDED: {"taken": size},
        S.OFFERED: {"held": size},
        S.WAITING: {"waiting": bookings},
    }.get(status, {})


async def end_all(
    activity: Activity, statuses: Collection[BookingStatus], to: BookingStatus, *, now: datetime, **columns: Any
) -> None:
    """End every booking of the locked activity in these states, by a fixed number of statements."""
    db.require_transaction()
    values = [activity.id, *(status.value for status in statuses)]
    condition = f"activity_id = ? AND status IN ({db.placeholders(statuses)})"
    sums = f"SELECT status, SUM(size) size, COUNT(*) bookings FROM booking WHERE {condition} AND post_id IS NULL"  # noqa: S608
    _, read = await db.execute(f"{sums} GROUP BY status", values)
    if S.OFFERED in statuses:
        taken_back = {"state": SeatOfferStatus.WITHDRAWN, "open": None, "ended_at": now}
        await SeatOffer.filter(activity_id=activity.id, open=1).update(**taken_back)
    # Filter by activity first: without it the database reads all attendees there ever were.
    those = f"booking_id IN (SELECT id FROM booking WHERE {condition})"  # noqa: S608
    gone = f"UPDATE attendee SET current = NULL WHERE activity_id = ? AND current = 1 AND {those}"  # noqa: S608
    await db.execute(gone, [activity.id, *values])
    ending = Booking.filter(activity_id=activity.id, status__in=list(statuses))
    await ending.update(**(columns | {"status": to, "ended_at": now}))
    freed: dict[str, int] = {}
    for row in read:
        freed |= _counts(S(row["status"]), -int(row["size"]), -int(row["bookings"]))
    await db.execute_together([seats.counts_statement(activity, **freed)])
    await _count_posts(activity)


async def _count_posts(activity: Activity) -> None:
    filled = "SELECT COUNT(*) FROM booking WHERE booking.post_id = post.id AND booking.status IN (?, ?)"
    values = [S.BOOKED.value, S.ATTENDED.value, activity.id]
    await db.execute(f"UPDATE post SET taken = ({filled}) WHERE activity_id = ?", values)  # noqa: S608 - words of ours
