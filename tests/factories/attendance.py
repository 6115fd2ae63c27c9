"""Attendance of a finished activity, for tests of what follows."""

from datetime import datetime, timedelta
from typing import Any

from server.models import Activity, ActivityStatus, Area, Attendee, Booking, BookingStatus, CheckInWay, Person
from tests import factories
from tests.conftest import NOW
from tests.factories import City
from tests.factories.activities import activity, row

YESTERDAY = NOW - timedelta(days=1)


async def finished_activity(city: City, starts_at: datetime = YESTERDAY, **more: Any) -> Activity:
    """Create an activity of the town station that took two hours and is over."""
    ended = {"status": ActivityStatus.FINISHED, "ended_at": starts_at + timedelta(hours=2)}
    usual = {"seats": 200, "booking_opens_at": starts_at - timedelta(days=9)}
    return await activity(city, starts_at=starts_at, **(usual | ended | more))


async def resident(name: str = "居民", home: Area | None = None, **more: Any) -> Person:
    return await factories.person(name, NOW, home, **more)


async def add_attendee(one: Activity, person: Person | None = None, **more: Any) -> Attendee:
    """Create the person's attendance, by the code on their own phone by default."""
    person = person or await resident()
    own = ("post", "size", "status", "seated_at")
    booking = await row(one, person, **({"status": BookingStatus.ATTENDED} | _taken(more, own)))
    usual = {
        "checked_in_at": one.starts_at,
        "checked_in_by_id": person.id,
        "check_in_way": CheckInWay.OWN_PHONE,
    }
    await Attendee.filter(booking=booking).update(**(usual | more))
    return await Attendee.get(booking=booking)


async def add_absentee(one: Activity, person: Person | None = None, **more: Any) -> Booking:
    return await row(one, person or await resident(), BookingStatus.NO_SHOW, **more)


def _taken(more: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: more.pop(name) for name in names if name in more}
