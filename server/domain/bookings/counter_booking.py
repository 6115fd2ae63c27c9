"""Booking at the counter or by telephone 代报名, for residents who do not use the mini-program."""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import areas, audit, people
from server.domain.bookings import access, booking, eligibility, party
from server.domain.bookings.booking import BookingRequest
from server.domain.bookings.party import PartyRequest
from server.domain.staff import Staff
from server.errors import AlreadyBooked, NotAllowed, NotFound
from server.models import Activity, Attendee, Booking, Channel, Person
from server.models.fields import new_id


@dataclass(frozen=True)
class Newcomer:
    """A person who is new to the station; `area_id` is the community they live in."""

    name: str
    phone: str
    area_id: int
    birth_year: int | None = None


@db.transaction
async def book(
    activity_id: int, request: PartyRequest, *, person: int | Newcomer, channel: Channel, by: Staff, now: datetime
) -> Booking:
    """Book seats for the person's party at an activity of the worker's station, until it ends.

    Raises the refusals of `booking.book`, and NotAllowed, NotFound for a person whom the station has never served,
    OwnBooking if the worker or a relative is in the party. AlreadyBooked also if somebody with the newcomer's name and
    phone is booked.
    """
    await _require_own_station(activity_id, by)
    activity = await eligibility.get_published(activity_id)
    eligibility.require_booking_open(activity, channel, now)
    if isinstance(person, Newcomer):
        await _require_not_booked(person, request, activity_id)
        person_id = await _create_person(person, by, now)
    else:
        person_id = await _require_known_person(person, by, now)
    seats = await party.build(activity_id, request, person_id)
    await access.require_unrelated({one.id for one in seats.people}, by, now)
    booking_request = BookingRequest(seats, request.answers, by.person_id, channel)
    made = await booking.reserve(activity, booking_request, now=now)
    await audit.note("booking.entered", f"booking:{made.id}", by=by.person_id, now=now, channel=channel)
    return made


async def _require_own_station(activity_id: int, by: Staff) -> None:
    if not await Activity.filter(id=activity_id, station_id__in=sorted(by.station_ids) or [0]).exists():
        known = await Activity.filter(by.of_stations(), id=activity_id).exists()
        raise NotAllowed if known else NotFound


async def _require_not_booked(newcomer: Newcomer, request: PartyRequest, activity_id: int) -> None:
    """Lock the activity first, because two colleagues may book the same new person at the same time."""
    await access.lock_activity(activity_id)
    there = Attendee.filter(activity_id=activity_id, current=1)
    if await there.filter(person__name=newcomer.name, person__phone=newcomer.phone).exists():
        raise AlreadyBooked(attendees=[place for place, one in enumerate(request.attendees) if one is None])


async def _create_person(newcomer: Newcomer, by: Staff, now: datetime) -> int:
    """Create a person even if the name and phone are known: two people may share both."""
    home = await areas.current_community(newcomer.area_id)
    person_id = new_id()
    await Person.create(
        id=person_id,
        name=newcomer.name,
        phone=newcomer.phone,
        birth_year=newcomer.birth_year,
        home=home,
        created_at=now,
        created_by_id=by.person_id,
    )
    return person_id


async def _require_known_person(person_id: int, by: Staff, now: datetime) -> int:
    """Refuse a person whom none of the worker's stations has served, and people related to the worker."""
    came = Attendee.filter(person_id=person_id, activity__station_id__in=sorted(by.station_ids))
    if not await people.is_known_to_station(person_id, by, now=now) and not await came.exists():
        raise NotFound(kind="person", ids=[person_id])
    # Check this before any answer shows whom the person lives with.
    await access.require_unrelated([person_id], by, now)
    return person_id
