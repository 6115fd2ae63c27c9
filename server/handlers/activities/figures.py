"""Statistics and comments of activities."""

from typing import Any

from miniprogram_contract.base import IdPageQuery, Page
from miniprogram_contract.satisfaction import TAG_WORDS, Comment, RatingTag, TagCount
from miniprogram_contract.satisfaction_activities import (
    ActivityRatingStatistics,
    ActivityStatistics,
    ActivityStatisticsFilter,
    StationActivityStatistics,
)
from server.adapters.clock import Moment
from server.domain import working_time
from server.domain.satisfaction import activity_figures
from server.domain.satisfaction.activity_figures import ActivityFigures
from server.domain.satisfaction.figures import span_of_days
from server.errors import NotFound
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.needs.serializers import station_reference
from server.handlers.tag_labels import tag_labels
from server.models import ActivityRating

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
    """Return an activity's bookings, attendance, no-shows, volunteer minutes and ratings."""
    found = await activity_figures.get_for_activity(activity_id, by=caller.scope)
    return ActivityStatistics(activity_id=activity_id, **_attendance(found), rating=_rating(found))


@endpoint(
    "GET",
    "/station/activities/<activity_id:int>/comments",
    query=IdPageQuery,
    reply=Page[Comment],
    roles=Roles.STAFF,
)
async def list_activity_comments(activity_id: int, query: IdPageQuery, caller: Caller) -> Page[Comment]:
    """Return the comments on an activity without names, newest first; none while there are too few ratings."""
    found = await activity_figures.list_comments(
        activity_id, after=query.after or 0, limit=query.limit, by=caller.scope
    )
    following = str(found[-1].id) if len(found) == query.limit else None
    return Page[Comment](items=[_comment(one) for one in found], next=following)


def _comment(one: ActivityRating) -> Comment:
    month = one.rated_at.astimezone(working_time.SHANGHAI).strftime("%Y-%m")
    return Comment(stars=one.stars, tags=tag_labels(one.tags), comment=one.comment, month=month)


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
    """Return activities of the caller's stations or county with their statistics, by the day on which they began."""
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
            rating=_rating(one),
        )
        for station, one in found
    ]
    return Page[StationActivityStatistics](items=items, next=following)


def _attendance(one: ActivityFigures) -> dict[str, Any]:
    counted = {name: getattr(one.counts, name) for name in SAME}
    return counted | {"fill_percent": one.fill_percent, "no_show_percent": one.no_show_percent}


def _rating(one: ActivityFigures) -> ActivityRatingStatistics:
    averages = one.averages
    return ActivityRatingStatistics(
        eligible_raters=one.counts.eligible_raters,
        ratings=one.counts.ratings,
        response_percent=one.response_percent,
        min_ratings=one.min_ratings,
        average=averages.average if averages else None,
        distribution=averages.distribution if averages else None,
        tags=[_tag(RatingTag(tag), count) for tag, count in averages.tags] if averages else None,
    )


def _tag(tag: RatingTag, count: int) -> TagCount:
    return TagCount(tag=tag, words=TAG_WORDS[tag], count=count)
