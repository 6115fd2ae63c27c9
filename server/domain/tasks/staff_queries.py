"""Tasks as staff read them: those of their stations and counties."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain.pagination import Place, older
from server.domain.staff import Staff
from server.domain.tasks import access, allowed_actions, timeline
from server.domain.tasks.volunteer_queries import with_relations
from server.errors import NotFound
from server.models import ServiceRecord, Task, TaskEvent, TaskStatus, Volunteer


@dataclass(frozen=True)
class TaskCriteria:
    """Filters of the stations' list; empty fields do not narrow it."""

    statuses: Collection[TaskStatus] = ()
    station_id: int | None = None
    need_id: int | None = None
    after: Place | None = None
    limit: int = 20


async def list_tasks(criteria: TaskCriteria, *, by: Staff) -> list[Task]:
    """Return tasks of the caller's stations and counties, latest start first."""
    exact: dict[str, Any] = {
        "status__in": sorted(criteria.statuses),
        "station_id": criteria.station_id,
        "need_id": criteria.need_id,
    }
    found = Task.filter(by.of_stations(), await access.readable_by(by)).filter(
        **{name: value for name, value in exact.items() if value}
    )
    found = found.filter(older("starts_at", criteria.after))
    return await with_relations(found.order_by("-starts_at", "-id").limit(criteria.limit))


@dataclass(frozen=True)
class StaffTask:
    """A task as staff read it, with its timeline, the service record that it became, and the steps they may take."""

    task: Task
    timeline: Sequence[TaskEvent]
    record_id: int | None
    volunteer_id: int | None
    may: Sequence[str]


async def get_task(task_id: int, *, by: Staff, now: datetime) -> StaffTask:
    """Return a task of the caller's stations or counties. Raises `NotFound` for any other task."""
    found = await with_relations(Task.filter(by.of_stations(), await access.readable_by(by), id=task_id), "hold")
    if not found:
        raise NotFound
    [task] = found
    record = await ServiceRecord.get_or_none(task_id=task_id)
    volunteer = await Volunteer.get_or_none(person_id=task.volunteer_id or 0)
    may = await allowed_actions.for_staff(task, record, volunteer, by, now=now)
    return StaffTask(
        task,
        await timeline.list_events(task_id),
        record_id=record.id if record is not None else None,
        volunteer_id=volunteer.id if volunteer is not None else None,
        may=may,
    )
