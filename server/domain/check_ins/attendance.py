"""签到表: who was there, with whole names, for the station's files. Taking it out is an act with a reason."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server import db
from server.domain import audit
from server.domain.activities.showing import thing
from server.domain.check_ins import stewards
from server.domain.check_ins.standing import SEATED
from server.domain.staff import Staff
from server.models import Activity, Attendee, BookingStatus


@dataclass(frozen=True)
class Attendance:
    """The activity and everybody who had a seat or a post: volunteers first, then in the order of their bookings."""

    activity: Activity
    people: list[Attendee]


@db.transaction
async def take_out(activity_id: int, *, reason: str, by: Staff, now: datetime) -> Attendance:
    """The list of a station's activity; each person whose name is read has that on record, with the reason.

    NotAllowed for the station's officers, NotFound for others.
    """
    activity = await stewards.of_staff(activity_id, by)
    subject, people = thing(activity.id), await _people(activity)
    for person_id in sorted({one.person_id for one in people if one.person_id is not None}):
        await audit.read(subject, "attendance", of=person_id, by=by.person_id, reason=reason, now=now)
    await audit.note("activity.attendance_taken_out", subject, by=by.person_id, now=now, people=len(people))
    return Attendance(activity, people)


async def _people(activity: Activity) -> list[Attendee]:
    # Who stays away is no longer current, but had a seat.
    there = Q(current=1, booking__status__in=SEATED) | Q(booking__status=BookingStatus.NO_SHOW)
    found = await Attendee.filter(there, activity_id=activity.id).select_related("booking__post", "person")
    return sorted(found, key=lambda one: (one.booking.post_id is None, one.booking.number, one.id))
