"""The times of check-in and check-out at an activity."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain import policies
from server.errors import ActivityOver, CheckInNotOpen
from server.models import Activity, ActivityStatus

# Within a day, phones without a network are online again and volunteers remember a forgotten check-out.
GRACE_PERIOD = timedelta(hours=24)


@dataclass(frozen=True)
class CheckInHours:
    """When check-in opens, when the activity ends, and until when codes and stewards' lists are available."""

    opens_at: datetime
    ends_at: datetime
    until: datetime


async def get_hours(activity: Activity) -> CheckInHours:
    """Return the times; check-in opens some minutes before the start, as the station's policy says."""
    minutes = await policies.number("check_in_opens_minutes", station_id=activity.station_id)
    ends_at = activity.ends_at
    return CheckInHours(activity.starts_at - timedelta(minutes=minutes), ends_at, ends_at + GRACE_PERIOD)


def require_begun(hours: CheckInHours, now: datetime) -> None:
    """Raise CheckInNotOpen before check-in opens."""
    if now < hours.opens_at:
        raise CheckInNotOpen(possible_from=hours.opens_at)


def require_not_over(activity: Activity, until: datetime, now: datetime) -> None:
    """Raise ActivityOver if the activity was cancelled or the time is past `until`."""
    if activity.status == ActivityStatus.CANCELLED or now > until:
        raise ActivityOver(status=activity.status)


def require_published(activity: Activity) -> None:
    """Raise ActivityOver once the activity is cancelled or finished: no-shows are recorded by then."""
    if activity.status != ActivityStatus.PUBLISHED:
        raise ActivityOver(status=activity.status)
