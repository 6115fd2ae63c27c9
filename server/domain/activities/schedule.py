"""When the worker looks at an activity: to remind people of it, and to finish what nobody finished."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.database import db
from server.domain import job_queue, policies
from server.domain.activities import access, cancel_and_finish, notifications, quiet_hours
from server.domain.activities.quiet_hours import QuietHours
from server.domain.working_time import SHANGHAI
from server.models import Activity, ActivityStatus, Station, StationStatus

# The columns that remember each reminder, in the order they are sent.
REMINDERS = ("reminded_day_at", "reminded_hours_at")
# A reminder that the night moves comes at least so long before the start, else the evening before.
IN_TIME = timedelta(minutes=30)
# So long before the night begins.
EVENING = timedelta(hours=1)
CLOSED = "站点已撤销"


@dataclass(frozen=True)
class DueTimes:
    """When something is due for an activity: its reminders, by their columns, and its end by itself."""

    reminders: dict[str, datetime]
    finish: datetime

    def past(self, now: datetime) -> dict[str, datetime | None]:
        """The columns for a time that was just set: of a reminder it is too late for, `now`."""
        return {column: now if moment <= now else None for column, moment in self.reminders.items()}

    def pending(self, activity: Activity) -> dict[str, datetime]:
        """The reminders that were not sent."""
        return {column: moment for column, moment in self.reminders.items() if getattr(activity, column) is None}


async def due_times(activity: Activity, quiet: QuietHours) -> DueTimes:
    """The activity's moments, as policies and the night have them now."""
    names = ("activity_reminder_hours", "auto_finish_hours")
    before, after = (await policies.numbers(*names, station_id=activity.station_id)).values()
    starts = activity.starts_at
    its_day = datetime.combine(starts.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    day = _outside_quiet_hours(starts - timedelta(days=1), its_day, quiet)
    hours = _outside_quiet_hours(starts - timedelta(hours=before), starts - IN_TIME, quiet)
    return DueTimes(dict(zip(REMINDERS, (day, hours), strict=True)), activity.ends_at + timedelta(hours=after))


def _outside_quiet_hours(moment: datetime, latest: datetime, quiet: QuietHours) -> datetime:
    """The moment or, when that is at night, the morning after; where that were too late the evening before."""
    morning = quiet_hours.quiet_until(moment, quiet)
    return morning if morning <= latest else quiet_hours.quiet_from(moment, quiet) - EVENING


async def plan_next(activity: Activity, now: datetime) -> None:
    """Have the worker look at a published activity at the next moment something is due."""
    if activity.status != ActivityStatus.PUBLISHED:
        return
    quiet = await quiet_hours.get_quiet_hours()
    at = await due_times(activity, quiet)
    awake = quiet_hours.quiet_until(now, quiet)
    ahead = at.pending(activity).values() if now < activity.starts_at else ()
    due = [max(moment, awake) for moment in ahead]
    await job_queue.plan("watch_activity", activity.id, due=min([*due, at.finish]))


@db.transaction
async def do_due_actions(activity_id: int, *, now: datetime) -> None:
    """Do what is due for this activity now, once, and plan the next look. Asking again early or late does no harm."""
    activity = await access.lock_activity(activity_id)
    if activity.status != ActivityStatus.PUBLISHED:
        return
    quiet = await quiet_hours.get_quiet_hours()
    at = await due_times(activity, quiet)
    if now >= at.finish:
        await cancel_and_finish.finish_locked(activity, by=None, now=now)
    elif now < activity.starts_at and await Station.exists(id=activity.station_id, status=StationStatus.CLOSED):
        await cancel_and_finish.cancel_locked(activity, CLOSED, by=None, now=now)
    elif not quiet_hours.is_quiet(now, quiet):
        await _remind(activity, at, now)
    await plan_next(activity, now)


async def _remind(activity: Activity, at: DueTimes, now: datetime) -> None:
    """Send the last reminder that is due, to who had a seat by then; those before it are out of date."""
    due = {column: moment for column, moment in at.pending(activity).items() if moment <= now}
    if not due or now >= activity.starts_at:
        return
    done = dict.fromkeys(due, now)
    await Activity.filter(id=activity.id).update(**done)
    activity.update_from_dict(done)
    await notifications.remind(activity, seated_before=max(due.values()), now=now)
