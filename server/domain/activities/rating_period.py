"""Until when an activity may be rated, and when its ratings can no longer change."""

from datetime import datetime, timedelta

from server.domain import job_queue, policies
from server.models import Activity, ActivityStatus

JOB_KIND = "fix_activity_ratings"
# A request that came in time may still be running.
GRACE = timedelta(minutes=1)


def over_at(activity: Activity) -> datetime:
    """Return the end of the activity, or the moment staff finished it, whichever is earlier."""
    if activity.status == ActivityStatus.FINISHED and activity.ended_at is not None:
        return min(activity.ends_at, activity.ended_at)
    return activity.ends_at


async def closes_at(activity: Activity) -> datetime:
    """Return the last moment to give a rating (policy `rating_days`)."""
    return over_at(activity) + timedelta(days=await policies.number("rating_days", station_id=activity.station_id))


async def known_from(activity: Activity) -> datetime:
    """Return when the last rating can no longer be changed (policy `rating_change_hours`)."""
    hours = await policies.number("rating_change_hours", station_id=activity.station_id)
    return await closes_at(activity) + timedelta(hours=hours) + GRACE


async def schedule_figures(activity: Activity) -> None:
    """Plan the job that fixes the figures of a finished activity's ratings."""
    await job_queue.plan(JOB_KIND, activity.id, due=await known_from(activity))
