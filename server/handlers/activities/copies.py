"""Copies and series of an activity."""

from miniprogram_contract.activities_series import (
    ActivityCopy,
    NewActivityCopy,
    NewSeries,
    OmittedPart,
    SeriesActivity,
    SeriesDetail,
)
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.activities import copies, series
from server.domain.activities.series import Recurrence
from server.errors import (
    ActivityInSeries,
    CategoryNotAvailable,
    InvalidActivityPlan,
    SeriesEmpty,
    SeriesTooLong,
    StationNotOperating,
)
from server.handlers import subjects
from server.handlers.activities.drafts import PATH, VENUE_REFUSALS
from server.handlers.activities.serializers import staff_activity
from server.handlers.http import Caller, Roles, endpoint

COPY_REFUSALS = (*VENUE_REFUSALS, InvalidActivityPlan, CategoryNotAvailable, StationNotOperating)


@endpoint(
    "POST",
    PATH + "/copy",
    body=NewActivityCopy,
    reply=ActivityCopy,
    subject=subjects.STATION_ACTIVITY,
    status=201,
    roles=Roles.STAFF,
    refuses=COPY_REFUSALS,
)
async def copy_activity(
    activity_id: int, body: NewActivityCopy, caller: Caller, dependencies: Dependencies, now: Moment
) -> ActivityCopy:
    """Create a draft like this activity at another time: all its times move along, photos are not copied."""
    copied = await copies.copy(activity_id, body.starts_at, with_venue=body.with_venue, by=caller.scope, now=now)
    omitted_parts = [OmittedPart(one) for one in copied.left_out]
    activity = await staff_activity(copied.activity, caller.scope, dependencies, now)
    return ActivityCopy(activity=activity, omitted_parts=omitted_parts)


@endpoint(
    "POST",
    PATH + "/series",
    body=NewSeries,
    reply=SeriesDetail,
    subject=subjects.STATION_ACTIVITY,
    status=201,
    roles=Roles.STAFF,
    refuses=(*COPY_REFUSALS, ActivityInSeries, SeriesEmpty, SeriesTooLong),
)
async def create_activity_series(activity_id: int, body: NewSeries, caller: Caller, now: Moment) -> SeriesDetail:
    """Create drafts like this activity, repeated every so many weeks: all get the venue, or none does."""
    made = await series.create(activity_id, Recurrence(**body.model_dump()), by=caller.scope, now=now)
    return SeriesDetail(
        id=made.series.id,
        every_weeks=made.series.every_weeks,
        activities=[SeriesActivity(id=one.id, starts_at=one.starts_at, ends_at=one.ends_at) for one in made.activities],
        skipped_days=list(made.skipped),
        omitted_parts=[OmittedPart(one) for one in made.left_out],
    )
