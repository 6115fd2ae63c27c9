"""The attendance list 签到表 with full names, for the station's files; each export needs a reason."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import audit
from server.domain.activities.access import subject_key
from server.domain.check_ins import stewards
from server.domain.check_ins.eligibility import SEATED
from server.domain.staff import Staff
from server.models import Activity, Attendee, BookingStatus, Reading, ReadingKind


@dataclass(frozen=True)
class AttendanceList:
    """The activity and everybody with a seat or a post: volunteers first, then in the order of their bookings."""

    activity: Activity
    people: list[Attendee]


@db.transaction
async def export(activity_id: int, *, reason: str, by: Staff, now: datetime) -> AttendanceList:
    """Return the list of an activity of the worker's station, and record the reading for each person with the reason.

    Raises NotAllowed for officers of the station, NotFound for others.
    """
    activity = await stewards.get_for_staff(activity_id, by)
    subject, people = subject_key(activity.id), await _people(activity)
    await _record_readings({one.person_id for one in people if one.person_id is not None}, subject, reason, by, now)
    await audit.note("activity.attendance_taken_out", subject, by=by.person_id, now=now, people=len(people))
    return AttendanceList(activity, people)


async def _record_readings(read: set[int], subject: str, reason: str, by: Staff, now: datetime) -> None:
    """Write what `audit.read` would write, in one statement for all people."""
    columns = {
        "at": now,
        "reader_id": by.person_id,
        "subject": subject,
        "what": ReadingKind.ATTENDANCE,
        "reason": reason,
    }
    await Reading.bulk_create(Reading(person_id=one, **columns) for one in sorted(read))


async def _people(activity: Activity) -> list[Attendee]:
    # An attendee with a no-show is no longer current, but had a seat.
    there = Q(current=1, booking__status__in=SEATED) | Q(left_at=None, booking__status=BookingStatus.NO_SHOW)
    found = await Attendee.filter(there, activity_id=activity.id).select_related(
        "booking__post", "person", "service_record"
    )
    return sorted(found, key=lambda one: (one.booking.post_id is None, one.booking.number, one.id))
