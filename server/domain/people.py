"""People whom staff enter things for: found by an earlier need at the station, never by browsing."""

from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Need, Person


async def known_to_station(person_id: int, staff: Staff) -> Person:
    """A person who has had a need at one of the caller's stations; nobody else's file can be reached by an id."""
    if not await Need.filter(person_id=person_id, station_id__in=sorted(staff.station_ids)).exists():
        raise NotFound(kind="person", ids=[person_id])
    return await Person.get(id=person_id)
