"""Seat offers to waiting bookings, and seats that staff give out of turn."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.seat_offers import (
    OFFER_WORDS,
    ActivityReference,
    PromotionDetail,
    SeatOfferDetail,
    SeatOfferStatus,
)
from server.adapters.clock import Moment
from server.domain.bookings import offers, promotion, queries
from server.domain.masking import mask_name
from server.domain.pagination import Window
from server.errors import DeadlinePassed, InvalidBookingState, NotEnoughSeats, OfferEnded, OfferExpired, OwnBooking
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs.serializers import station_reference
from server.models import Activity, SeatOffer

PATH = "/seat-offers/<offer_id:int>"


def activity_reference(activity: Activity) -> ActivityReference:
    """Return the reference of an activity that comes with its station."""
    return ActivityReference(
        id=activity.id,
        title=activity.title,
        place=activity.place,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        station=station_reference(activity.station),
    )


def _offer(offer: SeatOffer, caller: Caller) -> SeatOfferDetail:
    state, person = SeatOfferStatus(offer.state.value), offer.booking.person
    return SeatOfferDetail(
        id=offer.id,
        status=state,
        status_words=OFFER_WORDS[state],
        activity=activity_reference(offer.activity),
        booking_id=offer.booking_id,
        is_mine=person.id == caller.person_id,
        name=mask_name(person.name or ""),
        seats=offer.seats,
        offered_at=offer.offered_at,
        expires_at=offer.expires_at,
        ended_at=offer.ended_at,
    )


async def _load(offer_id: int, caller: Caller) -> SeatOfferDetail:
    return _offer(await offers.get(offer_id, caller.person_id), caller)


@endpoint("GET", "/seat-offers", query=PageQuery, reply=Page[SeatOfferDetail])
async def list_seat_offers(query: PageQuery, caller: Caller, now: Moment) -> Page[SeatOfferDetail]:
    """Return the offers to the caller or their household that wait for an answer, the most urgent first."""
    window = Window(cursor.after(query.after), query.limit)
    found = await offers.list_open(caller.person_id, window, now=now)
    following = cursor.following(found, query.limit, lambda one: (one.expires_at, one.id))
    return Page[SeatOfferDetail](items=[_offer(one, caller) for one in found], next=following)


@endpoint("GET", PATH, reply=SeatOfferDetail)
async def get_seat_offer(offer_id: int, caller: Caller) -> SeatOfferDetail:
    """Return an offer to the caller or their household, also after it ended."""
    return await _load(offer_id, caller)


@endpoint(
    "POST", PATH + "/acceptance", reply=SeatOfferDetail, subject=subjects.SEAT_OFFER, refuses=(OfferEnded, OfferExpired)
)
async def accept_seat_offer(offer_id: int, caller: Caller, now: Moment) -> SeatOfferDetail:
    """Accept the seats: the booking is booked."""
    await offers.accept(offer_id, by=caller.person_id, now=now)
    return await _load(offer_id, caller)


@endpoint(
    "POST", PATH + "/refusal", reply=SeatOfferDetail, subject=subjects.SEAT_OFFER, refuses=(OfferEnded, OfferExpired)
)
async def refuse_seat_offer(offer_id: int, caller: Caller, now: Moment) -> SeatOfferDetail:
    """Refuse the seats and leave the waiting list; a new booking waits at its end."""
    await offers.refuse(offer_id, by=caller.person_id, now=now)
    return await _load(offer_id, caller)


@endpoint(
    "POST",
    "/station/bookings/<booking_id:int>/promotion",
    reply=PromotionDetail,
    subject=subjects.STATION_BOOKING,
    roles=Roles.STAFF,
    refuses=(InvalidBookingState, NotEnoughSeats, DeadlinePassed, OwnBooking),
)
async def promote_booking(booking_id: int, caller: Caller, now: Moment) -> PromotionDetail:
    """Give a waiting booking its seats at once, out of turn, if it fits."""
    booking = await promotion.promote(booking_id, by=caller.scope, now=now)
    person = await queries.get_booker(booking)
    return PromotionDetail(
        booking_id=booking.id,
        activity_id=booking.activity_id,
        name=mask_name(person.name or ""),
        seats=booking.size,
        seated_at=now,
    )
