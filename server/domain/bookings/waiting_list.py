"""The waiting list 候补: who is first in line and fits is offered what is free or, near the start, gets it at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database import db
from server.domain import job_queue, policies
from server.domain.activities import access as activities
from server.domain.activities import quiet_hours
from server.domain.activities.quiet_hours import Night
from server.domain.bookings import seats, transitions
from server.domain.bookings.notifications import (
    CALL_ABOUT_OFFER,
    CALL_ABOUT_SEAT,
    SEAT_GIVEN,
    SEAT_OFFERED,
    ask_station_to_call,
    notify_party,
)
from server.domain.working_time import SHANGHAI
from server.models import Activity, ActivityStatus, Booking, BookingStatus, Offer
from server.models.fields import new_id

# So many are asked or booked in one go, while everybody else waits for the activity's lock.
AT_ONCE = 50


@db.transaction
async def serve_by_id(activity_id: int, *, now: datetime) -> None:
    """Serve the line of an activity whose seats became free while people slept."""
    await offer_free_seats(await activities.any_activity(activity_id), now=now)


@dataclass(frozen=True)
class OfferTerms:
    """How long an offer is good for, in waking minutes, and how long before the start none is made any more."""

    minutes: int
    same_day_minutes: int
    auto_promotion: timedelta

    def is_too_late_to_ask(self, activity: Activity, now: datetime) -> bool:
        """Whether there is no time left to ask: who is first is booked."""
        return now >= activity.starts_at - self.auto_promotion

    def expiry(self, activity: Activity, now: datetime, night: Night) -> datetime:
        """Until when an offer made now may be accepted: never later than the start."""
        today = now.astimezone(SHANGHAI).date() == activity.starts_at.astimezone(SHANGHAI).date()
        minutes = self.same_day_minutes if today else self.minutes
        return min(quiet_hours.add_waking(now, minutes, night), activity.starts_at)


async def offer_free_seats(activity: Activity, *, now: datetime) -> None:
    """Give the free seats of a locked activity to whoever in line fits, in order, until nobody does.

    At night it only plans to do so in the morning. Does nothing for an activity that is not on, or has begun: whoever
    stands at the door then is let in by staff.
    """
    db.must_be_in_transaction()
    if activity.status != ActivityStatus.PUBLISHED or now >= activity.starts_at:
        return
    if activity.seats_held:
        await _shorten_offers(activity)
    if not activity.waiting or seats.free(activity) <= 0:
        return
    night = await quiet_hours.in_force()
    if quiet_hours.is_night(now, night):
        await job_queue.plan("serve_line", activity.id, due=quiet_hours.night_ends_at(now, night))
        return
    if chosen := await _first_fitting(activity, now):
        await _assign_seats(chosen, activity, night, now)
    if len(chosen) == AT_ONCE:
        # The hall became much larger: others who want to book are let in between.
        await job_queue.plan("serve_line", activity.id, due=now)


async def _shorten_offers(activity: Activity) -> None:
    """An activity that now begins earlier than an offer runs out is not kept from others by it."""
    too_long = Offer.filter(activity_id=activity.id, open=1, expires_at__gt=activity.starts_at)
    for one in await too_long.only("id", "offered_at"):
        # Made by a clock that was ahead, an offer can be younger than the new start.
        expires_at = max(activity.starts_at, one.offered_at + timedelta(seconds=1))
        await Offer.filter(id=one.id).update(expires_at=expires_at)
        await job_queue.plan("expire_offer", one.id, due=expires_at)


async def _assign_seats(chosen: list[Booking], activity: Activity, night: Night, now: datetime) -> None:
    terms = await get_terms(activity.station_id)
    if terms.is_too_late_to_ask(activity, now):
        await _promote(chosen, now)
    else:
        await _offer(chosen, activity, terms.expiry(activity, now, night), now)


async def get_terms(station_id: int) -> OfferTerms:
    """The terms as the station's policies have them."""
    names = ("offer_minutes", "same_day_offer_minutes", "auto_promotion_minutes")
    minutes, on_the_day, auto_promotion = (await policies.numbers(*names, station_id=station_id)).values()
    return OfferTerms(minutes, on_the_day, timedelta(minutes=auto_promotion))


async def _first_fitting(activity: Activity, now: datetime) -> list[Booking]:
    """Those who get the free seats: in the order of the line, who does not fit is passed over.

    Whoever stands behind because of no-shows comes after everybody else. Each question to the database but two gives
    somebody a seat, so that a line of thousands is never walked through.
    """
    free = seats.free(activity)
    chosen: list[Booking] = []
    for part in (Q(behind_until=None) | Q(behind_until__lte=now), Q(behind_until__gt=now)):
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
    await transitions.mark_offered(bookings, activity)
    offers = [_open(one, until, now) for one in bookings]
    await Offer.bulk_create(offers)
    said = f"{until.astimezone(SHANGHAI):%m月%d日%H:%M}"
    for booking, offer in zip(bookings, offers, strict=True):
        await job_queue.ensure("expire_offer", offer.id, due=until)
        await notify_party(booking, SEAT_OFFERED, subject_id=offer.id, now=now, until=said)
    await ask_station_to_call(bookings, CALL_ABOUT_OFFER, now=now)


def _open(booking: Booking, until: datetime, now: datetime) -> Offer:
    facts = {"booking_id": booking.id, "activity_id": booking.activity_id, "seats": booking.size}
    return Offer(id=new_id(), **facts, offered_at=now, expires_at=until)
