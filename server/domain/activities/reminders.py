"""What the worker does when an activity's time comes: remind people of it, and finish what nobody finished."""

from datetime import datetime

from server import db
from server.domain import notices
from server.domain.activities import ending, locked, looks, nights, telling
from server.domain.activities.looks import Moments
from server.domain.workdays import SHANGHAI
from server.models import Activity, ActivityStatus, Station, StationStatus

CLOSED = "站点已撤销"


@db.transaction
async def watch(activity_id: int, *, now: datetime) -> None:
    """Do what is due for this activity now, once, and plan the next look. Asking again early or late does no harm."""
    activity = await locked.any_activity(activity_id)
    if activity.status != ActivityStatus.PUBLISHED:
        return
    night = await nights.in_force()
    at = await looks.moments(activity, night)
    if now >= at.finish:
        await ending.wind_up(activity, by=None, now=now)
    elif now < activity.starts_at and await Station.exists(id=activity.station_id, status=StationStatus.CLOSED):
        await ending.call_off(activity, CLOSED, by=None, now=now)
    elif not nights.is_night(now, night):
        await _remind(activity, at, now)
    await looks.plan(activity, now)


async def _remind(activity: Activity, at: Moments, now: datetime) -> None:
    """Send the last reminder that is due, to who had a seat by then; those before it are out of date."""
    due = {column: moment for column, moment in at.pending(activity).items() if moment <= now}
    if not due or now >= activity.starts_at:
        return
    done = dict.fromkeys(due, now)
    await Activity.filter(id=activity.id).update(**done)
    activity.update_from_dict(done)
    people = await telling.people(activity, telling.SEATED, before=max(due.values()))
    about = telling.about(activity)
    await notices.tell(people, "activity_reminder", "活动提醒", _words(activity, now), about=about, now=now)


def _words(activity: Activity, now: datetime) -> str:
    days = (activity.starts_at.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
    day = {0: "今天", 1: "明天"}.get(days, "")
    when = telling.when(activity.starts_at, activity.ends_at)
    body = f"您报名的“{activity.title}”{day}开始：{when}，地点：{activity.place}。"
    return f"{body}如不能参加，请取消报名，把名额让给别人。"
