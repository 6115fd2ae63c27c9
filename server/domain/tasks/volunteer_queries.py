"""Tasks as volunteers read them: the published ones that they may claim, and those that they have claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server.domain import households, reference
from server.domain.needs import access as needs
from server.domain.pagination import Place, later, older
from server.domain.tasks import access, allowed_actions
from server.domain.tasks.dispute_queries import get_appeal_until
from server.domain.tasks.transitions import S
from server.errors import NotFound, VolunteerRequired
from server.models import TASKS_IN_HAND, Dispute, Task, TaskEvent, Volunteer, VolunteerStatus

_RELATED = ("volunteer", "need")


@dataclass(frozen=True)
class PublishedTaskFilter:
    """Filters of the published tasks; empty fields do not narrow the list. `mine`: fits the volunteer's profile."""

    area_id: int | None = None
    skills: Sequence[str] = ()
    mine: bool = False
    starts_from: datetime | None = None
    starts_until: datetime | None = None
    after: Place | None = None
    limit: int = 20


async def list_published(filters: PublishedTaskFilter, *, to: int, now: datetime) -> list[Task]:
    """Return published tasks that have not ended, earliest start first.

    Raises `VolunteerRequired` unless the caller is an approved volunteer, `NotFound` for an unknown area.
    """
    volunteer = await _get_approved_volunteer(to)
    found = Task.filter(await access.not_confidential(), status=S.PUBLISHED, ends_at__gt=now)
    exact = {
        "category_id__in": await _category_ids(filters.skills),
        "starts_at__gte": filters.starts_from,
        "starts_at__lt": filters.starts_until,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if filters.area_id is not None:
        found = found.filter(area_id__in=await _within(filters.area_id))
    if filters.mine:
        found = found.filter(await _suits(volunteer))
    found = found.filter(later("starts_at", filters.after))
    return await with_relations(found.order_by("starts_at", "id").limit(filters.limit))


async def with_relations(found: QuerySet[Task], *others: str) -> list[Task]:
    """Return the tasks with volunteer, need, station, category, area and the other relations."""
    return await reference.attach(await found.select_related(*_RELATED, *others), "station", "category", "area")


async def _category_ids(codes: Sequence[str]) -> list[int]:
    """Return the ids of the categories; for unknown codes 0, which no category has."""
    known = {one.code: one.id for one in (await reference.snapshot()).categories.values()}
    return [known.get(code, 0) for code in codes]


async def _get_approved_volunteer(person_id: int) -> Volunteer:
    volunteer = await Volunteer.get_or_none(person_id=person_id, status=VolunteerStatus.APPROVED)
    if volunteer is None:
        raise VolunteerRequired
    return volunteer


async def _within(area_id: int) -> list[int]:
    area = await reference.area(area_id)
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    return await reference.within(area)


async def _suits(volunteer: Volunteer) -> Q:
    """Match the volunteer's skills and free times; a profile without them does not narrow the list."""
    times = [
        Q(weekday=free["weekday"], from_minute__gte=free["from_minute"], until_minute__lte=free["until_minute"])
        for free in volunteer.free_times
    ]
    skilled = Q(category_id__in=await _category_ids(volunteer.skills)) if volunteer.skills else Q()
    return skilled & Q(*times, join_type="OR") if times else skilled


async def get_visible(task_id: int, *, to: int, now: datetime) -> Task:
    """Return a task that the volunteer has claimed, or a published one.

    Raises `VolunteerRequired` for a published task unless the caller is an approved volunteer, else `NotFound`.
    """
    is_published = Q(await access.not_confidential(), status=S.PUBLISHED, ends_at__gt=now)
    found = await with_relations(Task.filter(Q(volunteer_id=to) | is_published, id=task_id))
    if not found or found[0].volunteer_id != to:
        await _get_approved_volunteer(to)
    if not found:
        raise NotFound
    return found[0]


async def require_known(task_id: int, person_id: int) -> None:
    """Raise `NotFound` unless the person has the task, or had it and is an approved volunteer."""
    if await Task.filter(id=task_id, volunteer_id=person_id).exists():
        return
    had = await TaskEvent.filter(task_id=task_id, actor_id=person_id).exists()
    if not had or not await Volunteer.filter(person_id=person_id, status=VolunteerStatus.APPROVED).exists():
        raise NotFound


async def get_task(task_id: int) -> Task:
    """Return the task with its relations, for a caller whose access was checked before."""
    return (await with_relations(Task.filter(id=task_id)))[0]


async def list_claimed(person_id: int, *, after: Place | None, limit: int) -> list[Task]:
    """Return the tasks that the volunteer claimed, latest start first."""
    found = Task.filter(volunteer_id=person_id).filter(older("starts_at", after))
    return await with_relations(found.order_by("-starts_at", "-id").limit(limit))


@dataclass(frozen=True)
class VolunteerTask:
    """A task as a volunteer reads it; reason, dispute and appeal only if they claimed it (`mine`)."""

    task: Task
    mine: bool
    may: list[str]
    end_reason: str = ""
    dispute: Dispute | None = None
    appeal_until: datetime | None = None


async def list_details(tasks: Sequence[Task], *, to: int, now: datetime) -> list[VolunteerTask]:
    """Return the tasks as the volunteer reads them, in the same order."""
    claimed = [task.id for task in tasks if task.volunteer_id == to]
    disputes = {row.task_id: row for row in await Dispute.filter(task_id__in=claimed)} if claimed else {}
    ended = [task.id for task in tasks if task.id in claimed and task.status in {S.CANCELLED, S.NO_SHOW}]
    reasons = await _reasons_of_ending(ended)
    claimable = await _claimable([task for task in tasks if task.id not in claimed], to, now)
    found = []
    for task in tasks:
        mine, dispute = task.id in claimed, disputes.get(task.id)
        until = await get_appeal_until(dispute, task)
        may = allowed_actions.for_volunteer(task, dispute, appeal_until=until, now=now) if mine else []
        may += ["claim"] if task.id in claimable else []
        found.append(VolunteerTask(task, mine, may, reasons.get(task.id, ""), dispute, until))
    return found


async def _claimable(tasks: Sequence[Task], person_id: int, now: datetime) -> set[int]:
    """Return the ids of the tasks that the volunteer may claim, by the same conditions as `claims.claim`."""
    published = [task for task in tasks if task.status == S.PUBLISHED and now < task.ends_at]
    if not published:
        return set()
    near = await households.near_ids(person_id, now=now)
    held = await Task.filter(volunteer_id=person_id, status__in=TASKS_IN_HAND).only("starts_at", "ends_at")
    return {
        task.id
        for task in published
        if near.isdisjoint(needs.own_residents(task.need) if task.need is not None else ())
        and not any(one.starts_at < task.ends_at and one.ends_at > task.starts_at for one in held)
    }


async def _reasons_of_ending(ended: Sequence[int]) -> dict[int, str]:
    if not ended:
        return {}
    events = TaskEvent.filter(task_id__in=ended, to_status__in=[S.CANCELLED, S.NO_SHOW])
    return {event.task_id: event.note for event in await events}
