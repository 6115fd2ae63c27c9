"""Activities as staff read them, as contract types."""

from datetime import datetime

from miniprogram_contract.activities_staff import (
    PHASE_WORDS,
    ActivityPhase,
    Question,
    StaffActivityAction,
    StaffActivityDetail,
    StaffPostDetail,
)
from miniprogram_contract.areas import AreaReference
from miniprogram_contract.stations import Location
from server.adapters import Dependencies
from server.domain import reference
from server.domain.activities import allowed_actions, staff_queries
from server.domain.activities.phases import phase
from server.domain.activities.staff_queries import StaffActivityView
from server.domain.areas import short_name
from server.domain.bookings import seats
from server.domain.check_ins import allowed_actions as check_ins
from server.domain.staff import Staff
from server.handlers.http.signed_links import signed_link
from server.handlers.needs.serializers import station_reference
from server.handlers.photos.links import photo_links
from server.handlers.stations.serializers import location
from server.models import Activity, Area, Post


async def staff_activity(
    activity: Activity, by: Staff, dependencies: Dependencies, now: datetime
) -> StaffActivityDetail:
    """Return the activity with everything that its station sees; all but its own row is read again."""
    view = await staff_queries.load_view(activity, by=by, now=now)
    may = [
        *allowed_actions.of_staff(view, await reference.snapshot(), by=by, now=now),
        *await check_ins.of_staff(activity, view.attendance, by=by, now=now),
    ]
    return _serialize(view, [StaffActivityAction(action) for action in may], dependencies, now)


# Fields that are copied from the row.
SAME = (
    "id", "series_id", "title", "text", "place", "starts_at", "ends_at", "booking_opens_at", "priority_until",
    "booking_closes_at", "cancellation_until", "seats", "seats_taken", "seats_held", "max_party_size",
    "min_age", "max_age", "rule_id", "created_at", "published_at", "ended_at", "end_reason",
)  # fmt: skip


def _serialize(
    view: StaffActivityView, may: list[StaffActivityAction], dependencies: Dependencies, now: datetime
) -> StaffActivityDetail:
    activity = view.activity
    activity_phase = ActivityPhase(phase(activity, now))
    venue = activity.venue_use.venue if activity.venue_use is not None else None
    return StaffActivityDetail(
        **{name: getattr(activity, name) for name in SAME},
        phase=activity_phase,
        phase_words=PHASE_WORDS[activity_phase],
        station=station_reference(activity.station),
        category=activity.category.code,
        category_name=activity.category.name,
        area=_area(activity.area, view),
        venue_id=venue.id if venue is not None else None,
        venue_name=venue.name if venue is not None else None,
        seats_free=seats.free(activity),
        waiting_bookings=activity.waiting,
        for_areas=[_area(one, view) for one in view.for_areas],
        questions=[Question(**one) for one in activity.questions],
        posts=[staff_post(one) for one in view.posts],
        photos=photo_links(view.photos, dependencies, now),
        poster=_poster(activity, dependencies, now),
        location=location_of(activity),
        created_by=view.names[activity.created_by_id],
        published_by=view.names.get(activity.published_by_id or 0),
        allowed_actions=may,
    )


def _poster(activity: Activity, dependencies: Dependencies, now: datetime) -> str:
    path = f"/station/activities/{activity.id}/poster"
    return signed_link(path, poster_subject(activity.id), dependencies, now=now)


def poster_subject(activity_id: int) -> str:
    """Return what a link to the preview of a poster may show."""
    return f"poster:{activity_id}"


def location_of(activity: Activity) -> Location | None:
    """Return where the activity is: the station, if it takes place in one of its venues."""
    return location(activity.station) if activity.venue_use_id is not None else None


def _area(area: Area, view: StaffActivityView) -> AreaReference:
    return AreaReference(id=area.id, name=short_name(area.name), path=view.paths[area.id])


def staff_post(post: Post) -> StaffPostDetail:
    return StaffPostDetail(id=post.id, title=post.title, text=post.text, places=post.places, places_taken=post.taken)
