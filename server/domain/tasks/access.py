"""Locks on a task: the lock on its need comes first, and the query decides whether the caller may touch the task."""

from datetime import datetime

from tortoise.expressions import Q

from server.database import db
from server.domain import households, reference
from server.domain.needs import access as needs
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnTask
from server.models import Task


async def not_confidential() -> Q:
    """Return the condition for tasks that are of no need of a confidential category.

    Such a need becomes no task; but its category may have become confidential after that.
    """
    return Q(need_id=None) | Q(category_id__in=(await reference.snapshot()).category_ids(confidential=False))


async def readable_by(by: Staff) -> Q:
    """Return the condition for tasks whose words staff may read, as far as they see the task; see `needs.access`."""
    reader = Q(need__assignee_id=by.person_id, station_id__in=sorted(by.works_at) or [0])
    # As in `not_confidential`. A condition on the joined need keeps MariaDB from merging three indexes of tasks, which
    # finds most of them, so that it reads a page in order.
    without_need = Q(need__id__isnull=True)
    return without_need | await not_confidential() | reader | Q(station_id__in=sorted(by.reads_for) or [0])


async def lock_task(task_id: int) -> Task:
    """Return the task, locked, for callers whose access was checked before; `task.need` is its locked need, or None."""
    db.require_transaction()
    found = await Task.filter(id=task_id).only("id", "need_id").first()
    if found is None:
        raise NotFound
    need = await needs.lock_need(found.need_id) if found.need_id is not None else None
    task = await Task.filter(id=task_id).select_for_update().get()
    task.need = need
    return task


async def lock_for_station(task_id: int, staff: Staff) -> Task:
    """Return a task, locked, of a station that the caller works for.

    Raises `OwnNeed` for a need of the caller's own, `NotAllowed` for officers, who may see the task but not change it,
    and `NotFound` for everyone else.
    """
    if not await Task.filter(id=task_id, station_id__in=sorted(staff.station_ids)).exists():
        known = await Task.filter(staff.of_stations(), id=task_id).exists()
        raise NotAllowed if known else NotFound
    task = await lock_task(task_id)
    if task.need is not None:
        await needs.require_not_own(task.need, staff.person_id)
    return task


async def lock_for_volunteer(task_id: int, person_id: int) -> Task:
    """Return the task, locked, to its volunteer. Raises `NotFound` for anyone else."""
    task = await lock_task(task_id)
    if task.volunteer_id != person_id:
        raise NotFound
    return task


async def lock_for_beneficiary(task_id: int, person_id: int) -> Task:
    """Return the task of a need, locked, to the resident's side. Raises `NotFound` for anyone else."""
    task = await lock_task(task_id)
    if task.need is None or person_id not in needs.own_residents(task.need):
        raise NotFound
    return task


async def require_independent(task: Task, person_id: int, *, now: datetime) -> None:
    """Refuse with `OwnTask` people who are not independent. Nobody confirms or decides about their own task."""
    if not await is_independent(task, person_id, now=now):
        raise OwnTask


async def is_independent(task: Task, person_id: int, *, now: datetime) -> bool:
    """Return whether the person is near neither to the volunteer nor to the resident's side; see `households.near`.

    `task.need` must be loaded.
    """
    parties = [task.volunteer_id] if task.volunteer_id is not None else []
    return not await households.near(person_id, *parties, *_residents(task), now=now)


async def is_near_resident(task: Task, person_id: int, *, now: datetime) -> bool:
    """Return whether the person is near to the resident's side; such a volunteer does not help them."""
    return await households.near(person_id, *_residents(task), now=now)


def _residents(task: Task) -> set[int]:
    return needs.own_residents(task.need) if task.need is not None else set()
