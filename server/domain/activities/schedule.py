"""The schedule of an activity: when reminders are due and when it is finished, and the job that does it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.database import db
from server.domain import job_queue, policies, stations
from server.domain.activities import access, cancel_and_finish, notifications, quiet_hours
from server.domain.activities.quiet_hours import QuietHours
from server.domain.working_time import SHANGHAI, midnight
from server.models import Activity, ActivityStatus, StationStatus

# The columns that store when each reminder was sent, in order.
REMINDERS = ("reminded_day_at", "reminded_hours_at")
# A reminder that the quiet hours move comes at least this long before the start, else the evening before.
IN_TIME = timedelta(minutes=30)
# This long before the quiet hours begin.
EVENING = timedelta(hours=1)
CLOSED = "站点已撤销"


@dataclass(frozen=True)
class DueTimes:
    """When the reminders (by their columns) and the automatic finish of an activity are due."""

    reminders: dict[str, datetime]
    finish: datetime

    def past(self, now: datetime) -> dict[str, datetime | None]:
        """Return the columns after a change of the start: `now` for reminders that are too late, else None."""
        return {column: now if moment <= now else None for column, moment in self.reminders.items()}

    def pending(self, activity: Activity) -> dict[str, datetime]:
        """Return the reminders that were not sent."""
        return {column: moment for column, moment in self.reminders.items() if getattr(activity, column) is None}


async def due_times(activity: Activity, quiet: QuietHours) -> DueTimes:
    """Return the activity's due times, by the policies and the quiet hours of today."""
    names = ("activity_reminder_hours", "auto_finish_hours")
    before, after = (await policies.numbers(*names, station_id=activity.station_id)).values()
    starts = activity.starts_at
    its_day = midnight(starts.astimezone(SHANGHAI).date())
    day = _outside_quiet_hours(starts - timedelta(days=1), its_day, quiet)
    hours = _outside_quiet_hours(starts - timedelta(hours=before), starts - IN_TIME, quiet)
    return DueTimes(dict(zip(REMINDERS, (day, hours), strict=True)), activity.ends_at + timedelta(hours=after))


def _outside_quiet_hours(moment: datetime, latest: datetime, quiet: QuietHours) -> datetime:
    """Move a moment out of the quiet hours: to the next morning or, if it is after `latest`, the evening before."""
    morning = quiet_hours.quiet_until(moment, quiet)
    return morning if morning <= latest else quiet_hours.quiet_from(moment, quiet) - EVENING


async def plan_next(activity: Activity, now: datetime) -> None:
    """Plan the job for a published activity's next due time."""
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
    elif now < activity.starts_at and (await stations.get(activity.station_id)).status == StationStatus.CLOSED:
        await cancel_and_finish.cancel_locked(activity, CLOSED, by=None, now=now)
    elif not quiet_hours.is_quiet(now, quiet):
        await _remind(activity, at, now)
    await plan_next(activity, now)


async def _remind(activity: Activity, at: DueTimes, now: datetime) -> None:
    """Send the last due reminder to people who had a seat by then; earlier reminders are out of date."""
    due = {column: moment for column, moment in at.pending(activity).items() if moment <= now}
    if not due or now >= activity.starts_at:
        return
    done = dict.fromkeys(due, now)
    await Activity.filter(id=activity.id).update(**done)
    activity.update_from_dict(done)
    await notifications.remind(activity, seated_before=max(due.values()), now=now)
