"""Seat offers: freed seats are held for one waiting booking until it accepts, refuses or runs out of time."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db, rows
from server.domain import households, job_queue, reference
from server.domain.bookings import access, transitions, waiting_list
from server.domain.bookings.notifications import OFFER_ACCEPTED, OFFER_LAPSED, OFFER_REFUSED, notify_party
from server.domain.bookings.transitions import S
from server.domain.pagination import Window, later
from server.errors import NotFound, OfferEnded, OfferExpired
from server.models import Activity, Booking, Channel, Person, SeatOffer, SeatOfferStatus


async def list_open(person_id: int, window: Window, *, now: datetime) -> list[SeatOffer]:
    """Return a page of the offers that the person may answer now, for the household too; the most urgent first."""
    asked = Booking.filter(await _answerable_by(person_id), status=S.OFFERED)
    ids = [one.id for one in await asked.only("id")]
    open_ = SeatOffer.filter(later("expires_at", window.after), booking_id__in=ids or [0], open=1, expires_at__gt=now)
    found = await open_.order_by("expires_at", "id").limit(window.limit).select_related("activity", "booking__person")
    await reference.attach([one.activity for one in found], "station")
    return found


async def _answerable_by(person_id: int) -> Q:
    """Return the condition that the person may answer for a booking, as `access.may_answer`, for a list."""
    household_id = await households.of(person_id)
    theirs = [person_id] if household_id is None else await households.members(household_id)
    return Q(person_id__in=theirs) | Q(booked_by_id=person_id, channel=Channel.PHONE_APP)


_OFFER = f"""
SELECT o.*, a.id `activity.id`, a.title `activity.title`, a.place `activity.place`, a.starts_at `activity.starts_at`,
 a.ends_at `activity.ends_at`, a.station_id `activity.station_id`,
 b.id `booking.id`, p.id `person.id`, p.name `person.name`
FROM seat_offer o JOIN booking b ON b.id = o.booking_id JOIN activity a ON a.id = o.activity_id
JOIN person p ON p.id = b.person_id WHERE o.id = ? AND {access.ANSWERABLE}
"""  # noqa: S608 - a condition of ours


async def get(offer_id: int, person_id: int) -> SeatOffer:
    """Return an offer in any state if the person may, or might have, answered it; raises NotFound otherwise.

    It comes with its activity, and with its booking and the booking's holder.
    """
    _, read = await db.execute(_OFFER, [offer_id, *access.answering(person_id)])
    if not read:
        raise NotFound
    offer = rows.of(SeatOffer, read[0])
    offer.activity = rows.of(Activity, read[0], "activity.")
    offer.booking = rows.of(Booking, read[0], "booking.")
    offer.booking.person = rows.of(Person, read[0], "person.")
    await reference.attach([offer.activity], "station")
    return offer


@db.transaction
async def accept(offer_id: int, *, by: int, now: datetime) -> Booking:
    """Book the held seats. Raises OfferEnded, and OfferExpired once the time is over, even before the job ends it."""
    booking = await _lock_offered_booking(offer_id, by, now)
    await transitions.seat(booking, now=now, offer=SeatOfferStatus.ACCEPTED)
    await notify_party(booking, OFFER_ACCEPTED, now=now)
    return booking


@db.transaction
async def refuse(offer_id: int, *, by: int, now: datetime) -> Booking:
    """Refuse the offer and leave the waiting list; the next in line get an offer. Raises OfferEnded, OfferExpired."""
    booking = await _lock_offered_booking(offer_id, by, now)
    await transitions.end(booking, S.REFUSED, now=now)
    await notify_party(booking, OFFER_REFUSED, now=now)
    await waiting_list.offer_free_seats(booking.activity, now=now)
    return booking


async def _lock_offered_booking(offer_id: int, by: int, now: datetime) -> Booking:
    """Return the booking of the person's open offer, locked."""
    offer = await get(offer_id, by)
    # An offer that is over stays over, so it is refused without a lock.
    _require_open(offer, now)
    booking = await access.lock_booking(offer.booking_id, offer.activity_id)
    _require_open(await SeatOffer.get(id=offer_id), now)
    return booking


def _require_open(offer: SeatOffer, now: datetime) -> None:
    if offer.open is None:
        raise OfferEnded(status=offer.state)
    if now >= offer.expires_at:
        raise OfferExpired(until=offer.expires_at)


@db.transaction
async def expire(offer_id: int, *, now: datetime) -> None:
    """End an offer that nobody answered in time and offer its seats to the next; a repeated call changes nothing."""
    offer = await SeatOffer.get(id=offer_id)
    if offer.open is None:
        return
    booking = await access.lock_booking(offer.booking_id, offer.activity_id)
    offer = await SeatOffer.get(id=offer_id)
    if offer.open is None:
        return
    if now < offer.expires_at:
        await job_queue.plan("expire_offer", offer.id, due=offer.expires_at)
        return
    await transitions.end(booking, S.LAPSED, now=now)
    await notify_party(booking, OFFER_LAPSED, now=now)
    await waiting_list.offer_free_seats(booking.activity, now=now)
