"""Whom a task's notices reach. None of them says a name: the reader opens the task, or the need."""

from datetime import datetime

from server.domain import notifications, staff
from server.domain.needs import notifications as needs
from server.models import Station, Task


async def tell_volunteer(task: Task, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to the volunteer who has the task, if anybody has."""
    people = [task.volunteer_id] if task.volunteer_id is not None else []
    await notifications.tell(people, template, title, body, about={"task": task.id}, now=now)


async def tell_resident(task: Task, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to the resident's side of the task's need, if it has one."""
    if task.need is not None:
        await needs.tell_resident(task.need, template, title, body, now=now)


async def tell_station(task: Task, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to everybody of the task's station; where nobody works, to the officers who can change that."""
    people = await staff.workers_of(task.station_id)
    if not people:
        station = await Station.get(id=task.station_id)
        people = await staff.officers(county_id=station.county_id)
        body = f"{station.name}还没有工作人员。{body}"
    about = {"task": task.id}
    await notifications.tell(set(people) - {task.volunteer_id}, template, title, body, about=about, now=now)


async def tell_heads(station_id: int, task: Task, template: str, title: str, body: str, *, now: datetime) -> None:
    """A notice to the heads of a station who decide; where it has none, to officers who can appoint one."""
    people = await staff.workers_of(station_id, heads_only=True)
    if not people:
        station = await Station.get(id=station_id)
        people = await staff.officers(county_id=station.county_id)
    await notifications.tell(people, template, title, body, about={"task": task.id}, now=now)
