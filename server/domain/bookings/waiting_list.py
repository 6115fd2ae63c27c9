"""The waiting list 候补: the first booking that fits gets an offer of free seats or, near the start, the seats."""

from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.domain import job_queue
from server.domain.activities import quiet_hours
from server.domain.activities.quiet_hours import QuietHours
from server.domain.bookings import access, offer_terms, seats, transitions
from server.domain.bookings.notifications import (
    CALL_ABOUT_OFFER,
    CALL_ABOUT_SEAT,
    SEAT_GIVEN,
    SEAT_OFFERED,
    ask_station_to_call,
    notify_party,
)
from server.domain.working_time import SHANGHAI
from server.models import Activity, ActivityStatus, Booking, BookingStatus, SeatOffer
from server.models.fields import new_id

# At most so many bookings at once, because everybody else waits for the activity's lock.
AT_ONCE = 50


@db.transaction
async def serve_by_id(activity_id: int, *, now: datetime) -> None:
    """Offer seats that became free during the quiet hours."""
    await offer_free_seats(await access.lock_activity(activity_id), now=now)


async def offer_free_seats(activity: Activity, *, now: datetime) -> None:
    """Offer the free seats of a locked activity to the waiting bookings that fit, in their order.

    During the quiet hours it only plans this for the morning. It does nothing once the activity has begun or ended:
    then staff let people in at the entrance.
    """
    db.require_transaction()
    if activity.status != ActivityStatus.PUBLISHED or now >= activity.starts_at:
        return
    if activity.seats_held:
        await _shorten_offers(activity)
    if not activity.waiting or seats.free(activity) <= 0:
        return
    quiet = await quiet_hours.get_quiet_hours()
    if quiet_hours.is_quiet(now, quiet):
        await job_queue.plan("serve_line", activity.id, due=quiet_hours.quiet_until(now, quiet))
        return
    if chosen := await _first_fitting(activity, now):
        await _assign_seats(chosen, activity, quiet, now)
    if len(chosen) == AT_ONCE:
        # The activity got many more seats: a job offers the rest, so that others can book in between.
        await job_queue.plan("serve_line", activity.id, due=now)


async def _shorten_offers(activity: Activity) -> None:
    """End offers by the start, if the activity now starts earlier than they expire."""
    too_long = SeatOffer.filter(activity_id=activity.id, open=1, expires_at__gt=activity.starts_at)
    for one in await too_long.only("id", "offered_at"):
        # If the clock that made it was ahead, an offer can be younger than the new start.
        expires_at = max(activity.starts_at, one.offered_at + timedelta(seconds=1))
        await SeatOffer.filter(id=one.id).update(expires_at=expires_at)
        await job_queue.plan("expire_offer", one.id, due=expires_at)


async def _assign_seats(chosen: list[Booking], activity: Activity, quiet: QuietHours, now: datetime) -> None:
    terms = await offer_terms.get_terms(activity.station_id)
    if terms.is_too_late_to_ask(activity, now):
        await _promote(chosen, now)
    else:
        await _offer(chosen, activity, terms.expiry(activity, now, quiet), now)


async def _first_fitting(activity: Activity, now: datetime) -> list[Booking]:
    """Return the bookings that get the free seats, in waiting order; those that do not fit are passed over.

    Bookings with a no-show penalty come last. All but two queries find a booking, so that a list of thousands is never
    read whole.
    """
    free = seats.free(activity)
    chosen: list[Booking] = []
    for part in (Q(penalty_until=None) | Q(penalty_until__lte=now), Q(penalty_until__gt=now)):
        last = 0
        while free > 0 and len(chosen) < AT_ONCE:
            waiting = Booking.filter(part, activity_id=activity.id, status=BookingStatus.WAITING, number__gt=last)
            found = await waiting.filter(size__lte=free).order_by("number").limit(min(free, AT_ONCE))
            for one in found:
                if one.size <= free and len(chosen) < AT_ONCE:
                    chosen.append(one)
                    free -= one.size
            if not found:
                break
            last = found[-1].number
    for one in chosen:
        one.activity = activity
    return chosen


async def _promote(bookings: list[Booking], now: datetime) -> None:
    for one in bookings:
        await transitions.seat(one, now=now)
        await notify_party(one, SEAT_GIVEN, now=now)
    await ask_station_to_call(bookings, CALL_ABOUT_SEAT, now=now)


async def _offer(bookings: list[Booking], activity: Activity, until: datetime, now: datetime) -> None:
    offers = [_open(one, until, now) for one in bookings]
    await transitions.offer(bookings, activity, offers)
    said = f"{until.astimezone(SHANGHAI):%m月%d日%H:%M}"
    for booking, offer in zip(bookings, offers, strict=True):
        await job_queue.ensure("expire_offer", offer.id, due=until)
        await notify_party(booking, SEAT_OFFERED, subject_id=offer.id, now=now, until=said)
    await ask_station_to_call(bookings, CALL_ABOUT_OFFER, now=now)


def _open(booking: Booking, until: datetime, now: datetime) -> SeatOffer:
    facts = {"booking_id": booking.id, "activity_id": booking.activity_id, "seats": booking.size}
    return SeatOffer(id=new_id(), **facts, offered_at=now, expires_at=until)
