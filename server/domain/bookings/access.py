"""Row locks and access checks of bookings: the activity is locked first, then the booking."""

from collections.abc import Collection, Iterable
from datetime import datetime

from tortoise.expressions import Q

from server.database import db, rows
from server.domain import households
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnBooking
from server.models import Activity, Attendee, Booking, Channel, Person

# What bookings need of an activity: what stays after its publication, and what may change. Each further column costs
# everybody who waits for the lock a little.
FIXED_COLUMNS = ("id", "station_id", "booking_opens_at", "max_party_size", "check_in_secret")
CHANGING_COLUMNS = (
    "status", "title", "place", "starts_at", "ends_at", "booking_closes_at", "cancellation_until", "seats",
    "seats_taken", "seats_held", "waiting", "last_number", "end_reason",
)  # fmt: skip
_CHANGING = f"SELECT {', '.join(CHANGING_COLUMNS)} FROM activity WHERE id = ?"  # noqa: S608 - names of ours
ACTIVITY = f"SELECT {', '.join(FIXED_COLUMNS + CHANGING_COLUMNS)} FROM activity WHERE id = ?"  # noqa: S608
_BOOKING = "SELECT * FROM booking WHERE id = ?"


async def lock_activity(activity_id: int) -> Activity:
    """Return what bookings need of the activity, locked; the caller has checked access. Raises `NotFound`."""
    db.require_transaction()
    _, read = await db.execute(ACTIVITY + db.for_update(), [activity_id])
    if not read:
        raise NotFound
    return rows.of(Activity, read[0])


async def lock_again(unlocked: Activity) -> Activity:
    """Return the activity, now locked; what may have changed is read again."""
    db.require_transaction()
    _, [row] = await db.execute(_CHANGING + db.for_update(), [unlocked.id])
    return rows.fill(unlocked, row)


async def lock_booking(booking_id: int, activity_id: int) -> Booking:
    """Return the booking, locked, with its activity locked before it; the caller has checked access."""
    activity = await lock_activity(activity_id)
    _, [row] = await db.execute(_BOOKING + db.for_update(), [booking_id])
    booking = rows.of(Booking, row)
    booking.activity = activity
    return booking


# Conditions on a booking `b`. The person is its holder, made it on a phone, or lives with the holder.
ANSWERABLE = """(b.person_id = ? OR b.booked_by_id = ? AND b.channel = 'phone_app' OR EXISTS (
    SELECT 1 FROM household_member own JOIN household_member other ON other.household_id = own.household_id
    WHERE own.person_id = ? AND own.current = 1 AND other.person_id = b.person_id AND other.current = 1))"""
# The same, or the person is in its party or was until it ended. Leaving a party early ends the access to the booking.
CONCERNING = f"""({ANSWERABLE} OR EXISTS (
    SELECT 1 FROM attendee a WHERE a.booking_id = b.id AND a.person_id = ? AND a.left_at IS NULL))"""  # noqa: S608


async def lock_for_person(booking_id: int, person_id: int) -> Booking:
    """Return the booking with its party, locked, if it concerns the person; raises NotFound otherwise."""
    return await lock_with_party(booking_id, await require_concerned(booking_id, person_id))


async def lock_with_party(booking_id: int, activity_id: int) -> Booking:
    """Do the same as `lock_booking`, with its party."""
    booking = await lock_booking(booking_id, activity_id)
    booking.party = await _party_of(booking)
    return booking


async def require_concerned(booking_id: int, person_id: int) -> int:
    """Return the activity's id of a booking that concerns the person or their household; raises NotFound otherwise.

    It concerns the booking's holder and everybody who lives with the holder, the person who booked it on a phone, and
    everybody in its party.
    """
    statement = f"SELECT b.activity_id FROM booking b WHERE b.id = ? AND {CONCERNING}"  # noqa: S608
    _, read = await db.execute(statement, [booking_id, *concerning(person_id)])
    if not read:
        raise NotFound
    return int(read[0]["activity_id"])


def concerning(person_id: int) -> list[int]:
    """Return the values of `CONCERNING`."""
    return [person_id] * 4


async def may_answer(booking_id: int, person_id: int) -> bool:
    """Return whether the person may answer for the booking, as `ANSWERABLE`."""
    statement = f"SELECT 1 FROM booking b WHERE b.id = ? AND {ANSWERABLE}"  # noqa: S608
    return bool((await db.execute(statement, [booking_id, *answering(person_id)]))[1])


async def answerable_ids(bookings: Iterable[Booking], person_id: int) -> set[int]:
    """Return the ids of those bookings that the person may answer for; only those of relatives take a statement."""
    others: list[int] = []
    found: set[int] = set()
    for one in bookings:
        made_it = one.booked_by_id == person_id and one.channel == Channel.PHONE_APP
        found |= {one.id} if made_it or one.person_id == person_id else set()
        others += [] if one.id in found else [one.id]
    if others:
        statement = f"SELECT b.id FROM booking b WHERE b.id IN ({db.placeholders(others)}) AND {ANSWERABLE}"  # noqa: S608
        found |= {row["id"] for row in (await db.execute(statement, [*others, *answering(person_id)]))[1]}
    return found


def answering(person_id: int) -> list[int]:
    """Return the values of `ANSWERABLE`."""
    return [person_id] * 3


async def involves_person(person_id: int) -> Q:
    """Return the condition that the person booked it on their phone, is in its party, or was until it ended."""
    # A person who left a party early has no more access to the booking.
    attending = await Attendee.filter(person_id=person_id, left_at=None).values_list("booking_id", flat=True)
    # Filter by ids: a join would return a booking once for each attendee.
    return Q(id__in=list(attending) or [0]) | Q(booked_by_id=person_id, channel=Channel.PHONE_APP)


_PARTY = """
SELECT attendee.*, person.id `person.id`, person.name `person.name`
FROM attendee LEFT JOIN person ON person.id = attendee.person_id
WHERE booking_id = ? AND left_at IS NULL ORDER BY attendee.id
"""


async def _party_of(booking: Booking) -> list[Attendee]:
    """Return the attendees of the booking who did not leave it early, with the names of their accounts."""
    _, read = await db.execute(_PARTY, [booking.id])
    party = [rows.of(Attendee, row) for row in read]
    for one, row in zip(party, read, strict=True):
        one.person = rows.of(Person, row, "person.") if one.person_id is not None else None
    return party


async def require_no_conflict(booking: Booking, by: Staff, now: datetime) -> None:
    """Raise OwnBooking if the worker is related to the booking's holder, its party, or its maker on a phone."""
    await require_unrelated(concerned_people(booking, booking.party), by, now)


def concerned_people(booking: Booking, party: Iterable[Attendee]) -> set[int]:
    """Return the booking's holder, its maker on a phone, and those of its party who have an account."""
    concerned = {booking.person_id} | {one.person_id for one in party if one.person_id is not None}
    return concerned | ({booking.booked_by_id} if booking.channel == Channel.PHONE_APP else set())


async def require_unrelated(people: Collection[int], by: Staff, now: datetime) -> None:
    """Raise OwnBooking if any of these people is the worker or is related to the worker."""
    if await households.near(by.person_id, *sorted(people), now=now):
        raise OwnBooking


async def lock_for_staff(booking_id: int, staff: Staff) -> Booking:
    """Return the booking with its party, locked, if the caller works for its station.

    Raises NotAllowed for officers of the station, NotFound for everybody else.
    """
    known = Booking.filter(staff.of_stations("activity__station"), id=booking_id)
    found = await known.first().values("activity_id", "activity__station_id")
    if found is None:
        raise NotFound
    if found["activity__station_id"] not in staff.station_ids:
        raise NotAllowed
    booking = await lock_booking(booking_id, found["activity_id"])
    booking.party = await _party_of(booking)
    return booking
