"""Publication of a draft: everybody sees it from then on, and booking opens at its time."""

from datetime import datetime

from server.database import db
from server.domain import audit, stations
from server.domain.activities import access, quiet_hours, schedule, time_rules
from server.domain.activities.access import require_status, subject_key
from server.domain.activities.time_rules import Problem
from server.domain.staff import Staff
from server.errors import InvalidActivityPlan, NotFound, SeatsOrPostsRequired, StationNotOperating
from server.models import Activity, ActivityStatus, Post


@db.transaction
async def publish(activity_id: int, *, by: Staff, now: datetime) -> Activity:
    """Publish a draft of an operating station; its times must be in the future.

    Raises NotFound, NotAllowed, InvalidActivityState, StationNotOperating, InvalidActivityPlan, SeatsOrPostsRequired.
    """
    unlocked = await Activity.filter(by.of_stations(), id=activity_id).only("id", "station_id").first()
    if unlocked is None:
        raise NotFound
    # The set-up is locked before the activity: the lock order.
    is_open = await stations.lock_operating(unlocked.station_id)
    activity = await access.lock_for_staff(activity_id, by)
    require_status(activity, ActivityStatus.DRAFT)
    if not is_open:
        raise StationNotOperating
    if late := find_past(activity, now):
        raise InvalidActivityPlan(fields=[{"field": field, "problem": why} for field, why in late])
    await require_seats_or_posts(activity, activity.seats)
    await _publish(activity, by, now)
    return activity


def find_past(activity: Activity, now: datetime) -> list[Problem]:
    """Return the activity's times that are in the past, or too far in the future, each with a text."""
    return time_rules.find_past({name: getattr(activity, name) for name in time_rules.TIMES}, now)


async def require_seats_or_posts(activity: Activity, seats: int) -> None:
    """Raise SeatsOrPostsRequired if the activity would have neither seats nor posts."""
    if not seats and not await Post.exists(activity_id=activity.id):
        raise SeatsOrPostsRequired


async def _publish(activity: Activity, by: Staff, now: datetime) -> None:
    reminders = (await schedule.due_times(activity, await quiet_hours.get_quiet_hours())).past(now)
    columns = {"status": ActivityStatus.PUBLISHED, "listed": 1, "published_by_id": by.person_id, "published_at": now}
    await Activity.filter(id=activity.id).update(**columns, **reminders)
    activity.update_from_dict(columns | reminders)
    facts = {"seats": activity.seats, "starts_at": activity.starts_at.isoformat()}
    await audit.note("activity.published", subject_key(activity.id), by=by.person_id, now=now, **facts)
    await schedule.plan_next(activity, now)
