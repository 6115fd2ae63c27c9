"""Seats of a locked activity: free, held for an offer, or taken. Each change is one UPDATE that travels with others.

A CHECK constraint is the last safeguard: seats taken and held are never more than the activity has.
"""

from tortoise.expressions import F

from server.database import db
from server.models import Activity, Post


def free(activity: Activity) -> int:
    """Return the number of seats that are neither taken nor held."""
    return activity.seats - activity.seats_taken - activity.seats_held


_CHANGE = """
UPDATE activity SET seats_taken = seats_taken + ?, seats_held = seats_held + ?, waiting = waiting + ?,
 last_number = last_number + ? WHERE id = ?
"""


def counts_statement(
    activity: Activity, *, taken: int = 0, held: int = 0, waiting: int = 0, number: int = 0
) -> db.Statement:
    """Change the counts of a locked activity, and return the statement that writes this.

    `taken` and `held` are seats, `waiting` is bookings.
    """
    db.require_transaction()
    activity.seats_taken += taken
    activity.seats_held += held
    activity.waiting += waiting
    activity.last_number += number
    return db.statement(_CHANGE, taken, held, waiting, number, activity.id)


async def take_post(post_id: int) -> bool:
    """Take a volunteer's place in a post; return False if none is left."""
    return bool(await Post.filter(id=post_id, taken__lt=F("places")).update(taken=F("taken") + 1))


def leave_post_statement(post_id: int) -> db.Statement:
    """Return the statement that frees a place in a post."""
    return db.statement("UPDATE post SET taken = taken - 1 WHERE id = ?", post_id)
