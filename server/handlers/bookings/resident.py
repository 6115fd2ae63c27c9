"""Bookings of residents: book, list, cancel."""

from miniprogram_contract.base import Page, PageQuery
from miniprogram_contract.bookings import BookingCancellation, BookingDetail, NewBooking
from server.adapters.clock import Moment
from server.domain.bookings import booking, cancellation, queries, volunteer_posts
from server.domain.bookings.party import PartyRequest
from server.domain.pagination import Window
from server.errors import (
    AccountHolderRequired,
    AgeNotAllowed,
    AlreadyBooked,
    AlreadyCheckedIn,
    AreaNotEligible,
    BirthYearRequired,
    BookingClosed,
    BookingEnded,
    BookingNotOpen,
    DeadlinePassed,
    HomeRequired,
    InvalidAnswers,
    NotBookable,
    PartyTooLarge,
    PostFull,
    PriorityPeriod,
    VolunteerRequired,
)
from server.handlers import birth_years as birth_years_module
from server.handlers import subjects
from server.handlers.bookings.serializers import attendee_request, birth_years, booking_detail, newest_first
from server.handlers.http import Caller, cursor, endpoint

# Refusals of every booking, on the phone or at the counter.
BOOKING_REFUSALS = (
    NotBookable,
    BookingNotOpen,
    BookingClosed,
    AccountHolderRequired,
    PartyTooLarge,
    HomeRequired,
    AreaNotEligible,
    PriorityPeriod,
    BirthYearRequired,
    AgeNotAllowed,
    InvalidAnswers,
    AlreadyBooked,
)


@endpoint(
    "POST",
    "/activities/<activity_id:int>/bookings",
    body=NewBooking,
    hears=("attendees", "answers"),
    reply=BookingDetail,
    subject=subjects.BOOKING,
    status=201,
    refuses=(*BOOKING_REFUSALS, VolunteerRequired, PostFull),
)
async def book_activity(activity_id: int, body: NewBooking, caller: Caller, now: Moment) -> BookingDetail:
    """Book seats, all or none, or wait for them; or take a volunteer's place in a post."""
    birth_years_module.require_past_years(birth_years(body), now)
    person_id = caller.person_id
    if body.post_id is not None:
        made = await volunteer_posts.take(activity_id, body.post_id, by=person_id, now=now)
    else:
        wanted = PartyRequest([attendee_request(one) for one in body.attendees], body.answers)
        made = await booking.book(activity_id, wanted, by=person_id, now=now)
    return booking_detail(await queries.view_new(made), person_id, now)


@endpoint("GET", "/bookings", query=PageQuery, reply=Page[BookingDetail])
async def list_bookings(query: PageQuery, caller: Caller, now: Moment) -> Page[BookingDetail]:
    """Return the bookings that the caller made on a phone or is part of, newest first."""
    window = Window(cursor.after(query.after), query.limit)
    found = await queries.list_of_person(caller.person_id, window, now=now)
    following = cursor.following(found, query.limit, newest_first)
    return Page[BookingDetail](items=[booking_detail(one, caller.person_id, now) for one in found], next=following)


@endpoint("GET", "/bookings/<booking_id:int>", reply=BookingDetail)
async def get_booking(booking_id: int, caller: Caller, now: Moment) -> BookingDetail:
    """Return a booking of the caller or their household."""
    return booking_detail(await queries.get_for_person(booking_id, caller.person_id, now=now), caller.person_id, now)


@endpoint(
    "POST",
    "/bookings/<booking_id:int>/cancellation",
    body=BookingCancellation,
    reply=BookingDetail,
    subject=subjects.BOOKING,
    refuses=(BookingEnded, DeadlinePassed, AlreadyCheckedIn, AccountHolderRequired),
)
async def cancel_booking(booking_id: int, body: BookingCancellation, caller: Caller, now: Moment) -> BookingDetail:
    """Cancel a booking, or take some people out of it; its seats go to the first in the waiting list."""
    cancelled = await cancellation.cancel(booking_id, attendee_ids=body.attendee_ids, by=caller.person_id, now=now)
    return booking_detail(
        await queries.view_cancelled(cancelled, now=now, reader=caller.person_id), caller.person_id, now
    )
