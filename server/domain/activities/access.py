"""Row locks, access checks and the key of activities. The activity is locked before any seat."""

from collections.abc import Mapping
from typing import Any

from server.database import db
from server.domain.staff import Staff
from server.errors import InvalidActivityState, NotAllowed, NotFound
from server.models import Activity, ActivityStatus

# A column of a query on `activity`, read with `eligible_area_ids`: the areas whose residents it is for.
ELIGIBLE_AREA_IDS = "(SELECT GROUP_CONCAT(area_id) FROM activity_area WHERE activity_id = activity.id) area_ids"


async def lock_activity(activity_id: int) -> Activity:
    """Return the activity, locked; the caller has checked access."""
    db.require_transaction()
    activity = await Activity.filter(id=activity_id).select_for_update().first()
    if activity is None:
        raise NotFound
    return activity


async def lock_for_staff(activity_id: int, staff: Staff) -> Activity:
    """Return the activity, locked, if the caller works for its station.

    Raises NotAllowed for officers of the station, NotFound for everybody else.
    """
    db.require_transaction()
    of_theirs = Activity.filter(id=activity_id, station_id__in=sorted(staff.station_ids))
    activity = await of_theirs.select_for_update().first()
    if activity is None:
        known = await Activity.filter(staff.of_stations(), id=activity_id).exists()
        raise NotAllowed if known else NotFound
    return activity


def require_status(activity: Activity, status: ActivityStatus) -> None:
    """Raise InvalidActivityState unless the activity has this status."""
    if activity.status != status:
        raise InvalidActivityState(status=activity.status)


def eligible_area_ids(row: Mapping[str, Any]) -> frozenset[int]:
    """Return the areas of a row with `ELIGIBLE_AREA_IDS`; empty if the activity is for everybody."""
    return frozenset(int(one) for one in row["area_ids"].split(",")) if row["area_ids"] else frozenset()


def subject_key(activity_id: int) -> str:
    """Return the key of an activity, under which photos and audit entries are stored."""
    return f"activity:{activity_id}"
