"""签到: somebody is there. The first time counts, whoever says it again changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from server.models import Attendee, CheckInWay


@dataclass(frozen=True)
class Seen:
    """When somebody was seen, how, by whom, and, on their own phone, with the code of which step."""

    at: datetime
    way: CheckInWay
    by: int
    step: int | None = None


async def arrive(attendee: Attendee, seen: Seen) -> bool:
    """Check in a locked row, once; whether it was not before."""
    told = {
        "checked_in_at": seen.at,
        "checked_in_by_id": seen.by,
        "check_in_way": seen.way,
        "check_in_step": seen.step,
    }
    arrived = await Attendee.filter(id=attendee.id, checked_in_at=None).update(**told)
    if arrived:
        attendee.update_from_dict(told)
    return bool(arrived)
