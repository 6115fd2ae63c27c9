"""签到表: who was there, with whole names, for the station's files. Taking it out is an act with a reason."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit
from server.domain.activities.staff_queries import subject_key
from server.domain.check_ins import stewards
from server.domain.check_ins.eligibility import SEATED
from server.domain.staff import Staff
from server.models import Activity, Attendee, BookingStatus, Reading


@dataclass(frozen=True)
class AttendanceList:
    """The activity and everybody who had a seat or a post: volunteers first, then in the order of their bookings."""

    activity: Activity
    people: list[Attendee]


@db.transaction
async def export(activity_id: int, *, reason: str, by: Staff, now: datetime) -> AttendanceList:
    """The list of a station's activity; each person whose name is read has that on record, with the reason.

    NotAllowed for the station's officers, NotFound for others.
    """
    activity = await stewards.get_for_staff(activity_id, by)
    subject, people = subject_key(activity.id), await _people(activity)
    await _record_readings({one.person_id for one in people if one.person_id is not None}, subject, reason, by, now)
    await audit.note("activity.attendance_taken_out", subject, by=by.person_id, now=now, people=len(people))
    return AttendanceList(activity, people)


async def _record_readings(read: set[int], subject: str, reason: str, by: Staff, now: datetime) -> None:
    """As `audit.read` of each person, by one statement for a full hall."""
    columns = {"at": now, "reader_id": by.person_id, "subject": subject, "what": "attendance", "reason": reason}
    await Reading.bulk_create(Reading(person_id=one, **columns) for one in sorted(read))


async def _people(activity: Activity) -> list[Attendee]:
    # Who stays away is no longer current, but had a seat.
    there = Q(current=1, booking__status__in=SEATED) | Q(left_at=None, booking__status=BookingStatus.NO_SHOW)
    found = await Attendee.filter(there, activity_id=activity.id).select_related(
        "booking__post", "person", "service_record"
    )
    return sorted(found, key=lambda one: (one.booking.post_id is None, one.booking.number, one.id))
