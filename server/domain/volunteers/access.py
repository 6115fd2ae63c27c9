"""Taking hold of a volunteer: the lock comes first, and what the caller may touch is in the query."""

from datetime import datetime

from server.database import db
from server.domain import households
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnVolunteering, VolunteerRequired
from server.models import Volunteer, VolunteerStatus


async def hold_approved(person_id: int) -> Volunteer:
    """The person as a volunteer, who stays one until the transaction ends; VolunteerRequired unless approved."""
    db.require_transaction()
    volunteer = await Volunteer.filter(person_id=person_id).select_for_update().first()
    if volunteer is None or volunteer.status != VolunteerStatus.APPROVED:
        raise VolunteerRequired
    return volunteer


async def own(person_id: int) -> Volunteer:
    """The person's own row, locked; NotFound for who never applied."""
    db.require_transaction()
    volunteer = await Volunteer.filter(person_id=person_id).select_for_update().first()
    if volunteer is None:
        raise NotFound
    return volunteer


async def by_station(volunteer_id: int, by: Staff) -> Volunteer:
    """The volunteer, locked, of a station the caller works for; NotAllowed for its officers, NotFound for others."""
    db.require_transaction()
    of_theirs = Volunteer.filter(id=volunteer_id, station_id__in=sorted(by.station_ids))
    volunteer = await of_theirs.select_for_update().first()
    if volunteer is None:
        known = await Volunteer.filter(by.of_stations(), id=volunteer_id).exists()
        raise NotAllowed if known else NotFound
    return volunteer


async def must_not_be_near(volunteer: Volunteer, person_id: int, *, now: datetime) -> None:
    """Four eyes: nobody decides on themselves or on who lives or just lived with them."""
    if await households.near(volunteer.person_id, person_id, now=now):
        raise OwnVolunteering
