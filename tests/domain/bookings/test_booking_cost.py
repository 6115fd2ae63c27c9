"""The cost of a booking while others wait for the lock: a long waiting list needs no more statements."""

import pytest

from server.database import db
from server.domain import reference
from server.domain.bookings import access, booking, queries, volunteer_posts
from server.domain.bookings.party import PartyRequest
from server.errors import AlreadyBooked, AreaNotEligible, PostFull, VolunteerRequired
from server.models import ActivityArea, BookingStatus
from tests.conftest import NOW
from tests.factories import volunteers
from tests.factories.activities import activity, post
from tests.factories.bookings import book_party, resident
from tests.factories.waiting_list import add_waiting, record_statements

S = BookingStatus
# Counts and number, the booking, its attendees; on the waiting list also the place and whether there are no-shows.
BEHIND_THE_LOCK = {S.BOOKED: 3, S.WAITING: 4}


@db.transaction
async def answered(one, person, monkeypatch):
    """Return the statements of one booking through its handler."""
    sent = record_statements(type(db.connection()), monkeypatch)
    made = await booking.book(one.id, PartyRequest(), by=person.id, now=NOW)
    await queries.view_new(made)
    return made, sent


def behind_the_lock(sent):
    """Return the statements after the lock. SQLite has no FOR UPDATE, and only MariaDB lets some travel together."""
    each = [statement.strip() for one in sent for statement in one.split(";")]
    [lock] = [place for place, one in enumerate(each) if one.startswith("SELECT") and "seats_taken" in one]
    return each[lock + 1 :]


@pytest.mark.parametrize("waiting", [0, 2, 40])
async def test_booking_behind_the_lock_sends_few_statements_with_any_waiting_list(city, waiting, monkeypatch):
    one = await activity(city, seats=1)
    if waiting:
        await book_party(one, await resident(city))
    for _ in range(waiting):
        await add_waiting(one)
    await reference.snapshot()

    made, sent = await answered(one, city.grandma, monkeypatch)

    assert made.status == (S.WAITING if waiting else S.BOOKED)
    assert len(behind_the_lock(sent)) <= BEHIND_THE_LOCK[made.status], sent


async def test_refused_booking_takes_no_lock(city, monkeypatch):
    one = await activity(city, seats=1)
    await book_party(one, city.grandma)
    await ActivityArea.create(activity=one, area=city.areas["团结村"])
    stranger, place = await resident(city, home="码头社区"), await post(one, places=0)
    li = await volunteers.volunteer("小李", city.stations["邻玉社工站"], NOW)
    held = holding(monkeypatch)

    for refused, refusal in (
        (book_party(one, city.grandma), AlreadyBooked),
        (book_party(one, stranger), AreaNotEligible),
        (volunteer_posts.take(one.id, place.id, by=stranger.id, now=NOW), VolunteerRequired),
        (volunteer_posts.take(one.id, place.id, by=li.person_id, now=NOW), PostFull),
    ):
        with pytest.raises(refusal):
            await refused

    assert held == []


def holding(monkeypatch):
    """Collect the activities that are locked from now on."""
    held, hold = [], access.lock_again

    async def noted(unlocked):
        held.append(unlocked.id)
        return await hold(unlocked)

    monkeypatch.setattr(access, "lock_again", noted)
    return held
