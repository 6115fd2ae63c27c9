"""Publish, change, cancel and finish an activity."""

from miniprogram_contract.activities_staff import ActivityCancellation, ActivityChanges, StaffActivityDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.activities import cancel_and_finish, changes, publication
from server.errors import (
    ActivityBegun,
    ActivityEnded,
    ActivityPublished,
    ActivityTooEarly,
    AttendanceOpen,
    InvalidActivityPlan,
    InvalidActivityState,
    SeatsBelowBooked,
    SeatsOrPostsRequired,
    StationNotOperating,
    VolunteersCheckedIn,
)
from server.handlers import subjects
from server.handlers.activities.drafts import DRAFT_REFUSALS, PATH, fields_of
from server.handlers.activities.serializers import staff_activity
from server.handlers.http import Caller, Roles, endpoint


@endpoint(
    "POST",
    PATH + "/publication",
    reply=StaffActivityDetail,
    subject=subjects.STATION_ACTIVITY,
    roles=Roles.STAFF,
    refuses=(InvalidActivityState, StationNotOperating, InvalidActivityPlan, SeatsOrPostsRequired),
)
async def publish_activity(
    activity_id: int, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffActivityDetail:
    """Publish a draft of an operating station: everybody sees it from now on."""
    published = await publication.publish(activity_id, by=caller.scope, now=now)
    return await staff_activity(published, caller.scope, dependencies, now)


@endpoint(
    "POST",
    PATH + "/changes",
    body=ActivityChanges,
    reply=StaffActivityDetail,
    subject=subjects.STATION_ACTIVITY,
    roles=Roles.STAFF,
    refuses=(
        *DRAFT_REFUSALS,
        ActivityPublished,
        InvalidActivityState,
        ActivityBegun,
        ActivityEnded,
        SeatsBelowBooked,
        SeatsOrPostsRequired,
    ),
)
async def change_activity(
    activity_id: int, body: ActivityChanges, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffActivityDetail:
    """Change a draft or a published activity; booked and waiting people are notified of a new time or place."""
    changed = await changes.change(activity_id, fields_of(body), by=caller.scope, now=now)
    return await staff_activity(changed, caller.scope, dependencies, now)


@endpoint(
    "POST",
    PATH + "/cancellation",
    body=ActivityCancellation,
    reply=StaffActivityDetail,
    subject=subjects.STATION_ACTIVITY,
    roles=Roles.STAFF,
    refuses=(InvalidActivityState, VolunteersCheckedIn),
)
async def cancel_activity(
    activity_id: int, body: ActivityCancellation, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffActivityDetail:
    """Cancel a published activity, even if it has begun; booked and waiting people are notified of the reason."""
    cancelled = await cancel_and_finish.cancel(activity_id, reason=body.reason, by=caller.scope, now=now)
    return await staff_activity(cancelled, caller.scope, dependencies, now)


@endpoint(
    "POST",
    PATH + "/finish",
    reply=StaffActivityDetail,
    subject=subjects.STATION_ACTIVITY,
    roles=Roles.STAFF,
    refuses=(InvalidActivityState, ActivityTooEarly, AttendanceOpen),
)
async def finish_activity(
    activity_id: int, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffActivityDetail:
    """Finish an activity that has begun; before its end only if everybody booked has checked in."""
    finished = await cancel_and_finish.finish(activity_id, by=caller.scope, now=now)
    return await staff_activity(finished, caller.scope, dependencies, now)
