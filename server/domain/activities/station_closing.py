"""What becomes of the activities people have booked when their station stops."""

from datetime import datetime

from server.database import db
from server.domain import job_queue, notifications, staff
from server.models import Activity, ActivityStatus, Station

UNSETTLED = "站点已暂停服务，还有{many}场已发布的活动没有举行。请逐一改期、改地点或取消，并确认居民已收到通知。"


async def station_closes(station_id: int, *, now: datetime) -> None:
    """Have the worker cancel what has not begun, one after the other: nobody is left to run it."""
    db.must_be_in_transaction()
    for activity_id in await _coming(station_id, now):
        await job_queue.plan("watch_activity", activity_id, due=now)


async def station_pauses(station: Station, *, by: int, now: datetime) -> None:
    """Ask its staff, and the officer who suspends it, what becomes of each: it may be elsewhere, or after the pause."""
    db.must_be_in_transaction()
    if many := len(await _coming(station.id, now)):
        people = [by, *await staff.workers_of(station.id)]
        body = UNSETTLED.format(many=many)
        about = {"station": station.id}
        await notifications.tell(people, "activities_unsettled", "请安排已发布的活动", body, about=about, now=now)


async def _coming(station_id: int, now: datetime) -> list[int]:
    published = Activity.filter(station_id=station_id, status=ActivityStatus.PUBLISHED, starts_at__gt=now)
    return await published.order_by("id").values_list("id", flat=True)  # type: ignore[return-value]
