"""Posts of an activity: what volunteers do there, and how many; never fewer places than are taken."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit
from server.domain.activities import access
from server.domain.activities.access import subject_key
from server.domain.staff import Staff
from server.errors import ActivityEnded, NotFound, PlacesBelowTaken, PostExists, PostInUse, TooManyPosts
from server.models import Activity, ActivityStatus, Booking, Post

MOST = 20
# Posts are added, changed and removed in these states.
OPEN = frozenset({ActivityStatus.DRAFT, ActivityStatus.PUBLISHED})


@dataclass(frozen=True)
class NewPost:
    """A post to create."""

    title: str
    places: int
    text: str = ""


@db.transaction
async def add(activity_id: int, new: NewPost, *, by: Staff, now: datetime) -> Post:
    """Add a post to an activity that is not over; raises ActivityEnded, PostExists for a title it has, TooManyPosts."""
    await _lock_activity(activity_id, by)
    await _require_new_title(activity_id, new.title)
    if await Post.filter(activity_id=activity_id).count() >= MOST:
        raise TooManyPosts(limit=MOST)
    post = await Post.create(activity_id=activity_id, **asdict(new))
    facts = {"post": post.id, "places": post.places}
    await audit.note("activity.post_added", subject_key(activity_id), by=by.person_id, now=now, **facts)
    return post


async def _lock_activity(activity_id: int, by: Staff) -> Activity:
    activity = await access.lock_for_staff(activity_id, by)
    if activity.status not in OPEN:
        raise ActivityEnded(status=activity.status)
    return activity


async def _require_new_title(activity_id: int, title: str, *, but: int = 0) -> None:
    if await Post.filter(activity_id=activity_id, title=title).exclude(id=but).exists():
        raise PostExists


@db.transaction
async def change(activity_id: int, post_id: int, changes: dict[str, Any], *, by: Staff, now: datetime) -> Post:
    """Change a post's title, text or places; raises PlacesBelowTaken if volunteers have more places, PostExists."""
    await _lock_activity(activity_id, by)
    post = await _lock_post(activity_id, post_id)
    await _require_new_title(activity_id, changes.get("title", post.title), but=post_id)
    if changes.get("places", post.places) < post.taken:
        raise PlacesBelowTaken(minimum=post.taken)
    if changes:
        await Post.filter(id=post_id).update(**changes)
    facts = {"post": post_id, **changes}
    await audit.note("activity.post_changed", subject_key(activity_id), by=by.person_id, now=now, **facts)
    return post.update_from_dict(changes)


async def _lock_post(activity_id: int, post_id: int) -> Post:
    post = await Post.filter(id=post_id, activity_id=activity_id).select_for_update().first()
    if post is None:
        raise NotFound(kind="post", ids=[post_id])
    return post


@db.transaction
async def remove(activity_id: int, post_id: int, *, by: Staff, now: datetime) -> None:
    """Remove a post that was never taken; raises PostInUse if it ever was."""
    await _lock_activity(activity_id, by)
    post = await _lock_post(activity_id, post_id)
    if await Booking.exists(post_id=post_id):
        raise PostInUse
    await post.delete()
    facts = {"post": post_id, "title": post.title}
    await audit.note("activity.post_removed", subject_key(activity_id), by=by.person_id, now=now, **facts)
