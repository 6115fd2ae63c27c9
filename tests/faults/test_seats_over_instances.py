"""Races for seats through HTTP over two instances on one MariaDB: no seat is sold twice, and no booking is lost."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.database import db
from server.domain import households, invariants
from server.domain.bookings import offers, tickets, waiting_list
from server.domain.working_time import SHANGHAI
from server.models import Activity, Attendee, Booking, BookingStatus, Policy, SeatOffer
from tests import factories
from tests.factories import activities
from tests.faults.instances import at_once, durable_database, environ_of, instances, without_deadlocks
from tests.scale import scaled
from tests.services import chosen_database
from tests.sides import crowd, sign_in

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="several instances share a MariaDB")
S = BookingStatus
PEOPLE = 60


@dataclass
class Hall:
    """People who are signed in, and the instances to ask."""

    url: str
    city: factories.City
    tokens: list[str]
    people: list[int]
    workers: list[str]
    urls: list[str]

    async def at_once(self, *asked: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        return await at_once(self.urls, *asked)

    async def activity(self, seats: int, *, starts_in: timedelta = timedelta(days=3), **more: Any) -> Activity:
        now = datetime.now(UTC)
        times = {"starts_at": now + starts_in, "booking_closes_at": now + starts_in, "cancellation_until": now}
        times |= {"booking_opens_at": now - timedelta(days=1), "published_at": now - timedelta(days=1)}
        return await activities.activity(self.city, seats=seats, **(times | more))

    def asks(self, activity: Activity, who: int, *companions: str) -> tuple[str, str, dict[str, Any]]:
        party = [{"me": True}, *({"name": name, "birth_year": 2015} for name in companions)]
        return self.tokens[who], f"/activities/{activity.id}/bookings", {"attendees": party}

    async def fill(self, activity: Activity, count: int) -> list[Booking]:
        """Book alone for so many people, one after the other."""
        for who in range(count):
            [answer] = await self.at_once(self.asks(activity, who))
            assert answer.is_success, answer.text
        return await Booking.filter(activity_id=activity.id).order_by("number")


async def _settle(url: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    async with db.connected(url, pool=4):
        city = await factories.city(now)
        people = await crowd(city, "resident", PEOPLE, now)
        await households.create(by=people[0].id, now=now)
        code, _ = await households.invite(by=people[0].id, now=now)
        await households.join(code, by=people[1].id, now=now)
        # Offers are made by day alone: here it is day for all but one minute.
        for name, minute in (("quiet_hours_begin", 1439), ("quiet_hours_end", 0)):
            await Policy.create(name=name, scope="city", value=minute, source="测试")
        return {
            "url": url,
            "city": city,
            "tokens": [await sign_in(one.id, now) for one in people],
            "people": [one.id for one in people],
            "workers": [await sign_in(city.staff[name].person_id, now) for name in ("陈社工", "林社工")],
        }


def _wait_for_the_day() -> None:
    """Wait until after midnight if only minutes are left before it."""
    local = datetime.now(SHANGHAI)
    if (local.hour, local.minute) >= (23, 57):
        time.sleep((60 - local.minute) * 60 - local.second + 1)


@contextmanager
def _hall(folder: Path, valkey_url: str, fake: Any) -> Iterator[Hall]:
    _wait_for_the_day()
    with durable_database(folder / "mariadb") as database:
        settled = asyncio.run(_settle(database.url))
        with instances(2, environ_of(database, valkey_url, fake), folder) as servers, without_deadlocks(database):
            yield Hall(**settled, urls=[one.url for one in servers])


def test_seats_are_sold_once_and_no_booking_is_lost(tmp_path: Path, valkey_url: str, fake_wechat_process: Any):
    with _hall(tmp_path, valkey_url, fake_wechat_process) as hall:
        asyncio.run(_verify_all_races(hall))


async def _verify_all_races(hall: Hall) -> None:
    for race in (
        _the_last_seats,
        _parties_at_the_boundary,
        _one_person_from_three_sides,
        _cancel_against_promote,
        _expiry_against_acceptance,
        _two_gates,
        _worker_and_staff_promote,
        _seats_raised_and_lowered,
        _cancelled_while_booking,
    ):
        async with _judged(hall, race.__name__):
            await race(hall)


@asynccontextmanager
async def _judged(hall: Hall, race: str) -> AsyncIterator[None]:
    async with db.connected(hall.url, pool=8):
        yield
        report = await invariants.check()
        assert report.holds, f"{race}: {report}"


async def _the_last_seats(hall: Hall) -> None:
    """Sixty people want five seats: five get one, the others wait under numbers without a gap."""
    activity = await hall.activity(5)
    answers = await hall.at_once(*(hall.asks(activity, who) for who in range(PEOPLE)))
    assert all(one.status_code == 201 for one in answers), Counter(one.text for one in answers)
    assert Counter(one.json()["status"] for one in answers) == {"booked": 5, "waiting": PEOPLE - 5}
    rows = await Booking.filter(activity_id=activity.id).order_by("number")
    assert [one.number for one in rows] == list(range(1, PEOPLE + 1))
    assert [one.status for one in rows[:5]] == [S.BOOKED] * 5


async def _parties_at_the_boundary(hall: Hall) -> None:
    """Parties of one, two and three want ten seats: each gets all of its seats or none."""
    activity = await hall.activity(10)
    parties = [hall.asks(activity, who, *["小宝", "小妹"][: who % 3]) for who in range(30)]
    answers = await hall.at_once(*parties)
    assert all(one.status_code == 201 for one in answers)
    booked = [one.json()["seats"] for one in answers if one.json()["status"] == "booked"]
    free = 10 - sum(booked)
    assert free >= 0
    waiting = [one.json()["seats"] for one in answers if one.json()["status"] == "waiting"]
    assert all(size > free for size in waiting), "who fits was left in line"


async def _one_person_from_three_sides(hall: Hall) -> None:
    """Book one person by their own phone, by a relative and at the counter: one booking."""
    activity = await hall.activity(5)
    path = f"/activities/{activity.id}/bookings"
    relative = {"attendees": [{"person_id": hall.people[0]}]}
    answers = await hall.at_once(
        *[hall.asks(activity, 0), (hall.tokens[1], path, relative)] * 8,
    )
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 15}
    assert await Attendee.filter(activity_id=activity.id, person_id=hall.people[0], current=1).count() == 1


async def _cancel_against_promote(hall: Hall) -> None:
    """Cancel bookings while staff promote waiting ones: never more seats than there are."""
    activity = await hall.activity(4)
    rows = await hall.fill(activity, 12)
    cancelling = [(hall.tokens[who], f"/bookings/{rows[who].id}/cancellation", {}) for who in range(4)]
    promoting = [
        (hall.workers[who % 2], f"/station/bookings/{rows[who].id}/promotion", {}) for who in (4, 4, 5, 6, 7, 8, 11, 11)
    ]
    answers = await hall.at_once(*(one for pair in zip(cancelling * 2, promoting, strict=True) for one in pair))
    assert all(one.status_code < 500 for one in answers), [one.text for one in answers]
    after = await activities.fresh(activity)
    assert after.seats_taken + after.seats_held == 4


async def _expiry_against_acceptance(hall: Hall) -> None:
    """An offer is accepted again and again while it expires and the runner looks: exactly one wins."""
    for _ in range(scaled(2, full=4)):
        activity = await hall.activity(1)
        rows = await hall.fill(activity, 3)
        [left] = await hall.at_once((hall.tokens[0], f"/bookings/{rows[0].id}/cancellation", {}))
        assert left.is_success
        offer = await SeatOffer.get(booking_id=rows[1].id)
        ends = datetime.now(UTC) + timedelta(milliseconds=150)
        await SeatOffer.filter(id=offer.id).update(expires_at=ends)
        accepting = [(hall.tokens[1], f"/seat-offers/{offer.id}/acceptance", {})] * 4

        async def look(offer_id: int = offer.id, until: datetime = ends) -> None:
            while datetime.now(UTC) < until + timedelta(milliseconds=200):
                await offers.expire(offer_id, now=datetime.now(UTC))

        _, accepted = await asyncio.gather(look(), hall.at_once(*accepting))
        # However slow the machine, the worker looks once more after its time.
        await offers.expire(offer.id, now=ends + timedelta(seconds=1))
        won = sum(one.is_success for one in accepted)
        first, second = await Booking.get(id=rows[1].id), await Booking.get(id=rows[2].id)
        assert won <= 1
        assert (first.status, second.status) == ((S.BOOKED, S.WAITING) if won else (S.LAPSED, S.OFFERED))


async def _two_gates(hall: Hall) -> None:
    """Two gates scan one ticket again and again: one row, one time."""
    activity = await hall.activity(1, starts_in=timedelta(minutes=10))
    await hall.fill(activity, 1)
    attendee = await Attendee.get(activity_id=activity.id)
    shown = {"ticket": tickets.code(activity, attendee.id)}
    path = f"/station/activities/{activity.id}/check-ins"
    answers = await hall.at_once(*((worker, path, shown) for worker in hall.workers * 10))
    assert all(one.is_success for one in answers), [one.text for one in answers]
    assert len({one.json()["people"][0]["checked_in_at"] for one in answers}) == 1


async def _worker_and_staff_promote(hall: Hall) -> None:
    """Near the start the runner and staff promote at once: three seats, three people."""
    activity = await hall.activity(5, starts_in=timedelta(minutes=20))
    rows = await hall.fill(activity, 12)
    await Booking.filter(id__in=[one.id for one in rows[:3]]).update(status=S.CANCELLED)
    await Attendee.filter(booking_id__in=[one.id for one in rows[:3]]).update(current=None)
    await Activity.filter(id=activity.id).update(seats_taken=2)
    promoting = [(hall.workers[who % 2], f"/station/bookings/{rows[who].id}/promotion", {}) for who in range(5, 12)]
    serving = [waiting_list.serve_by_id(activity.id, now=datetime.now(UTC)) for _ in range(3)]
    answers, *_ = await asyncio.gather(hall.at_once(*promoting), *serving)
    assert all(one.status_code < 500 for one in answers), [one.text for one in answers]
    assert (await activities.fresh(activity)).seats_taken == 5


async def _seats_raised_and_lowered(hall: Hall) -> None:
    """Change the number of seats up and down while forty people book."""
    activity = await hall.activity(3)
    path = f"/station/activities/{activity.id}/changes"
    changing = [(hall.workers[turn % 2], path, {"seats": seats}) for turn, seats in enumerate((8, 4, 12, 5, 9, 3))]
    asking = [hall.asks(activity, who) for who in range(40)]
    answers = await hall.at_once(*changing[:3], *asking[:20], *changing[3:], *asking[20:])
    assert all(one.status_code < 500 for one in answers), [one.text for one in answers]
    after = await activities.fresh(activity)
    assert after.seats_taken + after.seats_held == after.seats
    assert await Booking.filter(activity_id=activity.id).count() == 40


async def _cancelled_while_booking(hall: Hall) -> None:
    """Cancel the activity while people book: earlier bookings get a notice, later ones are refused."""
    activity = await hall.activity(5)
    asking = [hall.asks(activity, who) for who in range(40)]
    cancelling = (hall.workers[0], f"/station/activities/{activity.id}/cancellation", {"reason": "停电"})
    answers = await hall.at_once(*asking[:20], cancelling, *asking[20:])
    assert all(one.status_code < 500 for one in answers), [one.text for one in answers]
    after = await activities.fresh(activity)
    assert (after.status, after.seats_taken, after.seats_held, after.waiting) == ("cancelled", 0, 0, 0)
    assert not await Attendee.filter(activity_id=activity.id, current=1).exists()
