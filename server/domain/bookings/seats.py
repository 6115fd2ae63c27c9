"""Seats of a locked activity: free, held for an offer, or taken. Each change is one UPDATE.

A CHECK constraint is the last safeguard: seats taken and held are never more than the activity has.
"""

from tortoise.expressions import F

from server.database import db
from server.models import Activity, Post


def free(activity: Activity) -> int:
    """Return the number of seats that are neither taken nor held."""
    return activity.seats - activity.seats_taken - activity.seats_held


async def change_counts(
    activity: Activity, *, taken: int = 0, held: int = 0, waiting: int = 0, number: int = 0
) -> None:
    """Change the counts of a locked activity; `taken` and `held` are seats, `waiting` is bookings."""
    db.require_transaction()
    moved = {"seats_taken": taken, "seats_held": held, "waiting": waiting, "last_number": number}
    changes = {name: F(name) + by for name, by in moved.items() if by}
    if changes:
        await Activity.filter(id=activity.id).update(**changes)
    for name, by in moved.items():
        setattr(activity, name, getattr(activity, name) + by)


async def take_number(activity: Activity, **moved: int) -> int:
    """Return the next booking number of a locked activity, and change its other counts with it."""
    await change_counts(activity, number=1, **moved)
    return activity.last_number


async def take_post(post_id: int) -> bool:
    """Take a volunteer's place in a post; return False if none is left."""
    return bool(await Post.filter(id=post_id, taken__lt=F("places")).update(taken=F("taken") + 1))


async def leave_post(post_id: int) -> None:
    await Post.filter(id=post_id).update(taken=F("taken") - 1)
