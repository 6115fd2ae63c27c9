"""Change an activity: freely while it is a draft; once it is published, its people are notified."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit
from server.domain.activities import access, drafts, location, notifications, quiet_hours, schedule, time_rules
from server.domain.activities.access import require_status, subject_key
from server.domain.activities.location import LocationRequest
from server.domain.activities.phases import phase
from server.domain.activities.publication import require_seats_or_posts
from server.domain.bookings import waiting_list
from server.domain.staff import Staff
from server.errors import ActivityBegun, ActivityEnded, ActivityPublished, SeatsBelowBooked
from server.models import Activity, ActivityStatus

PLAIN_FIELDS = ("title", "text", "place", "seats")
# Times that move with the start unless they are given too.
MOVING_FIELDS = ("ends_at", "booking_closes_at", "cancellation_until")
# Fields that are fixed once it has begun, and fields whose change people are notified of.
FIXED_AFTER_START = {"starts_at", "place", "venue_id"}
NOTIFIED_FIELDS = {"starts_at", "ends_at", "place"}
PUBLISHED_FIELDS = {*PLAIN_FIELDS, "venue_id", "starts_at", *MOVING_FIELDS}
LONGEST_PLACE = 80


@db.transaction
async def change(activity_id: int, changes: dict[str, Any], *, by: Staff, now: datetime) -> Activity:
    """Change the given fields of a draft, or of a published activity.

    Of a published activity only PUBLISHED_FIELDS may change: raises `ActivityPublished` for other fields. A new start
    moves the other times along. A new venue, or a place of None, gives the place the venue's name. People who booked or
    wait are notified of another time or place.
    """
    activity = await access.lock_for_staff(activity_id, by)
    if activity.status == ActivityStatus.DRAFT:
        return await drafts.edit(activity, changes, by=by, now=now)
    require_status(activity, ActivityStatus.PUBLISHED)
    if fixed := changes.keys() - PUBLISHED_FIELDS:
        raise ActivityPublished(fields=sorted(f"body.{name}" for name in fixed))
    before = await _current_fields(activity)
    different = {name for name, value in changes.items() if value != before[name]}
    _require_changeable(different, activity, now)
    after = _with_valid_priority(before | _derived_changes(before, changes) | changes)
    await _require_valid(activity, after, different, now)
    if different:
        await _change(activity, before, after, by=by, now=now)
    return activity


async def _current_fields(activity: Activity) -> dict[str, Any]:
    """Return the fields that may change, and those they must agree with."""
    columns = {name: getattr(activity, name) for name in {*PLAIN_FIELDS, *time_rules.PLAN_FIELDS}}
    return columns | {"venue_id": await location.venue_of_use(activity.venue_use_id)}


def _require_changeable(different: set[str], activity: Activity, now: datetime) -> None:
    if now >= activity.ends_at:
        raise ActivityEnded(status=phase(activity, now))
    if now >= activity.starts_at and different & FIXED_AFTER_START:
        raise ActivityBegun(fields=sorted(f"body.{one}" for one in different & FIXED_AFTER_START))


def _derived_changes(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that change because of other fields."""
    shift = changes.get("starts_at", before["starts_at"]) - before["starts_at"]
    moved = {name: before[name] + shift for name in MOVING_FIELDS}
    ends_at = changes.get("ends_at", moved["ends_at"])
    moved["booking_closes_at"] = min(moved["booking_closes_at"], ends_at)
    # A place in words does not fit another venue.
    return moved | ({"place": None} if changes.get("venue_id", before["venue_id"]) != before["venue_id"] else {})


def _with_valid_priority(after: dict[str, Any]) -> dict[str, Any]:
    """`priority_until` cannot be changed any more, so it ends with booking at the latest."""
    priority = after["priority_until"]
    return after | {"priority_until": priority and min(priority, after["booking_closes_at"])}


async def _require_valid(activity: Activity, after: Mapping[str, Any], different: set[str], now: datetime) -> None:
    late = [problem for problem in time_rules.find_past(after, now) if problem[0] in different]
    time_rules.raise_problems(
        [*time_rules.find_contradictions(after), *late], await location.find_problems(_location(activity, after))
    )
    if after["seats"] < activity.seats_taken + activity.seats_held:
        raise SeatsBelowBooked(minimum=activity.seats_taken + activity.seats_held)
    await require_seats_or_posts(activity, after["seats"])


def _location(activity: Activity, after: Mapping[str, Any]) -> LocationRequest:
    names = ("venue_id", "place", "title", "starts_at", "ends_at", "seats")
    return LocationRequest(station_id=activity.station_id, **{name: after[name] for name in names})


async def _change(
    activity: Activity, before: dict[str, Any], after: dict[str, Any], *, by: Staff, now: datetime
) -> None:
    after |= await location.assign(_location(activity, after), activity.venue_use_id, by=by.person_id, now=now)
    different = {name for name, value in before.items() if after[name] != value}
    activity.update_from_dict({name: value for name, value in after.items() if name != "venue_id"})
    if "starts_at" in different:
        activity.update_from_dict((await schedule.due_times(activity, await quiet_hours.get_quiet_hours())).past(now))
    columns = {*PLAIN_FIELDS, *time_rules.PLAN_FIELDS, *schedule.REMINDERS, "venue_use_id"}
    await Activity.filter(id=activity.id).update(**{name: getattr(activity, name) for name in columns})
    await audit.note("activity.changed", subject_key(activity.id), by=by.person_id, now=now, fields=sorted(different))
    if NOTIFIED_FIELDS & different:
        await notifications.notify_changed(activity, before, now=now)
        await notifications.ask_to_call(activity, notifications.SEATED + notifications.IN_LINE, now=now)
    await schedule.plan_next(activity, now)
    await waiting_list.offer_free_seats(activity, now=now)
