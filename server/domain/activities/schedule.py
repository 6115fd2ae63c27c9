"""When the worker looks at an activity: to remind people of it, and to finish what nobody finished."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.domain import job_queue, policies
from server.domain.activities import quiet_hours
from server.domain.activities.quiet_hours import Night
from server.domain.working_time import SHANGHAI
from server.models import Activity, ActivityStatus

# The columns that remember each reminder, in the order they are sent.
REMINDERS = ("reminded_day_at", "reminded_hours_at")
# A reminder that the night moves comes at least so long before the start, else the evening before.
IN_TIME = timedelta(minutes=30)
# So long before the night begins.
EVENING = timedelta(hours=1)


@dataclass(frozen=True)
class Moments:
    """When something is due for an activity: its reminders, by their columns, and its end by itself."""

    reminders: dict[str, datetime]
    finish: datetime

    def past(self, now: datetime) -> dict[str, datetime | None]:
        """The columns for a time that was just set: of a reminder it is too late for, `now`."""
        return {column: now if moment <= now else None for column, moment in self.reminders.items()}

    def pending(self, activity: Activity) -> dict[str, datetime]:
        """The reminders that were not sent."""
        return {column: moment for column, moment in self.reminders.items() if getattr(activity, column) is None}


async def moments(activity: Activity, night: Night) -> Moments:
    """The activity's moments, as policies and the night have them now."""
    names = ("activity_reminder_hours", "auto_finish_hours")
    before, after = (await policies.numbers(*names, station_id=activity.station_id)).values()
    starts = activity.starts_at
    its_day = datetime.combine(starts.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    day = _waking(starts - timedelta(days=1), its_day, night)
    hours = _waking(starts - timedelta(hours=before), starts - IN_TIME, night)
    return Moments(dict(zip(REMINDERS, (day, hours), strict=True)), activity.ends_at + timedelta(hours=after))


def _waking(moment: datetime, latest: datetime, night: Night) -> datetime:
    """The moment or, when that is at night, the morning after; where that were too late the evening before."""
    morning = quiet_hours.night_ends_at(moment, night)
    return morning if morning <= latest else quiet_hours.night_begins_at(moment, night) - EVENING


async def plan(activity: Activity, now: datetime) -> None:
    """Have the worker look at a published activity at the next moment something is due."""
    if activity.status != ActivityStatus.PUBLISHED:
        return
    night = await quiet_hours.in_force()
    at = await moments(activity, night)
    awake = quiet_hours.night_ends_at(now, night)
    ahead = at.pending(activity).values() if now < activity.starts_at else ()
    due = [max(moment, awake) for moment in ahead]
    await job_queue.plan("watch_activity", activity.id, due=min([*due, at.finish]))
