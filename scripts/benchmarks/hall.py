"""A hall of 50 seats, thousands who want one, and what each of them would send to the database."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from scripts.benchmarks import serving
from scripts.benchmarks.phones import request
from scripts.benchmarks.replay import Sent, listening, recorded
from scripts.benchmarks.serving import signed_in
from server.adapters.clock import SystemClock
from server.app import create_app
from server.database import db, schema
from server.domain import categories
from server.models import (
    Activity,
    ActivityStatus,
    Area,
    AreaLevel,
    Category,
    Policy,
    Station,
    StationLevel,
    StationStatus,
)
from server.settings import Settings

SEATS = 50
API = "/api/v1"


@dataclass(frozen=True)
class Hall:
    """An activity whose booking is open, and the tokens of those who want to come."""

    activity_id: int
    tokens: Sequence[str]

    def booking(self, number: int, key: str = "", **body: Any) -> bytes:
        """The request of one of them for a seat."""
        path = f"{API}/activities/{self.activity_id}/bookings"
        return request(path, self.tokens[number], key or f"booking-{number:06}-of-the-crowd", body)


async def opened(url: str, people: int) -> Hall:
    """Fill a database with the hall and its people."""
    now = SystemClock().now()
    await schema.migrate(url)
    async with db.connected(url, pool=2):
        await categories.seed(now)
        # No night, or nothing would be offered to the line when this is run in one.
        for name, minute in {"quiet_hours_begin": 1439, "quiet_hours_end": 0}.items():
            await Policy.create(name=name, scope="city", value=minute, source="measurement")
        city = await Area.create(name="泸州市", level=AreaLevel.CITY, ancestry="/", valid_from=date(2021, 1, 1))
        station = await Station.create(
            name="邻玉社工站",
            level=StationLevel.TOWN_STATION,
            area=city,
            status=StationStatus.OPEN,
            phone="0830-2000000",
        )
        found = await signed_in([f"居民{number}" for number in range(people)], now)
        activity = await _open_activity(station, city, by=found[0][0].id, now=now)
        return Hall(activity.id, [token for _, token in found])


async def _open_activity(station: Station, city: Area, *, by: int, now: datetime) -> Activity:
    starts = now + timedelta(days=3)
    return await Activity.create(
        status=ActivityStatus.PUBLISHED,
        listed=1,
        station=station,
        category=await Category.get(code="culture"),
        area=city,
        title="免费体检",
        text="请空腹前来。",
        place="邻玉街道社工站一楼",
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        booking_opens_at=now - timedelta(minutes=1),
        booking_closes_at=starts,
        cancellation_until=starts - timedelta(hours=24),
        seats=SEATS,
        check_in_secret=secrets.token_hex(32),
        created_by_id=by,
        created_at=now,
        published_by_id=by,
        published_at=now,
    )


async def what_is_sent(settings: Settings, hall: Hall) -> list[list[Sent]]:
    """Record the statements of each booking, one by one, in this process."""
    app = create_app(settings, SystemClock())
    app.config.TOUCHUP = False
    async with (
        serving.started(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://ours{API}") as client,
    ):

        async def book(number: int) -> None:
            headers = {
                "Authorization": f"Bearer {hall.tokens[number]}",
                "Idempotency-Key": f"booking-{number:06}-of-the-crowd",
            }
            answer = await client.post(f"/activities/{hall.activity_id}/bookings", json={}, headers=headers)
            assert answer.is_success, answer.text

        with listening():
            return [await recorded(partial(book, number)) for number in range(len(hall.tokens))]
