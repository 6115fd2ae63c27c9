"""Check-in 签到: the first check-in counts, a repeated one changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from server.database import db, rows
from server.models import Attendee, CheckInWay


@dataclass(frozen=True)
class CheckIn:
    """The time, the way and the person of a check-in, and the step of the code scanned on an own phone."""

    at: datetime
    way: CheckInWay
    by: int
    step: int | None = None


async def record_check_in(attendees: Iterable[Attendee], check_in: CheckIn) -> list[Attendee]:
    """Check in locked attendees, each once; return those who were not checked in before."""
    columns = {
        "checked_in_at": check_in.at,
        "checked_in_by_id": check_in.by,
        "check_in_way": check_in.way,
        "check_in_step": check_in.step,
    }
    new = [one for one in attendees if one.checked_in_at is None]
    if new:
        await db.execute_together([rows.update_statement(Attendee, one.id, **columns) for one in new])
    return [one.update_from_dict(columns) for one in new]
