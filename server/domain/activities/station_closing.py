"""What becomes of the activities people have booked when their station stops."""

from datetime import datetime

from server.database import db
from server.domain import job_queue, notifications, staff
from server.domain.activities.notifications import ACTIVITIES_UNSETTLED
from server.models import Activity, ActivityStatus, Station


async def plan_cancellations(station_id: int, *, now: datetime) -> None:
    """Have the worker cancel what has not begun, one after the other: nobody is left to run it."""
    db.require_transaction()
    for activity_id in await _coming(station_id, now):
        await job_queue.plan("watch_activity", activity_id, due=now)


async def notify_unsettled(station: Station, *, by: int, now: datetime) -> None:
    """Ask its staff, and the officer who suspends it, what becomes of each: it may be elsewhere, or after the pause."""
    db.require_transaction()
    if many := len(await _coming(station.id, now)):
        people = [by, *await staff.workers_of(station.id)]
        await notifications.notify(people, ACTIVITIES_UNSETTLED, subject_id=station.id, now=now, count=many)


async def _coming(station_id: int, now: datetime) -> list[int]:
    published = Activity.filter(station_id=station_id, status=ActivityStatus.PUBLISHED, starts_at__gt=now)
    return await published.order_by("id").values_list("id", flat=True)  # type: ignore[return-value]
