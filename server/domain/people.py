"""People for whom staff enter requests: known by an earlier need at the station, never found by browsing."""

from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Need, Person


async def known_to_station(person_id: int, staff: Staff) -> Person:
    """Return the person if they have had a need at one of the caller's stations. Raises `NotFound` for all others."""
    if not await Need.filter(person_id=person_id, station_id__in=sorted(staff.station_ids)).exists():
        raise NotFound(kind="person", ids=[person_id])
    return await Person.get(id=person_id)
