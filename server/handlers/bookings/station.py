"""Bookings of a station: list, book at the counter, cancel, read contacts."""

from typing import Any

from miniprogram_contract.base import AccessReason, Page
from miniprogram_contract.bookings_staff import (
    BookingContact,
    BookingSort,
    NewCounterBooking,
    StaffBookingCancellation,
    StaffBookingDetail,
    StaffBookingFilter,
)
from miniprogram_contract.bookings_staff import NewPerson as NewcomerBody
from server.adapters.clock import Moment
from server.domain.bookings import cancellation, counter_booking, queries
from server.domain.bookings.counter_booking import Newcomer
from server.domain.bookings.party import PartyRequest
from server.domain.bookings.queries import BookingFilter
from server.domain.pagination import Window
from server.errors import AlreadyCheckedIn, BookingEnded, CommunityRequired, DeadlinePassed, OwnBooking
from server.handlers import birth_years as birth_years_module
from server.handlers import subjects
from server.handlers.bookings.resident import BOOKING_REFUSALS
from server.handlers.bookings.serializers import (
    attendee_request,
    birth_years,
    booking_contact,
    by_number,
    staff_booking,
)
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.models import BookingStatus, Channel

OF_ACTIVITY = "/station/activities/<activity_id:int>/bookings"
PATH = "/station/bookings/<booking_id:int>"


@endpoint("GET", OF_ACTIVITY, query=StaffBookingFilter, reply=Page[StaffBookingDetail], roles=Roles.STAFF)
async def list_station_bookings(
    activity_id: int, query: StaffBookingFilter, caller: Caller, now: Moment
) -> Page[StaffBookingDetail]:
    """Return the bookings of an activity by number, or the waiting ones in their order."""
    filter_ = BookingFilter(
        statuses=[BookingStatus(one) for one in query.status],
        in_line=query.sort == BookingSort.WAITING_LIST,
        window=Window(cursor.after(query.after), query.limit),
    )
    found, near = await queries.list_of_activity(activity_id, filter_, by=caller.scope, now=now)
    following = cursor.following(found, query.limit, by_number)
    items = [staff_booking(one, caller.scope, now, near=near) for one in found]
    return Page[StaffBookingDetail](items=items, next=following)


@endpoint(
    "POST",
    OF_ACTIVITY,
    body=NewCounterBooking,
    reply=StaffBookingDetail,
    subject=subjects.STATION_BOOKING,
    status=201,
    roles=Roles.STAFF,
    refuses=(*BOOKING_REFUSALS, CommunityRequired, OwnBooking),
)
async def create_station_booking(
    activity_id: int, body: NewCounterBooking, caller: Caller, now: Moment
) -> StaffBookingDetail:
    """Book for a person at the counter or on the telephone and their party, until the activity ends."""
    birth_years_module.require_past_years(birth_years(body) | _born(body.newcomer), now)
    made = await counter_booking.book(
        activity_id,
        PartyRequest([attendee_request(one) for one in body.attendees], body.answers),
        person=_person(body),
        channel=Channel(body.channel),
        by=caller.scope,
        now=now,
    )
    return staff_booking(await queries.view_new(made), caller.scope, now)


def _born(newcomer: NewcomerBody | None) -> dict[str, int | None]:
    return {} if newcomer is None else {"newcomer.birth_year": newcomer.birth_year}


def _person(body: NewCounterBooking) -> int | Newcomer:
    if body.newcomer is None:
        assert body.person_id is not None
        return body.person_id
    fields: dict[str, Any] = body.newcomer.model_dump()
    return Newcomer(**fields)


@endpoint(
    "POST",
    PATH + "/cancellation",
    body=StaffBookingCancellation,
    reply=StaffBookingDetail,
    subject=subjects.STATION_BOOKING,
    roles=Roles.STAFF,
    refuses=(BookingEnded, DeadlinePassed, AlreadyCheckedIn, OwnBooking),
)
async def cancel_station_booking(
    booking_id: int, body: StaffBookingCancellation, caller: Caller, now: Moment
) -> StaffBookingDetail:
    """Cancel a booking with a reason that its people read; its seats go to the first in the waiting list."""
    await cancellation.cancel_by_staff(booking_id, body.reason, by=caller.scope, now=now)
    cancelled = await queries.get_for_staff(booking_id, by=caller.scope, now=now)
    return staff_booking(cancelled, caller.scope, now)


@endpoint(
    "POST",
    PATH + "/contact",
    body=AccessReason,
    reply=BookingContact,
    roles=Roles.STAFF,
    idempotent=False,  # a stored answer could be read again after the right to it ended
)
async def reveal_booking_contact(booking_id: int, body: AccessReason, caller: Caller, now: Moment) -> BookingContact:
    """Return names, phones and answers of a booking of the caller's station; its people see each reading."""
    return booking_contact(await queries.read_contact(booking_id, reason=body.reason, by=caller.scope, now=now))
