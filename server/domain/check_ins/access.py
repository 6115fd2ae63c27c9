"""Row locks of check-ins: a shared lock on the activity, exclusive locks on the attendees.

No seat changes, so check-ins do not wait for each other. A change that ends a booking or the activity waits for them.
"""

from collections.abc import Collection, Sequence
from typing import Any

from server.database import db, rows
from server.domain.bookings.access import ACTIVITY
from server.errors import NotFound
from server.models import Activity, Attendee, Booking, Person, Post

_PUBLISHED = f"{ACTIVITY} AND status <> 'draft'"
_ATTENDEES = """
SELECT a.*, b.id `booking.id`, b.status `booking.status`, b.number `booking.number`, b.seated_at `booking.seated_at`,
 b.post_id `booking.post_id`, post.id `post.id`, post.title `post.title`, person.id `person.id`,
 person.name `person.name`
FROM attendee a JOIN booking b ON b.id = a.booking_id
LEFT JOIN post ON post.id = b.post_id LEFT JOIN person ON person.id = a.person_id
WHERE {condition} ORDER BY a.id
"""


async def lock_shared(activity_id: int) -> Activity:
    """Return the activity under a shared lock: nobody changes it or its bookings meanwhile; NotFound for a draft."""
    db.require_transaction()
    # SQLite has one writer at a time.
    return await _activity(_PUBLISHED if db.dialect() == "sqlite" else f"{_PUBLISHED} LOCK IN SHARE MODE", activity_id)


async def get_published(activity_id: int) -> Activity:
    """Return the activity in any state after draft; raises NotFound for a draft."""
    return await _activity(_PUBLISHED, activity_id)


async def _activity(statement: str, activity_id: int) -> Activity:
    _, read = await db.execute(statement, [activity_id])
    if not read:
        raise NotFound
    return rows.of(Activity, read[0])


async def lock_attendees(attendee_ids: Collection[int]) -> list[Attendee]:
    """Return these attendees, locked in the order of their ids, with booking, post and person."""
    ids = sorted(set(attendee_ids)) or [0]
    those = f"IN ({db.placeholders(ids)})"
    # Read by another statement: a join would lock the bookings too.
    lock = f"SELECT id FROM attendee WHERE id {those} ORDER BY id{db.for_update()}"  # noqa: S608
    read = _ATTENDEES.format(condition=f"a.id {those}")
    return [_attendee(row) for row in await db.execute_together([db.statement(one, *ids) for one in (lock, read)])]


async def read_attendees(condition: str, values: Sequence[Any]) -> list[Attendee]:
    """Return the attendees `a` of bookings `b` that meet the condition, with booking, post and person."""
    _, read = await db.execute(_ATTENDEES.format(condition=condition), values)
    return [_attendee(row) for row in read]


def _attendee(row: dict[str, Any]) -> Attendee:
    attendee, booking = rows.of(Attendee, row), rows.of(Booking, row, "booking.")
    booking.post = rows.of(Post, row, "post.") if booking.post_id is not None else None
    attendee.person = rows.of(Person, row, "person.") if attendee.person_id is not None else None
    attendee.booking = booking
    return attendee
