"""Volunteers of a closed station move to the station that is now responsible for their home."""

from datetime import datetime

from server.database import db
from server.domain import stations
from server.domain.volunteers import access, applications, membership
from server.domain.volunteers.notifications import (
    VOLUNTEER_ARRIVED,
    VOLUNTEER_MOVED,
    notify_station,
    notify_volunteer,
)
from server.domain.volunteers.transitions import S
from server.models import Person, StationStatus, Volunteer

MOVING_STATUSES = (S.APPLIED, S.APPROVED, S.BANNED)


async def move_from_closed_station(station_id: int, *, now: datetime) -> int:
    """Move all volunteers of the closed station, each in a transaction of its own; return how many."""
    people = await Volunteer.filter(station_id=station_id, status__in=MOVING_STATUSES).order_by("id").only("person_id")
    return sum([await _move_volunteer(one.person_id, station_id, now=now) for one in people])


@db.transaction
async def _move_volunteer(person_id: int, station_id: int, *, now: datetime) -> bool:
    new_station_id = await _new_station_id(person_id, now)  # it locks the set-up, which comes before the volunteer
    volunteer = await access.lock_own(person_id)
    closed = (await stations.get(station_id)).status == StationStatus.CLOSED
    if not closed or volunteer.station_id != station_id or volunteer.status not in MOVING_STATUSES:
        return False
    was_approved = volunteer.status == S.APPROVED
    # Their teams belonged to the closed station.
    await membership.end(volunteer, by=None, now=now)
    volunteer.station_id = new_station_id
    await Volunteer.filter(id=volunteer.id).update(station_id=volunteer.station_id)
    if was_approved:
        await membership.begin(volunteer, by=None, now=now)
    await notify_volunteer(volunteer, VOLUNTEER_MOVED, now=now)
    await notify_station(volunteer, VOLUNTEER_ARRIVED, now=now)
    return True


async def _new_station_id(person_id: int, now: datetime) -> int:
    person = await Person.get(id=person_id)
    if person.home_id is None:
        return (await stations.city_desk()).id
    return await applications.get_responsible_station_id(person, now)
