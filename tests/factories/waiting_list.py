"""A full activity with a waiting list, for tests."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.database import db
from server.domain.activities import access as activities
from server.domain.bookings import access, transitions, waiting_list
from server.models import Activity, Booking, BookingStatus, Person, Policy, SeatOffer
from tests import factories
from tests.conftest import NOW
from tests.factories import City
from tests.factories.activities import activity, row

S = BookingStatus


async def full_activity(city: City, seats: int = 1, **more: Any) -> tuple[Activity, Booking]:
    """Return an activity and the one booking that has all its seats."""
    one = await activity(city, seats=seats, **more)
    return one, await row(one, await create_person(), size=seats)


async def create_person(name: str = "居民", **more: Any) -> Person:
    return await factories.person(name, NOW, **more)


async def add_waiting(one: Activity, size: int = 1, **more: Any) -> Booking:
    """Add a new person's party at the end of the waiting list."""
    return await row(one, await create_person(), S.WAITING, size=size, **more)


@db.transaction
async def cancel_and_serve(booking: Booking, now: datetime = NOW) -> None:
    """Cancel a booking, and offer its seats."""
    held = await access.lock_booking(booking.id, booking.activity_id)
    await transitions.end(held, S.CANCELLED, now=now)
    await waiting_list.offer_free_seats(held.activity, now=now)


@db.transaction
async def serve(one: Activity, now: datetime = NOW) -> None:
    await waiting_list.offer_free_seats(await activities.lock_activity(one.id), now=now)


async def add_seats(one: Activity, more: int, now: datetime = NOW) -> None:
    await Activity.filter(id=one.id).update(seats=(await Activity.get(id=one.id)).seats + more)
    await serve(one, now)


async def offer_of(booking: Booking) -> SeatOffer:
    return await SeatOffer.get(booking_id=booking.id, open=1)


async def activity_with_offer(city: City, now: datetime = NOW, **more: Any) -> tuple[Activity, Booking, SeatOffer]:
    """Return an activity of one seat, and the booking and offer of the freed seat."""
    one, seated = await full_activity(city, **more)
    first = await add_waiting(one)
    await cancel_and_serve(seated, now)
    return one, first, await offer_of(first)


async def states(*bookings: Booking) -> list[str]:
    return [(await Booking.get(id=one.id)).status.value for one in bookings]


async def counts(one: Activity) -> tuple[int, int, int]:
    """Return the seats taken and held, and the number of waiting bookings."""
    now = await Activity.get(id=one.id)
    return now.seats_taken, now.seats_held, now.waiting


def record_statements(client: type, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the statements that this kind of connection sends from now on."""
    found: list[str] = []
    # Some methods call others: count a statement once.
    asking: list[str] = []

    def listen(name: str) -> None:
        ask = getattr(client, name)

        async def asked(self: Any, query: str, *values: Any, **more: Any) -> Any:
            found.extend([] if asking else [query])
            asking.append(name)
            try:
                return await ask(self, query, *values, **more)
            finally:
                asking.pop()

        monkeypatch.setattr(client, name, asked)

    for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_many"):
        listen(name)
    return found


async def policy(name: str, value: int, scope: str = "city") -> None:
    await Policy.create(name=name, value=value, scope=scope, source="测试")


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of March 2026 in Shanghai; today is the 10th."""
    midnight = NOW - timedelta(hours=10)
    return midnight + timedelta(days=day - 10, hours=hour, minutes=minute)
