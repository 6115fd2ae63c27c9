"""The phase of an activity: its status and the time together."""

from datetime import datetime
from enum import StrEnum

from server.models import Activity, ActivityStatus


class Phase(StrEnum):
    """Draft → published → booking open → booking closed → running → finished or cancelled."""

    DRAFT = "draft"
    PUBLISHED = "published"
    BOOKING_OPEN = "booking_open"
    BOOKING_CLOSED = "booking_closed"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


def phase(activity: Activity, now: datetime) -> Phase:
    """Return the activity's phase. Booking may stay open while it runs, for people who come late."""
    if activity.status != ActivityStatus.PUBLISHED:
        return Phase(activity.status.value)
    if now >= activity.starts_at:
        return Phase.RUNNING
    if now >= activity.booking_closes_at:
        return Phase.BOOKING_CLOSED
    return Phase.BOOKING_OPEN if now >= activity.booking_opens_at else Phase.PUBLISHED
