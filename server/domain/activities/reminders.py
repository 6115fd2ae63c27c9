"""What the worker does when an activity's time comes: remind people of it, and finish what nobody finished."""

from datetime import datetime

from server.database import db
from server.domain.activities import access, cancel_and_finish, notifications, quiet_hours, schedule
from server.domain.activities.schedule import Moments
from server.models import Activity, ActivityStatus, Station, StationStatus

CLOSED = "站点已撤销"


@db.transaction
async def watch(activity_id: int, *, now: datetime) -> None:
    """Do what is due for this activity now, once, and plan the next look. Asking again early or late does no harm."""
    activity = await access.any_activity(activity_id)
    if activity.status != ActivityStatus.PUBLISHED:
        return
    night = await quiet_hours.in_force()
    at = await schedule.moments(activity, night)
    if now >= at.finish:
        await cancel_and_finish.wind_up(activity, by=None, now=now)
    elif now < activity.starts_at and await Station.exists(id=activity.station_id, status=StationStatus.CLOSED):
        await cancel_and_finish.call_off(activity, CLOSED, by=None, now=now)
    elif not quiet_hours.is_night(now, night):
        await _remind(activity, at, now)
    await schedule.plan(activity, now)


async def _remind(activity: Activity, at: Moments, now: datetime) -> None:
    """Send the last reminder that is due, to who had a seat by then; those before it are out of date."""
    due = {column: moment for column, moment in at.pending(activity).items() if moment <= now}
    if not due or now >= activity.starts_at:
        return
    done = dict.fromkeys(due, now)
    await Activity.filter(id=activity.id).update(**done)
    activity.update_from_dict(done)
    await notifications.remind(activity, seated_before=max(due.values()), now=now)
