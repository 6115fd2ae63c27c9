"""Where an activity stands at a moment: what was decided of it, and what the clock says."""

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
    """The activity's phase. Booking may go on while it runs: who books then comes in late."""
    if activity.status != ActivityStatus.PUBLISHED:
        return Phase(activity.status.value)
    if now >= activity.starts_at:
        return Phase.RUNNING
    if now >= activity.booking_closes_at:
        return Phase.BOOKING_CLOSED
    return Phase.BOOKING_OPEN if now >= activity.booking_opens_at else Phase.PUBLISHED
