"""Taking hold of who checks in or out: the activity is shared, the rows of who sits there are locked.

No seat changes, so check-ins do not wait for each other; whatever ends a booking or the activity waits for them.
"""

from collections.abc import Collection

from tortoise.queryset import QuerySet

from server.database import db
from server.errors import NotFound
from server.models import Activity, ActivityStatus, Attendee


async def lock_shared(activity_id: int) -> Activity:
    """The activity, which nobody changes until the transaction ends, nor any booking of it; NotFound for a draft."""
    await db.share("activity", [activity_id])
    return await get_published(activity_id)


async def get_published(activity_id: int) -> Activity:
    """The activity, whatever became of it since; NotFound for a draft."""
    activity = await Activity.filter(id=activity_id).exclude(status=ActivityStatus.DRAFT).first()
    if activity is None:
        raise NotFound
    return activity


async def lock_attendees(attendee_ids: Collection[int]) -> list[Attendee]:
    """These rows, locked in the order of their ids, with booking, post and person."""
    db.must_be_in_transaction()
    query = Attendee.filter(id__in=sorted(set(attendee_ids)) or [0]).order_by("id").select_for_update()
    attendees = await query
    # Read apart: a join would lock the bookings as well.
    await Attendee.fetch_for_list(attendees, "booking__post", "person")
    return attendees


async def read_unlocked(attendees: QuerySet[Attendee]) -> list[Attendee]:
    """These rows as they are before anything is locked, with their bookings: to refuse at once what cannot be."""
    return await attendees.order_by("id").select_related("booking")
