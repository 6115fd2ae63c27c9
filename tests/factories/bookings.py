"""People who book, and invariants that hold in any order."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from server.domain.bookings import booking
from server.domain.bookings.party import Companion, PartyRequest
from server.models import Activity, Attendee, Booking, BookingStatus, Household, HouseholdMember, NoShow, Person, Post
from tests import factories
from tests.conftest import NOW
from tests.factories import City, activities

S = BookingStatus
CHILD = Companion("李小明", 2018)


async def resident(city: City, name: str = "居民", home: str | None = "团结村", **more: Any) -> Person:
    return await factories.person(name, NOW, city.areas[home] if home else None, **({"birth_year": 1960} | more))


async def create_residents(city: City, count: int) -> list[Person]:
    return [await resident(city, f"居民{number}") for number in range(count)]


async def family(*people: Person) -> None:
    """Put these people into one household."""
    household = await Household.create(created_at=NOW)
    for one in people:
        await HouseholdMember.create(household=household, person=one, joined_at=NOW, entered_by=one)


async def give_penalty(city: City, person: Person) -> datetime:
    """Give the person three no-shows; return until when the penalty lasts."""
    ended = await activities.activity(city, seats=10)
    for days in (3, 2, 1):
        booking_ = await activities.row(ended, person, S.NO_SHOW)
        at = NOW - timedelta(days=days)
        await NoShow.create(booking=booking_, person=person, station_id=ended.station_id, at=at)
    return NOW + timedelta(days=29)


async def book_party(
    one: Activity, person: Person, *others: int | Companion | None, now: datetime = NOW, **answers: Any
):
    """Book for the person or the others; None is the person."""
    return await booking.book(one.id, PartyRequest(others or (None,), answers), by=person.id, now=now)


async def check_counts(one: Activity) -> None:
    """The counts match the bookings, everybody has at most one seat, and numbers have no gap."""
    now, bookings = await Activity.get(id=one.id), await Booking.filter(activity_id=one.id)
    seats = [each for each in bookings if each.post_id is None]
    sizes = {status: sum(each.size for each in seats if each.status == status) for status in S}
    assert (now.seats_taken, now.seats_held) == (sizes[S.BOOKED] + sizes[S.ATTENDED], sizes[S.OFFERED])
    assert now.seats_taken + now.seats_held <= now.seats
    assert now.waiting == sum(each.status == S.WAITING for each in seats)
    assert sorted(each.number for each in bookings) == list(range(1, now.last_number + 1))
    await _check_seats(one, bookings)
    for post in await Post.filter(activity_id=one.id):
        assert post.taken == sum(each.post_id == post.id and each.status == S.BOOKED for each in bookings)


async def _check_seats(one: Activity, bookings: list[Booking]) -> None:
    current = await Attendee.filter(activity_id=one.id, current=1)
    live = {each.id: each.size for each in bookings if each.status in {S.BOOKED, S.WAITING, S.OFFERED}}
    assert Counter(each.booking_id for each in current) == Counter(live)
    people = [each.person_id for each in current if each.person_id is not None]
    assert len(set(people)) == len(people)
