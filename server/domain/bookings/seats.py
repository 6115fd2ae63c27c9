"""The seats of a locked activity: free, held for who was offered one, or taken. Each change is one UPDATE.

The CHECK of the table is the last wall: what is taken and held is never more than there are.
"""

from tortoise.expressions import F

from server.database import db
from server.models import Activity, Post


def free(activity: Activity) -> int:
    """How many seats nobody has and nobody is offered."""
    return activity.seats - activity.seats_taken - activity.seats_held


async def change_counts(
    activity: Activity, *, taken: int = 0, held: int = 0, waiting: int = 0, number: int = 0
) -> None:
    """Move the counts of a locked activity by so many; `taken` and `held` in seats, `waiting` in bookings."""
    db.must_be_in_transaction()
    moved = {"seats_taken": taken, "seats_held": held, "waiting": waiting, "last_number": number}
    changes = {name: F(name) + by for name, by in moved.items() if by}
    if changes:
        await Activity.filter(id=activity.id).update(**changes)
    for name, by in moved.items():
        setattr(activity, name, getattr(activity, name) + by)


async def take_number(activity: Activity, **moved: int) -> int:
    """The next place in the order people came in, of a locked activity, with what it takes of the counts."""
    await change_counts(activity, number=1, **moved)
    return activity.last_number


async def take_post(post_id: int) -> bool:
    """Take a volunteer's place in a post; False when there is none."""
    return bool(await Post.filter(id=post_id, taken__lt=F("places")).update(taken=F("taken") + 1))


async def leave_post(post_id: int) -> None:
    await Post.filter(id=post_id).update(taken=F("taken") - 1)
