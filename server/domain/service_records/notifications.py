"""Whom notices about service records reach. None of them says a name: the reader opens the record."""

from datetime import datetime

from server.domain import notifications, staff
from server.models import ServiceRecord, Station


async def tell_volunteer(record: ServiceRecord, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to who served."""
    about = {"service_record": record.id}
    await notifications.tell([record.volunteer_id], template, title, body, about=about, now=now)


async def tell_station(record: ServiceRecord, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to everybody of the record's station; where nobody works, to the officers who can change that."""
    people = await staff.workers_of(record.station_id)
    if not people:
        station = await Station.get(id=record.station_id)
        people = await staff.officers(county_id=station.county_id)
        body = f"{station.name}还没有工作人员。{body}"
    about = {"service_record": record.id}
    await notifications.tell(set(people) - {record.volunteer_id}, template, title, body, about=about, now=now)
