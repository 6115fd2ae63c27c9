"""Whom a need's notices reach."""

from datetime import datetime

from server.domain import notifications, staff
from server.domain.needs import access
from server.models import Need, Station


async def tell_resident(need: Need, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to everybody on the resident's side."""
    await notifications.tell(access.residents_of(need), template, title, body, about={"need": need.id}, now=now)


async def tell_station(need: Need, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to everybody of the need's station; where nobody works, to the officers who can change that."""
    people = await staff.workers_of(need.station_id)
    if not people:
        station = await Station.get(id=need.station_id)
        people = await staff.officers(county_id=station.county_id)
        body = f"{station.name}还没有工作人员。{body}"
    await notifications.tell(people, template, title, body, about={"need": need.id}, now=now)


async def tell_worker(need: Need, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to the assigned worker, before there is one to everybody of the station."""
    people = [need.assignee_id] if need.assignee_id else await staff.workers_of(need.station_id)
    await notifications.tell(people, template, title, body, about={"need": need.id}, now=now)


async def tell_heads(station_id: int, need: Need, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to the head of a station; where it has none, to everybody there, else to the city's officers."""
    people = await staff.workers_of(station_id, heads_only=True) or await staff.workers_of(station_id)
    people = people or await staff.officers(county_id=None)
    await notifications.tell(people, template, title, body, about={"need": need.id}, now=now)
