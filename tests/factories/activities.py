"""Factories of activities and bookings in the small city."""

from datetime import datetime, timedelta
from typing import Any

from server.models import Activity, ActivityStatus, Attendee, Booking, BookingStatus, Category, Channel, Person, Post
from tests.conftest import NOW
from tests.factories import City

STARTS = NOW + timedelta(days=3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def activity(city: City, *, seats: int = 3, station: str = "邻玉社工站", **more: Any) -> Activity:
    """Create a published activity of the town station in three days, with booking open to everybody."""
    at = city.stations[station]
    starts = more.pop("starts_at", STARTS)
    worker = city.staff["林社工"].person_id
    usual = {
        "status": ActivityStatus.PUBLISHED,
        "listed": 1,
        "station": at,
        "category": await Category.get(code="culture"),
        "area_id": at.area_id,
        "town_id": at.area_id,
        "county_id": at.county_id,
        "title": "免费体检",
        "text": "请空腹前来。",
        "place": "邻玉街道社工站一楼",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=2),
        "booking_opens_at": NOW - timedelta(days=1),
        "booking_closes_at": starts - timedelta(hours=1),
        "cancellation_until": starts - timedelta(hours=24),
        "seats": seats,
        "max_party_size": 4,
        "check_in_secret": "5f" * 32,
        "created_by_id": worker,
        "created_at": NOW - timedelta(days=2),
        "published_by_id": worker,
        "published_at": NOW - timedelta(days=1),
    }
    return await Activity.create(**(usual | more))


async def post(activity: Activity, places: int = 1, title: str = "签到") -> Post:
    return await Post.create(activity=activity, title=title, places=places)


async def fresh(activity: Activity) -> Activity:
    """Return the activity as it is now."""
    return await Activity.get(id=activity.id)


async def row(activity: Activity, person: Person, status: BookingStatus = BookingStatus.BOOKED, **more: Any) -> Booking:
    """Create a booking of one seat with its counts, as the verbs write it."""
    one = await fresh(activity)
    current = 1 if status in {"booked", "waiting", "offered", "attended"} else None
    usual = {
        "number": one.last_number + 1,
        "size": 1,
        "channel": Channel.PHONE_APP,
        "booked_at": NOW,
        "booked_by": person,
    }
    booking = await Booking.create(activity=one, person=person, status=status, **(usual | more))
    await Attendee.create(activity=one, booking=booking, person=person, current=current)
    taken = booking.size if status in {"booked", "attended"} and booking.post_id is None else 0
    counts = {
        "last_number": booking.number,
        "seats_taken": one.seats_taken + taken,
        "seats_held": one.seats_held + booking.size * (status == "offered"),
        "waiting": one.waiting + (status == "waiting"),
    }
    await Activity.filter(id=one.id).update(**counts)
    return booking


async def at(city: City, starts_at: datetime, *, lasts: timedelta = 2 * HOUR, **more: Any) -> Activity:
    """Create an activity at that time, with booking times that fit."""
    times = {"ends_at": starts_at + lasts, "booking_closes_at": starts_at, "cancellation_until": starts_at}
    times["booking_opens_at"] = min(NOW, starts_at) - DAY
    return await activity(city, starts_at=starts_at, **times | more)
