"""Activities at any time, for tests of lists."""

from datetime import timedelta

from tests.conftest import NOW
from tests.factories import activities as make

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def at(city, starts_at, *, lasts=2 * HOUR, **more):
    """Create an activity at that time, with booking times that fit."""
    times = {"ends_at": starts_at + lasts, "booking_closes_at": starts_at, "cancellation_until": starts_at}
    times["booking_opens_at"] = min(NOW, starts_at) - DAY
    return await make.activity(city, starts_at=starts_at, **times | more)
