"""Published activities of a station that closes or is suspended."""

from datetime import datetime

from server.database import db
from server.domain import job_queue, notifications, staff
from server.domain.activities.notifications import ACTIVITIES_UNSETTLED
from server.models import Activity, ActivityStatus, Station


async def plan_cancellations(station_id: int, *, now: datetime) -> None:
    """Plan a job for each coming activity of the closing station, which cancels it."""
    db.require_transaction()
    for activity_id in await _coming(station_id, now):
        await job_queue.plan("watch_activity", activity_id, due=now)


async def notify_unsettled(station: Station, *, by: int, now: datetime) -> None:
    """Ask the staff, and the officer who suspends the station, to move or cancel each coming activity."""
    db.require_transaction()
    if many := len(await _coming(station.id, now)):
        people = [by, *(await staff.of_station(station.id)).acting]
        await notifications.notify(people, ACTIVITIES_UNSETTLED, subject_id=station.id, now=now, count=many)


async def _coming(station_id: int, now: datetime) -> list[int]:
    published = Activity.filter(station_id=station_id, status=ActivityStatus.PUBLISHED, starts_at__gt=now)
    return await published.order_by("id").values_list("id", flat=True)  # type: ignore[return-value]
