"""The end of an activity: cancelled, with notices, or finished, with attendance and no-shows settled."""

from datetime import datetime

from server.database import db
from server.domain import audit, venues
from server.domain.activities import access, attendance, attendance_points, notifications, rating_period
from server.domain.activities.access import require_status, subject_key
from server.domain.bookings import no_shows, transitions
from server.domain.staff import Staff
from server.errors import ActivityTooEarly, AttendanceOpen, VolunteersCheckedIn
from server.models import Activity, ActivityStatus, BookingStatus

S = BookingStatus

EVERYBODY = notifications.SEATED + notifications.IN_LINE


@db.transaction
async def cancel(activity_id: int, *, reason: str, by: Staff, now: datetime) -> Activity:
    """Cancel a published activity and its bookings; everybody booked or waiting gets a notice with the reason.

    It may have begun or be over: a cancelled activity has no no-shows. Raises VolunteersCheckedIn until volunteers
    check out.
    """
    activity = await access.lock_for_staff(activity_id, by)
    require_status(activity, ActivityStatus.PUBLISHED)
    if volunteers := (await attendance.count(activity_id)).serving:
        raise VolunteersCheckedIn(volunteers=volunteers)
    await cancel_locked(activity, reason, by=by.person_id, now=now)
    return activity


async def cancel_locked(activity: Activity, reason: str, *, by: int | None, now: datetime) -> None:
    """Cancel a locked, published activity, by a fixed number of statements; `by` is None for the job."""
    when = notifications.when(activity.starts_at, activity.ends_at)
    await notifications.notify_booked(activity, notifications.ACTIVITY_CANCELLED, now=now, when=when, reason=reason)
    await notifications.ask_to_call(activity, EVERYBODY, now=now)
    # People who checked in before the cancellation keep their attendance.
    await no_shows.mark_attended(activity, now=now)
    ended = {"status": ActivityStatus.CANCELLED, "listed": 0, "ended_at": now, "end_reason": reason}
    await _end(activity, ended, by=by, now=now)
    await transitions.end_all(activity, (S.BOOKED, *notifications.IN_LINE), S.CANCELLED, now=now)


async def _end(activity: Activity, ended: dict[str, object], *, by: int | None, now: datetime) -> None:
    status = ended["status"]
    await Activity.filter(id=activity.id).update(**ended)
    activity.update_from_dict(ended)
    facts = {"taken": activity.seats_taken, "waiting": activity.waiting, "reason": activity.end_reason}
    await audit.note(f"activity.{status}", subject_key(activity.id), by=by, now=now, **facts)
    if activity.venue_use_id is not None and now < activity.ends_at:
        await venues.release(activity.venue_use_id, now=now)


@db.transaction
async def finish(activity_id: int, *, by: Staff, now: datetime) -> Activity:
    """Finish a published activity that has begun: booked people have attended, or are no-shows.

    Before its end this is possible only if everybody booked has checked in and no offer is open; else raises
    AttendanceOpen. To finish earlier, staff move its end, so that people can read until when they may come.
    """
    activity = await access.lock_for_staff(activity_id, by)
    require_status(activity, ActivityStatus.PUBLISHED)
    if now < activity.starts_at:
        raise ActivityTooEarly(possible_from=activity.starts_at)
    if now < activity.ends_at:
        await _require_decided(activity)
    await finish_locked(activity, by=by.person_id, now=now)
    return activity


async def _require_decided(activity: Activity) -> None:
    there = await attendance.count(activity.id)
    if there.missing or there.offered:
        raise AttendanceOpen(missing=there.missing, offered=there.offered, possible_from=activity.ends_at)


async def finish_locked(activity: Activity, *, by: int | None, now: datetime) -> None:
    """Finish a locked, published activity; `by` is None for the job."""
    await no_shows.close_bookings(activity, now=now)
    await _end(activity, {"status": ActivityStatus.FINISHED, "ended_at": now}, by=by, now=now)
    await attendance_points.schedule(activity, now)
    await rating_period.schedule_figures(activity)
    if volunteers := (await attendance.count(activity.id)).serving:
        await notifications.notify_station(activity, notifications.ACTIVITY_NOT_LEFT, now=now, count=volunteers)
