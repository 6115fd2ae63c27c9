"""Whom notices about volunteers reach. None of them says a name: the reader opens the row."""

from datetime import datetime

from server.domain import notifications, staff
from server.models import Station, Volunteer


async def tell_volunteer(volunteer: Volunteer, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to the volunteer."""
    await notifications.tell([volunteer.person_id], template, title, body, about={"volunteer": volunteer.id}, now=now)


async def tell_station(volunteer: Volunteer, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to everybody of the volunteer's station; where nobody works, to the officers who can change that."""
    people = await staff.workers_of(volunteer.station_id)
    if not people:
        station = await Station.get(id=volunteer.station_id)
        people = await staff.officers(county_id=station.county_id)
        body = f"{station.name}还没有工作人员。{body}"
    about = {"volunteer": volunteer.id}
    await notifications.tell(set(people) - {volunteer.person_id}, template, title, body, about=about, now=now)
