"""Drafts of activities: create and discard."""

from typing import Any

from miniprogram_contract.activities_staff import ActivityChanges, NewActivity, StaffActivityDetail
from miniprogram_contract.base import Empty
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.domain.activities import drafts
from server.domain.activities.posts import NewPost
from server.errors import (
    ActivityNotDraft,
    CategoryNotAvailable,
    InvalidActivityPlan,
    NotFound,
    PhotoNotAvailable,
    PlaceRequired,
    RuleNotAvailable,
    StationNotOperating,
    VenueNotAvailable,
    VenueTaken,
    VenueTooSmall,
)
from server.handlers import subjects
from server.handlers.activities.serializers import staff_activity
from server.handlers.http import Caller, Roles, endpoint

PATH = "/station/activities/<activity_id:int>"
VENUE_REFUSALS = (VenueTaken, VenueTooSmall, VenueNotAvailable)
DRAFT_REFUSALS = (
    *VENUE_REFUSALS,
    InvalidActivityPlan,
    PlaceRequired,
    CategoryNotAvailable,
    RuleNotAvailable,
    PhotoNotAvailable,
)


@endpoint(
    "POST",
    "/station/activities",
    body=NewActivity,
    reply=StaffActivityDetail,
    subject=subjects.STATION_ACTIVITY,
    status=201,
    roles=Roles.STAFF,
    refuses=(*DRAFT_REFUSALS, StationNotOperating, NotFound),
)
async def create_activity(
    body: NewActivity, caller: Caller, dependencies: Dependencies, now: Moment
) -> StaffActivityDetail:
    """Create a draft at an operating station of the caller; its venue is reserved at once."""
    fields = fields_of(body) | {"posts": [NewPost(**post.model_dump()) for post in body.posts]}
    made = await drafts.create(fields.pop("station_id"), fields, by=caller.scope, now=now)
    return await staff_activity(made, caller.scope, dependencies, now)


def fields_of(body: NewActivity | ActivityChanges) -> dict[str, Any]:
    """Return the given fields as the table stores them, with the kind of a question as a plain string."""
    fields = body.model_dump(exclude_unset=isinstance(body, ActivityChanges))
    for question in fields.get("questions", ()):
        question["kind"] = question["kind"].value
    return fields


@endpoint(
    "POST", PATH + "/discarding", reply=Empty, subject=subjects.OUTCOME, roles=Roles.STAFF, refuses=(ActivityNotDraft,)
)
async def discard_draft(activity_id: int, caller: Caller, now: Moment) -> Empty:
    """Delete a draft and release its venue."""
    await drafts.discard(activity_id, by=caller.scope, now=now)
    return Empty()
