"""Row locks of check-ins: a shared lock on the activity, exclusive locks on the attendees.

No seat changes, so check-ins do not wait for each other. A change that ends a booking or the activity waits for them.
"""

from collections.abc import Collection

from tortoise.queryset import QuerySet

from server.database import db
from server.errors import NotFound
from server.models import Activity, ActivityStatus, Attendee


async def lock_shared(activity_id: int) -> Activity:
    """Return the activity under a shared lock: nobody changes it or its bookings meanwhile; NotFound for a draft."""
    await db.lock_shared("activity", [activity_id])
    return await get_published(activity_id)


async def get_published(activity_id: int) -> Activity:
    """Return the activity in any state after draft; raises NotFound for a draft."""
    activity = await Activity.filter(id=activity_id).exclude(status=ActivityStatus.DRAFT).first()
    if activity is None:
        raise NotFound
    return activity


async def lock_attendees(attendee_ids: Collection[int]) -> list[Attendee]:
    """Return these attendees, locked in the order of their ids, with booking, post and person."""
    db.require_transaction()
    query = Attendee.filter(id__in=sorted(set(attendee_ids)) or [0]).order_by("id").select_for_update()
    attendees = await query
    # Fetched apart: a join would lock the bookings too.
    await Attendee.fetch_for_list(attendees, "booking__post", "person")
    return attendees


async def read_unlocked(attendees: QuerySet[Attendee]) -> list[Attendee]:
    """Return these attendees with their bookings before any lock, to refuse early what cannot succeed."""
    return await attendees.order_by("id").select_related("booking")
