"""Taking hold of a task: its need's lock comes first, then its own, and what the caller may touch is in the query."""

from datetime import datetime

from server.database import db
from server.domain import households
from server.domain.needs import access as needs
from server.domain.staff import Staff
from server.errors import NotAllowed, NotFound, OwnTask
from server.models import Task


async def lock_task(task_id: int) -> Task:
    """The task, locked, for steps that were scoped by something else; `task.need` is its need, locked, or None."""
    db.require_transaction()
    found = await Task.filter(id=task_id).only("id", "need_id").first()
    if found is None:
        raise NotFound
    need = await needs.lock_need(found.need_id) if found.need_id is not None else None
    task = await Task.filter(id=task_id).select_for_update().get()
    task.need = need
    return task


async def lock_for_station(task_id: int, staff: Staff) -> Task:
    """The task, locked, of a station the caller works for; OwnNeed for a need of their own.

    NotAllowed for who may see it but not move it, officers; NotFound for all others.
    """
    if not await Task.filter(id=task_id, station_id__in=sorted(staff.station_ids)).exists():
        known = await Task.filter(staff.of_stations(), id=task_id).exists()
        raise NotAllowed if known else NotFound
    task = await lock_task(task_id)
    if task.need is not None:
        needs.require_not_own(task.need, staff.person_id)
    return task


async def lock_for_volunteer(task_id: int, person_id: int) -> Task:
    """The task, locked, for the volunteer who has it; NotFound for anybody else."""
    task = await lock_task(task_id)
    if task.volunteer_id != person_id:
        raise NotFound
    return task


async def lock_for_beneficiary(task_id: int, person_id: int) -> Task:
    """The task of a need, locked, for whoever is on the resident's side; NotFound for anybody else."""
    task = await lock_task(task_id)
    if task.need is None or not needs.is_resident_of(task.need, person_id):
        raise NotFound
    return task


async def require_independent(task: Task, person_id: int, *, now: datetime) -> None:
    """Four eyes: refuse with OwnTask the volunteer, the resident's side, and who lives or just lived with them."""
    parties = [task.volunteer_id] if task.volunteer_id is not None else []
    parties += needs.residents_of(task.need) if task.need is not None else []
    for party in parties:
        if await households.near(party, person_id, now=now):
            raise OwnTask
