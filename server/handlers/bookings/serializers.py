"""Bookings as contract types, and request types as the domain has them."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from miniprogram_contract.activities_staff import PHASE_WORDS, ActivityPhase
from miniprogram_contract.base import Channel
from miniprogram_contract.bookings import (
    BOOKING_WORDS,
    AttendeeDetail,
    BookedActivity,
    BookingAction,
    BookingDetail,
    BookingStatus,
    NewAttendee,
    OpenSeatOffer,
    PostReference,
    SeatRequest,
)
from miniprogram_contract.bookings_staff import (
    BookingContact,
    PersonContact,
    StaffAttendeeDetail,
    StaffBookingAction,
    StaffBookingDetail,
)
from server.domain.activities.phases import phase
from server.domain.bookings import allowed_actions, cancellation, tickets
from server.domain.bookings.party import Companion
from server.domain.bookings.queries import BookingView
from server.domain.crisis_words import find_crisis_words
from server.domain.masking import mask_name
from server.domain.staff import Staff
from server.handlers.bookings.offers import activity_reference
from server.handlers.http import cursor
from server.models import Activity, Attendee, Booking, Person
from server.models import BookingStatus as S


def attendee_request(one: NewAttendee) -> int | Companion | None:
    """Return the attendee as the domain has it: None is the caller."""
    if one.name is None:
        return one.person_id
    assert one.birth_year is not None
    return Companion(one.name, one.birth_year)


def birth_years(wish: SeatRequest) -> dict[str, int | None]:
    """Return the years of birth in the request, by field."""
    return {f"attendees.{place}.birth_year": one.birth_year for place, one in enumerate(wish.attendees)}


def booking_detail(view: BookingView, person_id: int, now: datetime) -> BookingDetail:
    booking = view.booking
    return BookingDetail(
        **_booking(view),
        activity=_activity(booking.activity, now),
        is_mine=booking.person_id == person_id,
        bookings_ahead=view.ahead,
        attendees=[_attendee(one, booking) for one in view.attendees],
        answers=_answers(booking, reader=person_id),
        allowed_actions=_may(view, now),
    )


def _booking(view: BookingView) -> dict[str, Any]:
    booking, status = view.booking, BookingStatus(view.booking.status)
    return {
        "id": booking.id,
        "status": status,
        "status_words": BOOKING_WORDS[status],
        "post": PostReference(id=booking.post.id, title=booking.post.title) if booking.post is not None else None,
        "seats": booking.size,
        "offer": _offer(view),
        "booked_at": booking.booked_at,
        "seated_at": booking.seated_at,
        "ended_at": booking.ended_at,
        "cancelled_late": booking.late,
        "reason": booking.reason,
    }


def _offer(view: BookingView) -> OpenSeatOffer | None:
    if view.offer is None:
        return None
    return OpenSeatOffer(id=view.offer.id, seats=view.offer.seats, expires_at=view.offer.expires_at)


def _activity(activity: Activity, now: datetime) -> BookedActivity:
    reference, activity_phase = activity_reference(activity), ActivityPhase(phase(activity, now))
    return BookedActivity(
        **dict(reference),
        phase=activity_phase,
        phase_words=PHASE_WORDS[activity_phase],
        end_reason=activity.end_reason,
        cancellation_until=activity.cancellation_until,
    )


def _attendee(one: Attendee, booking: Booking) -> AttendeeDetail:
    seated = booking.status == S.BOOKED and one.current == 1
    return AttendeeDetail(
        id=one.id,
        person_id=one.person_id,
        name=_name(one),
        ticket=tickets.code(booking.activity, one.id) if seated else None,
        checked_in_at=one.checked_in_at,
    )


def _name(one: Attendee) -> str:
    return one.name if one.person is None else one.person.name or ""


def _answers(booking: Booking, *, reader: int | None) -> dict[str, Any]:
    """Return the answers; one with words of crisis is read by who booked alone: it is a need of its own."""
    given = json.loads(booking.answers) if booking.answers else {}
    if reader == booking.person_id:
        return dict(given)
    return {key: value for key, value in given.items() if not find_crisis_words(str(value))}


def _may(view: BookingView, now: datetime) -> list[BookingAction]:
    """Return the actions to show as buttons; each one checks again."""
    cancels = cancellation.is_cancellable(view.booking, now) and cancellation.may_leave(view.attendees)
    may = [BookingAction.CANCELLATION] if cancels else []
    return may + (
        [BookingAction.ACCEPTANCE, BookingAction.REFUSAL]
        if view.may_answer and view.offer is not None and now < view.offer.expires_at
        else []
    )


def staff_booking(view: BookingView, by: Staff, now: datetime, *, near: Collection[int] = ()) -> StaffBookingDetail:
    """Return the booking as staff read it; `near` are people near to them. A verb has refused those in its booking."""
    booking, may = view.booking, allowed_actions.of_staff(view, near, by=by, now=now)
    return StaffBookingDetail(
        **_booking(view),
        activity_id=booking.activity_id,
        number=booking.number,
        person_id=booking.person_id,
        person=mask_name(booking.person.name or ""),
        channel=Channel(booking.channel),
        waiting_position=view.ahead + 1 if view.ahead is not None else None,
        penalty_until=booking.penalty_until,
        attendees=[_masked(one) for one in view.attendees],
        allowed_actions=[StaffBookingAction(action) for action in may],
    )


def _masked(one: Attendee) -> StaffAttendeeDetail:
    return StaffAttendeeDetail(
        id=one.id,
        person_id=one.person_id,
        name=mask_name(_name(one)),
        birth_year=one.birth_year if one.person is None else one.person.birth_year,
        checked_in_at=one.checked_in_at,
        checked_out_at=one.checked_out_at,
    )


def booking_contact(view: BookingView) -> BookingContact:
    return BookingContact(
        person=_contact(view.booking.person),
        attendees=[_contact(one.person) if one.person is not None else _named(one) for one in view.attendees],
        answers=_answers(view.booking, reader=None),
    )


def _contact(person: Person) -> PersonContact:
    return PersonContact(name=person.name or "", phone=person.phone or None, birth_year=person.birth_year)


def _named(one: Attendee) -> PersonContact:
    return PersonContact(name=one.name, phone=None, birth_year=one.birth_year)


def newest_first(view: BookingView) -> cursor.Place:
    return view.booking.booked_at, view.booking.id


def by_number(view: BookingView) -> cursor.Place:
    """Return the place in a list by number or in waiting order: the end of any no-show penalty, and the number."""
    return view.booking.penalty_until or view.booking.booked_at, view.booking.number
