"""Steps at the entrance that staff can take now: the conditions of each verb."""

from datetime import datetime

from server.domain.activities.attendance import Attendance
from server.domain.check_ins.hours import get_hours
from server.domain.staff import Staff
from server.models import Activity, ActivityStatus

S = ActivityStatus


async def of_staff(activity: Activity, there: Attendance, *, by: Staff, now: datetime) -> list[str]:
    """Return the steps that the caller can take as staff now, each by the last part of its path.

    A step that may be repeated stays: a second check-in, or check-out, of a person gets the same answer.
    """
    if activity.station_id not in by.station_ids:
        return []
    has_begun = now >= (await get_hours(activity)).opens_at
    was_published = activity.status != S.DRAFT
    may = {
        "check-ins": activity.status == S.PUBLISHED and has_begun and there.seated,
        "check-outs": was_published and there.leaving,
        "scans": was_published,
        "attendance": was_published,
    }
    return [name for name, allowed in may.items() if allowed]
