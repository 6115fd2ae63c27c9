"""Check-in 签到: the first check-in counts, a repeated one changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from server.models import Attendee, CheckInWay


@dataclass(frozen=True)
class CheckIn:
    """The time, the way and the person of a check-in, and the step of the code scanned on an own phone."""

    at: datetime
    way: CheckInWay
    by: int
    step: int | None = None


async def record_check_in(attendee: Attendee, check_in: CheckIn) -> bool:
    """Check in a locked attendee once; return whether they were not checked in before."""
    columns = {
        "checked_in_at": check_in.at,
        "checked_in_by_id": check_in.by,
        "check_in_way": check_in.way,
        "check_in_step": check_in.step,
    }
    arrived = await Attendee.filter(id=attendee.id, checked_in_at=None).update(**columns)
    if arrived:
        attendee.update_from_dict(columns)
    return bool(arrived)
