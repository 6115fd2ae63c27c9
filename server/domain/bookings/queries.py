"""Bookings as residents and staff read them; a page costs the same however long the list is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.query_utils import Prefetch
from tortoise.queryset import QuerySet

from server.database import db
from server.database.condition import ALWAYS, among, select, where
from server.domain import audit, households, notifications, reference
from server.domain.activities import public_queries
from server.domain.bookings import access
from server.domain.bookings.notifications import BOOKING_CONTACT_READ
from server.domain.pagination import Place, Window, older
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound
from server.models import Attendee, Booking, BookingStatus, Person, ReadingKind, SeatOffer

S = BookingStatus


# People with too many no-shows come last; the others come in the order in which they booked.
_AHEAD = """
SELECT id, ahead FROM (
 SELECT id, ROW_NUMBER() OVER (PARTITION BY activity_id ORDER BY COALESCE(penalty_until > ?, 0), number) - 1 ahead
 FROM booking WHERE status = 'waiting' AND activity_id IN ({activities})
) line WHERE id IN ({bookings})
"""


@dataclass(frozen=True)
class BookingView:
    """A booking with its activity, station, post and attendees, its open offer, and how many come before it.

    `may_answer`: the reader may answer the offer.
    """

    booking: Booking
    offer: SeatOffer | None
    ahead: int | None
    may_answer: bool = False

    @property
    def attendees(self) -> list[Attendee]:
        """Return the attendees who are in it, or were when it ended."""
        return [one for one in self.booking.party if one.left_at is None]


async def list_of_person(person_id: int, window: Window, *, now: datetime) -> list[BookingView]:
    """Return a page of bookings that the person made on a phone or is part of, newest first."""
    found = Booking.filter(await access.involves_person(person_id)).filter(older("booked_at", window.after))
    return await _load(found.order_by("-booked_at", "-id").limit(window.limit), now, person_id)


async def get_for_person(booking_id: int, person_id: int, *, now: datetime) -> BookingView:
    """Return a booking that concerns the person or their household; raises NotFound otherwise."""
    await access.require_concerned(booking_id, person_id)
    return await get(booking_id, now=now, reader=person_id)


async def get_current(activity_id: int, person_id: int, *, now: datetime) -> BookingView | None:
    """Return the person's current booking of a published activity, or None. Raises `NotFound` for a draft."""
    attendee = await Attendee.get_or_none(activity_id=activity_id, person_id=person_id, current=1)
    if attendee is None:
        await public_queries.get_published(activity_id)
        return None
    return await get(attendee.booking_id, now=now, reader=person_id)


async def get(booking_id: int, *, now: datetime, reader: int | None = None) -> BookingView:
    """Return a booking; the caller has checked access."""
    return await _load_one(Booking.filter(id=booking_id), now, reader)


async def get_booker(booking: Booking) -> Person:
    return await Person.get(id=booking.person_id)


async def view_new(booking: Booking) -> BookingView:
    """Return a booking that was written in this transaction, without reading it."""
    await reference.attach([booking.activity], "station")
    return BookingView(booking, None, booking.ahead)


async def view_cancelled(booking: Booking, *, now: datetime, reader: int) -> BookingView:
    """Return a booking that was cancelled, or made smaller, in this transaction; it is rarely read again."""
    if booking.status in {S.WAITING, S.OFFERED} or booking.post_id is not None:
        return await get(booking.id, now=now, reader=reader)
    booking.post, booking.ahead = None, None
    return await view_new(booking)


async def _load_one(bookings: QuerySet[Booking], now: datetime, reader: int | None = None) -> BookingView:
    found = await _load(bookings, now, reader)
    if not found:
        raise NotFound
    return found[0]


async def _load(bookings: QuerySet[Booking], now: datetime, reader: int | None = None) -> list[BookingView]:
    party = Prefetch("attendees", Attendee.all().order_by("id").select_related("person"), to_attr="party")
    found = await bookings.select_related("activity", "post", "person").prefetch_related(party)
    await reference.attach([one.activity for one in found], "station")
    return await _with_positions(found, now, reader)


async def _with_positions(bookings: Sequence[Booking], now: datetime, reader: int | None) -> list[BookingView]:
    offered = [one for one in bookings if one.status == S.OFFERED]
    ids = [one.id for one in offered]
    offers = {one.booking_id: one for one in await SeatOffer.filter(booking_id__in=ids, open=1)} if ids else {}
    answerable = await access.answerable_ids(offered, reader) if reader is not None else set()
    ahead = await _ahead([one for one in bookings if one.status == S.WAITING], now)
    return [BookingView(one, offers.get(one.id), ahead.get(one.id), one.id in answerable) for one in bookings]


async def _ahead(waiting: Sequence[Booking], now: datetime) -> dict[int, int]:
    """Return the number of bookings before each, counted in one statement."""
    if not waiting:
        return {}
    lines, ids = sorted({one.activity_id for one in waiting}), [one.id for one in waiting]
    statement = _AHEAD.format(activities=db.placeholders(lines), bookings=db.placeholders(ids))
    _, rows = await db.execute(statement, [now, *lines, *ids])
    return {row["id"]: row["ahead"] for row in rows}


@dataclass(frozen=True)
class BookingFilter:
    """A page of an activity's bookings; without `statuses` all of them; `in_line`: waiting ones in order."""

    window: Window
    statuses: Sequence[BookingStatus] = ()
    in_line: bool = False


async def list_of_activity(
    activity_id: int, filter_: BookingFilter, *, by: Staff, now: datetime
) -> tuple[list[BookingView], set[int]]:
    """Return a page of an activity's bookings, by number or in waiting order, and the people near to the caller.

    Raises NotFound for other stations.
    """
    near = await _near_if_visible(activity_id, by, now)
    found = Booking.filter(activity_id=activity_id)
    if filter_.in_line:
        return await _waiting_page(found.filter(status=S.WAITING), filter_.window, now), near
    if filter_.statuses:
        found = found.filter(status__in=list(filter_.statuses))
    return await _load(_numbered(found, filter_.window.after).limit(filter_.window.limit), now), near


async def _near_if_visible(activity_id: int, by: Staff, now: datetime) -> set[int]:
    """Return the people near to the caller, with the caller. Raises NotFound for an activity of other stations."""
    theirs = ALWAYS if by.is_city else among("activity.station_id", sorted(by.station_ids | by.county_station_ids))
    source, values = f"activity, ({households.NEAR_IDS}) near", households.near_ids_values(by.person_id, now=now)
    found = await select("near.person_id", source, where("activity.id = ?", activity_id) & theirs, first=values)
    if not found:
        raise NotFound
    return {row["person_id"] for row in found}


def _numbered(bookings: QuerySet[Booking], after: Place | None) -> QuerySet[Booking]:
    """Sort by number, and start behind the number of a place in the list."""
    return bookings.filter(number__gt=after[1] if after is not None else 0).order_by("number")


async def _waiting_page(waiting: QuerySet[Booking], window: Window, now: datetime) -> list[BookingView]:
    """Return a page in waiting order: bookings with a penalty are read only when the others leave space on the page."""
    first, last = (
        waiting.filter(Q(penalty_until=None) | Q(penalty_until__lte=now)),
        waiting.filter(penalty_until__gt=now),
    )
    among_last = window.after is not None and window.after[0] > now
    page = [] if among_last else await _load(_numbered(first, window.after).limit(window.limit), now)
    if len(page) < window.limit:
        behind = _numbered(last, window.after if among_last else None)
        page += await _load(behind.limit(window.limit - len(page)), now)
    return page


async def get_for_staff(booking_id: int, *, by: Staff, now: datetime) -> BookingView:
    """Return a booking of the worker's stations or counties; raises NotFound otherwise."""
    return await _load_one(Booking.filter(by.of_stations("activity__station"), id=booking_id), now)


@db.transaction
async def read_contact(booking_id: int, *, reason: str, by: Staff, now: datetime) -> BookingView:
    """Return a booking of the worker's station with names and phones; each reading is logged and announced to them.

    Raises NotAllowed for officers, who see only that the booking exists, and NotFound for others.
    """
    found = await get_for_staff(booking_id, by=by, now=now)
    if found.booking.activity.station_id not in by.station_ids:
        raise NotAllowed
    known = [one.person_id for one in found.attendees if one.person_id is not None]
    for one in known:
        await audit.read(f"booking:{booking_id}", ReadingKind.CONTACT, of=one, by=by.person_id, reason=reason, now=now)
    await notifications.notify(
        known,
        BOOKING_CONTACT_READ,
        subject_id=booking_id,
        now=now,
        activity=found.booking.activity.title,
        reason=reason,
    )
    return found
