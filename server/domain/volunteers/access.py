"""Locks on a volunteer: the lock comes first, and the query decides whether the caller may touch the volunteer."""

from datetime import datetime

from server.database import db
from server.domain import households
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnVolunteering, VolunteerRequired
from server.models import Volunteer, VolunteerStatus


async def lock_approved(person_id: int) -> Volunteer:
    """Return the approved volunteer, locked, so that they stay one until the transaction ends, else
    `VolunteerRequired`.
    """
    db.require_transaction()
    volunteer = await Volunteer.filter(person_id=person_id).select_for_update().first()
    if volunteer is None or volunteer.status != VolunteerStatus.APPROVED:
        raise VolunteerRequired
    return volunteer


async def lock_own(person_id: int) -> Volunteer:
    """Return the person's own row, locked. Raises `NotFound` if they never applied."""
    db.require_transaction()
    volunteer = await Volunteer.filter(person_id=person_id).select_for_update().first()
    if volunteer is None:
        raise NotFound
    return volunteer


async def lock_for_station(volunteer_id: int, by: Staff) -> Volunteer:
    """Return a volunteer, locked, of a station that the caller works for.

    Raises `NotAllowed` for the station's officers, and `NotFound` for everyone else.
    """
    db.require_transaction()
    of_theirs = Volunteer.filter(id=volunteer_id, station_id__in=sorted(by.station_ids))
    volunteer = await of_theirs.select_for_update().first()
    if volunteer is None:
        known = await Volunteer.filter(by.of_stations(), id=volunteer_id).exists()
        raise NotAllowed if known else NotFound
    return volunteer


async def require_independent(volunteer: Volunteer, person_id: int, *, now: datetime) -> None:
    """Refuse decisions about themselves, or about a person who shares or just shared the household (four eyes)."""
    if await households.near(volunteer.person_id, person_id, now=now):
        raise OwnVolunteering
