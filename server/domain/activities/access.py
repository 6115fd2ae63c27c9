"""Taking hold of an activity: its row's lock comes before any seat, and what the caller may touch is in the query."""

from server.database import db
from server.domain.staff import Staff
from server.errors import InvalidActivityState, NotAllowed, NotFound
from server.models import Activity, ActivityStatus


async def lock_activity(activity_id: int) -> Activity:
    """The activity, locked, for steps that were scoped by something else."""
    db.require_transaction()
    activity = await Activity.filter(id=activity_id).select_for_update().first()
    if activity is None:
        raise NotFound
    return activity


async def lock_for_staff(activity_id: int, staff: Staff) -> Activity:
    """The activity, locked, of a station the caller works for.

    NotAllowed for who may see it but not move it, officers; NotFound for all others.
    """
    db.require_transaction()
    of_theirs = Activity.filter(id=activity_id, station_id__in=sorted(staff.station_ids))
    activity = await of_theirs.select_for_update().first()
    if activity is None:
        known = await Activity.filter(staff.of_stations(), id=activity_id).exists()
        raise NotAllowed if known else NotFound
    return activity


def require_status(activity: Activity, status: ActivityStatus) -> None:
    """Refuse with InvalidActivityState unless this was decided of the activity."""
    if activity.status != status:
        raise InvalidActivityState(status=activity.status)


def subject_key(activity_id: int) -> str:
    """What an activity's photos belong to, and its entries in the audit trail are about."""
    return f"activity:{activity_id}"
