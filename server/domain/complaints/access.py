"""Access to complaints: who answers one, and who never learns of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tortoise.expressions import Q, Subquery

from server.database import db
from server.domain import households, reference, staff, stations
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import Complaint, ComplaintAnswer, ComplaintStatus, Role, Station

UNANSWERED = (ComplaintStatus.FILED, ComplaintStatus.APPEALED)


async def answerable_by(by: Staff) -> Q:
    """Return the condition for complaints to stations that the caller heads; city officers head the city desk.

    Nobody answers, or reads as staff, their own complaint or that of a person they live with, one that they entered or
    appealed in, or one about a station for which they ever worked or stand in now. City officers stand in for many, and
    the last one answers what is left.
    """
    heads = Q(decider_id__in=await stations.headed_by(by))
    appealed = ComplaintAnswer.filter(appealed_by_id=by.person_id).values("complaint_id")
    theirs = await about_stations_of(by) | Q(entered_by_id=by.person_id) | Q(id__in=Subquery(appealed))
    theirs |= Q(person_id__in=sorted(await households.homes_chosen_by(by.person_id)) or [0])
    if by.is_city and len((await _desk()).people) == 1:
        theirs &= ~Q(decider_id=(await stations.city_desk()).id)
    return heads & ~theirs & ~Q(person_id=by.person_id)


async def about_stations_of(by: Staff) -> Q:
    """Return the condition for complaints about stations for which the caller ever worked, or stands in now."""
    worked = await Role.filter(person_id=by.person_id, station_id__isnull=False).values_list("station_id", flat=True)
    stood_in = set() if by.is_city else by.stands_in_for.keys()
    return Q(station_id__in=sorted({*worked, *stood_in}) or [0])


async def people_of(about: Station) -> set[int]:
    """Return everybody who ever worked for the station or stands in for it now, without city officers."""
    worked = {role.person_id for role in await Role.filter(station_id=about.id).only("id", "person_id")}
    people = await staff.of_station(about.id)
    return ({*people.stand_ins} - {*people.city_officers}).union(worked)


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


@dataclass(frozen=True)
class Decider:
    """The station that answers a complaint, and the people there who may: they are notified."""

    station: Station
    people: Collection[int]


async def choose_decider(above: Station, *, about: Station, of: int, besides: Collection[int]) -> Decider:
    """Return the nearest station above where a head may answer: never who works, or worked, at `about`.

    Nor does who lives with `of`, the person who complained. `besides`: people who do not answer either. Without such a
    station it is the city desk.
    """
    excluded = await people_of(about) | set(besides)
    excluded |= await households.staff_who_chose(of)
    for one in (await reference.snapshot()).all_above(above):
        if found := set((await staff.of_station(one.id)).heading) - excluded:
            return Decider(one, found)
    desk = await _desk()
    return Decider(desk.station, {*desk.people} - excluded if len(desk.people) > 1 else desk.people)


async def _desk() -> Decider:
    desk = await stations.city_desk()
    return Decider(desk, (await staff.of_station(desk.id)).city_officers)


async def choose_again(complaint: Complaint) -> Decider | None:
    """Return who answers a complaint from now on if nobody at its deciding station may any more, else None."""
    excluded = await people_besides(complaint)
    there = set((await staff.of_station(complaint.decider_id)).heading) - excluded
    if there or complaint.decider_id == (await stations.city_desk()).id:
        return None
    about, [first, *second] = await stations.get(complaint.station_id), await _answers(complaint)
    above = await stations.get(first.station_id) if second else about
    return await choose_decider(above, about=about, of=complaint.person_id, besides=excluded)


async def people_besides(complaint: Complaint) -> set[int]:
    """Return the people who do not answer it: of its station, its author, who entered, appealed or answered it."""
    took_part = {id_ for one in await _answers(complaint) for id_ in (one.answered_by_id, one.appealed_by_id)}
    people = await people_of(await stations.get(complaint.station_id))
    people |= await households.staff_who_chose(complaint.person_id)
    return people | {id_ for id_ in took_part if id_ is not None} | {complaint.person_id, complaint.entered_by_id}


async def _answers(complaint: Complaint) -> Sequence[ComplaintAnswer]:
    return await ComplaintAnswer.filter(complaint_id=complaint.id).order_by("number")
