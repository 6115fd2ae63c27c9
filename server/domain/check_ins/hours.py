"""When people check in at an activity, and until when they may still check out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain import policies
from server.errors import ActivityOver, CheckInNotOpen
from server.models import Activity, ActivityStatus

# Phones without a network come back to it, and whoever forgot to check out remembers, within a day.
GRACE_PERIOD = timedelta(hours=24)


@dataclass(frozen=True)
class CheckInHours:
    """From when people check in, when the activity ends, and until when codes are shown and volunteers have lists."""

    opens_at: datetime
    ends_at: datetime
    until: datetime


async def get_hours(activity: Activity) -> CheckInHours:
    """By the station's policy, some minutes before the activity begins."""
    minutes = await policies.number("check_in_opens_minutes", station_id=activity.station_id)
    ends_at = activity.ends_at
    return CheckInHours(activity.starts_at - timedelta(minutes=minutes), ends_at, ends_at + GRACE_PERIOD)


def require_begun(hours: CheckInHours, now: datetime) -> None:
    """Refuse with CheckInNotOpen what comes before the first check-in."""
    if now < hours.opens_at:
        raise CheckInNotOpen(possible_from=hours.opens_at)


def require_not_over(activity: Activity, until: datetime, now: datetime) -> None:
    """Refuse with ActivityOver what was cancelled, and what ended longer ago than that."""
    if activity.status == ActivityStatus.CANCELLED or now > until:
        raise ActivityOver(status=activity.status)


def require_published(activity: Activity) -> None:
    """Refuse check-ins with ActivityOver once it was cancelled or finished: who did not come is noted by then."""
    if activity.status != ActivityStatus.PUBLISHED:
        raise ActivityOver(status=activity.status)
