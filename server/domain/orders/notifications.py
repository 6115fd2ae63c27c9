"""Whom an order's notices reach."""

from datetime import datetime

from server.domain import notifications, staff
from server.models import Order, Station


async def tell_orderer(order: Order, template: str, title: str, body: str, *, now: datetime) -> None:
    await notifications.tell([order.person_id], template, title, body, about={"order": order.id}, now=now)


async def tell_station(order: Order, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to everybody of the order's station; where nobody works, to the officers who can change that."""
    people = await staff.workers_of(order.station_id)
    if not people:
        station = await Station.get(id=order.station_id)
        people = await staff.officers(county_id=station.county_id)
        body = f"{station.name}还没有工作人员。{body}"
    await notifications.tell(people, template, title, body, about={"order": order.id}, now=now)
