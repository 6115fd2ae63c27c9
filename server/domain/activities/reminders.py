"""What the worker does when an activity's time comes: remind people of it, and finish what nobody finished."""

from datetime import datetime

from server.database import db
from server.domain import notifications
from server.domain.activities import access, cancel_and_finish, quiet_hours, schedule
from server.domain.activities import notifications as activities_notifications
from server.domain.activities.schedule import Moments
from server.domain.working_time import SHANGHAI
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
    people = await activities_notifications.people(activity, activities_notifications.SEATED, before=max(due.values()))
    about = activities_notifications.about(activity)
    await notifications.tell(people, "activity_reminder", "活动提醒", _words(activity, now), about=about, now=now)


def _words(activity: Activity, now: datetime) -> str:
    days = (activity.starts_at.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
    day = {0: "今天", 1: "明天"}.get(days, "")
    when = activities_notifications.when(activity.starts_at, activity.ends_at)
    body = f"您报名的“{activity.title}”{day}开始：{when}，地点：{activity.place}。"
    return f"{body}如不能参加，请取消报名，把名额让给别人。"
