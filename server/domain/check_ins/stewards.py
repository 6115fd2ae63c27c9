"""Stewards: staff of the station, and volunteers with a post while the activity is on."""

from datetime import datetime

from server.domain import staff
from server.domain.check_ins import access
from server.domain.check_ins.eligibility import SEATED
from server.domain.check_ins.hours import CheckInHours, require_begun, require_not_over
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound
from server.models import Activity, Attendee, Volunteer, VolunteerStatus


async def get_for_staff(activity_id: int, by: Staff) -> Activity:
    """Return the activity if the caller works for its station; raises NotAllowed for officers, NotFound for others."""
    activity = await access.get_published(activity_id)
    if activity.station_id not in by.station_ids:
        raise await _refusal(activity, by)
    return activity


async def _refusal(activity: Activity, scope: Staff) -> NotAllowed | NotFound:
    known = await Activity.filter(scope.of_stations(), id=activity.id).exists()
    return NotAllowed() if known else NotFound()


async def require_steward(activity: Activity, hours: CheckInHours, person_id: int, now: datetime) -> None:
    """Raise unless the person acts for the station, or is a volunteer from check-in until a day after the end.

    Raises CheckInNotOpen and ActivityOver for volunteers outside that time, NotAllowed for officers, NotFound for all
    others.
    """
    if await staff.works_for(person_id, activity.station_id):
        return
    if not await _has_post(activity, person_id):
        scope = await staff.of_person(person_id)
        if activity.station_id in scope.stands_in_for:
            return
        raise await _refusal(activity, scope)
    require_begun(hours, now)
    require_not_over(activity, hours.until, now)


async def require_staff_or_post(activity_id: int, person_id: int) -> None:
    """Raise `NotFound` unless the person acts for the activity's station, or is a volunteer with a post there."""
    activity = await access.get_published(activity_id)
    station_id = activity.station_id
    if await staff.works_for(person_id, station_id) or await _has_post(activity, person_id):
        return
    if not await staff.stands_in(person_id, station_id):
        raise NotFound


async def _has_post(activity: Activity, person_id: int) -> bool:
    there = Attendee.filter(activity_id=activity.id, person_id=person_id, current=1)
    if not await there.filter(booking__post_id__not_isnull=True, booking__status__in=SEATED).exists():
        return False
    # A volunteer who was banned after taking the post gets no list.
    return await Volunteer.filter(person_id=person_id, status=VolunteerStatus.APPROVED).exists()
