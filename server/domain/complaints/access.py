"""Access to complaints: who answers one, and who never learns of it."""

from collections.abc import Collection

from tortoise.expressions import Q

from server.database import db
from server.domain import reference, staff, stations
from server.domain.staff import Staff, StationStaff
from server.errors import NotFound
from server.models import Complaint, ComplaintStatus, Station

UNANSWERED = (ComplaintStatus.FILED, ComplaintStatus.APPEALED)


async def answerable_by(by: Staff) -> Q:
    """Return the condition for complaints to stations that the caller heads; city officers head the city desk.

    Nobody answers, or reads as staff, their own complaint or one about a station at which they work.
    """
    heads = Q(decider_id__in=await stations.headed_by(by))
    return heads & ~Q(station_id__in=sorted(by.works_at) or [0]) & ~Q(person_id=by.person_id)


async def lock_for_answer(complaint_id: int, by: Staff) -> Complaint:
    """Lock a complaint that the caller may answer. Raises `NotFound` for others."""
    found = await Complaint.filter(await answerable_by(by), id=complaint_id).select_for_update().first()
    if found is None:
        raise NotFound
    return found


async def lock_own(complaint_id: int, person_id: int) -> Complaint:
    """Lock a complaint of the person. Raises `NotFound` for others."""
    db.require_transaction()
    found = await Complaint.filter(id=complaint_id, person_id=person_id).select_for_update().first()
    if found is None:
        raise NotFound
    return found


async def choose_decider(above: Station, *, about: Station, besides: Collection[int]) -> tuple[Station, StationStaff]:
    """Return the nearest station above, with its people, where a head may answer: never who works at `about`.

    `besides`: people who do not answer either. Without such a station it is the city desk.
    """
    own = set((await staff.of_station(about.id)).workers) | set(besides)
    for one in (await reference.snapshot()).all_above(above):
        people = await staff.of_station(one.id)
        if set(people.heading) - own:
            return one, people
    desk = await stations.city_desk()
    return desk, await staff.of_station(desk.id)


def heads_of(people: StationStaff) -> set[int]:
    """Return those who are notified of a complaint to the station: its heads, else the officers above it."""
    return {*(people.heading or people.officers)}
