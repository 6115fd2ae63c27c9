"""Steps that staff can take on an activity now; those at the entrance are in `check_ins/allowed_actions.py`."""

from datetime import datetime

from server.domain import stations
from server.domain.activities import posts, publication, series
from server.domain.activities.staff_queries import StaffActivityView
from server.domain.bookings import eligibility
from server.domain.reference import Snapshot
from server.domain.staff import Staff
from server.models import Activity, ActivityStatus, Channel

S = ActivityStatus


def of_staff(view: StaffActivityView, setup: Snapshot, *, by: Staff, now: datetime) -> list[str]:
    """Return the steps that the caller can take on the activity now, each by the last part of its path."""
    activity, there = view.activity, view.attendance
    if activity.station_id not in by.station_ids:
        return []
    is_draft, is_published = activity.status == S.DRAFT, activity.status == S.PUBLISHED
    is_operating = stations.is_operating(setup, activity.station_id)
    copies = is_operating and activity.category.active
    may = {
        "changes": is_draft or (is_published and now < activity.ends_at),
        "publication": is_draft and is_operating and _is_publishable(view, now),
        "cancellation": is_published and not there.serving,
        "finish": is_published and now >= activity.starts_at and (now >= activity.ends_at or there.is_decided),
        "discarding": is_draft,
        "copy": copies,
        "series": copies and _may_repeat(activity, now),
        "posts": activity.status in posts.OPEN and len(view.posts) < posts.MOST,
        "bookings": activity.seats > 0 and eligibility.booking_refusal(activity, Channel.COUNTER, now) is None,
    }
    return [name for name, allowed in may.items() if allowed]


def _is_publishable(view: StaffActivityView, now: datetime) -> bool:
    has_places = view.activity.seats > 0 or bool(view.posts)
    return has_places and not publication.find_past(view.activity, now)


def _may_repeat(activity: Activity, now: datetime) -> bool:
    """Return whether a series of it may begin; all of its activities take place in its venue, if it has one."""
    venue = activity.venue_use.venue if activity.venue_use is not None else None
    fits = venue is None or (venue.active and venue.capacity >= activity.seats)
    return fits and activity.series_id is None and series.can_follow(activity, now)
