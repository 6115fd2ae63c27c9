"""Statistics and comments of activities."""

from typing import Any

from miniprogram_contract.base import IdPageQuery, Page
from miniprogram_contract.satisfaction import Comment
from miniprogram_contract.satisfaction_activities import (
    ActivityStatistics,
    ActivityStatisticsFilter,
    StationActivityStatistics,
)
from server.adapters.clock import Moment
from server.domain.satisfaction import activity_figures
from server.domain.satisfaction.activity_figures import ActivityFigures, span_of_days
from server.errors import NotFound
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.serializers import station_reference
from server.handlers.rating_figures import activity_ratings

# Fields that are copied as they were counted.
SAME = (
    "seats",
    "booked",
    "waitlisted",
    "attended",
    "no_shows",
    "late_cancellations",
    "volunteers",
    "volunteer_minutes",
)


@endpoint("GET", "/station/activities/<activity_id:int>/statistics", reply=ActivityStatistics, roles=Roles.STAFF)
async def get_activity_statistics(activity_id: int, caller: Caller) -> ActivityStatistics:
    """Return an activity's bookings, attendance, no-shows, volunteer minutes, and later its ratings."""
    found = await activity_figures.get_for_activity(activity_id, by=caller.scope)
    rating = found.ratings and activity_ratings(found.ratings, found.ratings.eligible_raters)
    attendance = _attendance(found.attendance)
    return ActivityStatistics(activity_id=activity_id, **attendance, rating=rating, ratings_from=found.ratings_from)


@endpoint(
    "GET",
    "/station/activities/<activity_id:int>/comments",
    query=IdPageQuery,
    reply=Page[Comment],
    roles=Roles.STAFF,
)
async def list_activity_comments(activity_id: int, query: IdPageQuery, caller: Caller) -> Page[Comment]:
    """Return the comments on an activity in no order, without names or stars; none before its ratings are shown."""
    month, found = await activity_figures.list_comments(
        activity_id, after=query.after or 0, limit=query.limit, by=caller.scope
    )
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[Comment](items=[Comment(comment=one.comment, month=month) for one in found], next=following)


@endpoint(
    "GET",
    "/station/activity-statistics",
    query=ActivityStatisticsFilter,
    reply=Page[StationActivityStatistics],
    roles=Roles.STAFF,
    refuses=(NotFound,),
)
async def list_activity_statistics(
    query: ActivityStatisticsFilter, caller: Caller, now: Moment
) -> Page[StationActivityStatistics]:
    """Return activities of the caller's stations or county with their attendance, by the day on which they began."""
    found = await activity_figures.list_for_stations(
        span_of_days(query.from_day, query.until_day, now),
        station_id=query.station,
        after=query.after or 0,
        limit=query.limit,
        by=caller.scope,
    )
    following = str(found[-1][0].id) if len(found) == query.limit else None
    items = [
        StationActivityStatistics(
            station=station_reference(station),
            activities_held=one.counts.held,
            activities_cancelled=one.counts.cancelled,
            **_attendance(one),
        )
        for station, one in found
    ]
    return Page[StationActivityStatistics](items=items, next=following)


def _attendance(one: ActivityFigures) -> dict[str, Any]:
    counted = {name: getattr(one.counts, name) for name in SAME}
    return counted | {"fill_percent": one.fill_percent, "no_show_percent": one.no_show_percent}
