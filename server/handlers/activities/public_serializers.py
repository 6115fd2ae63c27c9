"""Activities as the public reads them, as contract types."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from miniprogram_contract.activities import (
    ActivityDetail,
    ActivityRow,
    ActivitySummary,
    PostSummary,
    SeriesDate,
    SeriesSummary,
)
from miniprogram_contract.activities_staff import PHASE_WORDS, ActivityPhase, Question
from miniprogram_contract.areas import AreaReference
from server.adapters import Dependencies
from server.domain.activities.phases import phase
from server.domain.activities.public_queries import ActivityPage
from server.domain.activities.staff_queries import PostPlaces
from server.domain.areas import short_name
from server.domain.bookings import seats
from server.handlers.activities.serializers import location_of
from server.handlers.http.signed_links import absolute
from server.handlers.needs.serializers import station_reference
from server.handlers.photos.links import photo_links
from server.models import Activity, ActivitySeries, Area, Photo, Post

# Fields that are copied from the row.
SAME = ("id", "title", "place", "starts_at", "ends_at", "booking_opens_at", "seats")
SAME_ON_PAGE = (
    "text",
    "priority_until",
    "booking_closes_at",
    "cancellation_until",
    "min_age",
    "max_age",
    "end_reason",
)


def activity_summary(
    activity: Activity, cover: Photo | None, dependencies: Dependencies, now: datetime
) -> ActivitySummary:
    [photo] = photo_links([cover], dependencies, now) if cover is not None else [None]
    return ActivitySummary(**_row(activity, now), photo=photo)


def _row(activity: Activity, now: datetime) -> dict[str, Any]:
    activity_phase = ActivityPhase(phase(activity, now))
    return {name: getattr(activity, name) for name in SAME} | {
        "phase": activity_phase,
        "phase_words": PHASE_WORDS[activity_phase],
        "category": activity.category.code,
        "category_name": activity.category.name,
        "station": station_reference(activity.station),
        "area": short_name(activity.area.name),
        "seats_free": seats.free(activity),
        "waiting_bookings": activity.waiting,
        "may_have_to_wait": seats.free(activity) <= 0 or activity.waiting > 0,
        "series": _series(activity.series),
    }


def _series(series: ActivitySeries | None) -> SeriesSummary | None:
    if series is None:
        return None
    weeks = series.every_weeks
    return SeriesSummary(id=series.id, every_weeks=weeks, words="每周一次" if weeks == 1 else f"每{weeks}周一次")


def activity_row(activity: Activity, places: PostPlaces, now: datetime) -> ActivityRow:
    return ActivityRow(
        **_row(activity, now),
        seats_taken=activity.seats_taken,
        seats_held=activity.seats_held,
        post_places=places.places,
        post_places_taken=places.taken,
    )


def activity_detail(page: ActivityPage, dependencies: Dependencies, now: datetime) -> ActivityDetail:
    activity = page.activity
    return ActivityDetail(
        **_row(activity, now),
        **{name: getattr(activity, name) for name in SAME_ON_PAGE},
        max_party_size=min(activity.max_party_size, activity.seats),
        area_reference=_area(activity.area, page),
        for_areas=[_area(one, page) for one in page.for_areas],
        questions=[Question(**one) for one in activity.questions],
        posts=[_post(one) for one in page.posts],
        photos=photo_links(page.photos, dependencies, now),
        poster=absolute(f"/activities/{activity.id}/poster", dependencies),
        location=location_of(activity),
        other_dates=_dates(page.other_dates),
    )


def _area(area: Area, page: ActivityPage) -> AreaReference:
    return AreaReference(id=area.id, name=short_name(area.name), path=page.paths[area.id])


def _post(post: Post) -> PostSummary:
    return PostSummary(
        id=post.id, title=post.title, text=post.text, places=post.places, places_free=post.places - post.taken
    )


def _dates(others: Sequence[Activity]) -> list[SeriesDate]:
    return [SeriesDate(id=one.id, starts_at=one.starts_at) for one in others]
