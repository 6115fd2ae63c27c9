"""Posts of an activity, for volunteers."""

from miniprogram_contract.activities_staff import NewPost, PostChanges, StaffPostDetail
from miniprogram_contract.base import Empty
from server.adapters.clock import Moment
from server.domain.activities import posts
from server.errors import ActivityEnded, PlacesBelowTaken, PostExists, PostInUse, TooManyPosts
from server.handlers import subjects
from server.handlers.activities.drafts import PATH
from server.handlers.activities.serializers import staff_post
from server.handlers.http import Caller, Roles, endpoint

POSTS = PATH + "/posts"
POST = POSTS + "/<post_id:int>"


@endpoint(
    "POST",
    POSTS,
    body=NewPost,
    reply=StaffPostDetail,
    subject=subjects.STATION_ACTIVITY,
    status=201,
    roles=Roles.STAFF,
    refuses=(ActivityEnded, PostExists, TooManyPosts),
)
async def create_post(activity_id: int, body: NewPost, caller: Caller, now: Moment) -> StaffPostDetail:
    """Add a post to an activity that is not over."""
    wanted = posts.NewPost(**body.model_dump())
    return staff_post(await posts.add(activity_id, wanted, by=caller.scope, now=now))


@endpoint(
    "POST",
    POST + "/changes",
    body=PostChanges,
    reply=StaffPostDetail,
    subject=subjects.STATION_ACTIVITY,
    roles=Roles.STAFF,
    refuses=(ActivityEnded, PostExists, PlacesBelowTaken),
)
async def change_post(
    activity_id: int, post_id: int, body: PostChanges, caller: Caller, now: Moment
) -> StaffPostDetail:
    """Change a post; it cannot have fewer places than volunteers have taken."""
    changes = body.model_dump(exclude_unset=True)
    return staff_post(await posts.change(activity_id, post_id, changes, by=caller.scope, now=now))


@endpoint("DELETE", POST, reply=Empty, roles=Roles.STAFF, refuses=(ActivityEnded, PostInUse))
async def delete_post(activity_id: int, post_id: int, caller: Caller, now: Moment) -> Empty:
    """Remove a post that was never taken; of others only the places can be lowered."""
    await posts.remove(activity_id, post_id, by=caller.scope, now=now)
    return Empty()
