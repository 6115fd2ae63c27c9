"""Who sees which tasks: volunteers what they may take on and what they have, staff what is their stations'."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server.domain.pagination import Place, later, older
from server.domain.staff import Staff
from server.domain.tasks.transitions import S
from server.errors import NotFound, VolunteerRequired
from server.models import Area, Task, TaskStatus, Volunteer, VolunteerStatus

_WITH = ("category", "station", "area", "volunteer", "need")


@dataclass(frozen=True)
class Sought:
    """Which of the published tasks; empty fields do not narrow the list. `mine`: what fits one's skills and times."""

    area_id: int | None = None
    skills: Sequence[str] = ()
    mine: bool = False
    starts_from: datetime | None = None
    starts_until: datetime | None = None
    after: Place | None = None
    limit: int = 20


async def offered(sought: Sought, *, to: int, now: datetime) -> list[Task]:
    """Published tasks that are not over, for an approved volunteer, what begins first first; VolunteerRequired."""
    volunteer = await _approved(to)
    found = _published(now)
    exact = {
        "category__code__in": list(sought.skills),
        "starts_at__gte": sought.starts_from,
        "starts_at__lt": sought.starts_until,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if sought.area_id is not None:
        found = found.filter(await _within(sought.area_id))
    if sought.mine:
        found = found.filter(_fitting(volunteer))
    found = found.filter(later("starts_at", sought.after))
    return await found.order_by("starts_at", "id").limit(sought.limit).select_related(*_WITH)


async def _approved(person_id: int) -> Volunteer:
    volunteer = await Volunteer.get_or_none(person_id=person_id, status=VolunteerStatus.APPROVED)
    if volunteer is None:
        raise VolunteerRequired
    return volunteer


def _published(now: datetime) -> QuerySet[Task]:
    return Task.filter(status=S.PUBLISHED, ends_at__gt=now)


async def _within(area_id: int) -> Q:
    area = await Area.get_or_none(id=area_id)
    if area is None:
        raise NotFound(kind="area", ids=[area_id])
    return Q(area_id=area.id) | Q(area__ancestry__startswith=f"{area.ancestry}{area.id}/")


def _fitting(volunteer: Volunteer) -> Q:
    """Of one's skills, within one of one's free times; what one never said does not narrow it."""
    times = [
        Q(weekday=free["weekday"], from_minute__gte=free["from_minute"], until_minute__lte=free["until_minute"])
        for free in volunteer.free_times
    ]
    skilled = Q(category__code__in=volunteer.skills) if volunteer.skills else Q()
    return skilled & Q(*times, join_type="OR") if times else skilled


async def one(task_id: int, *, to: int, now: datetime) -> Task:
    """A volunteer's own task, or a published one for who is approved; NotFound or VolunteerRequired otherwise."""
    if not await Task.filter(id=task_id, volunteer_id=to).exists():
        await _approved(to)
        if not await _published(now).filter(id=task_id).exists():
            raise NotFound
    return await whole(task_id)


async def whole(task_id: int) -> Task:
    """A task with what is shown of it, for who has just done something with it."""
    return await Task.get(id=task_id).select_related(*_WITH)


async def mine(person_id: int, *, after: Place | None, limit: int) -> list[Task]:
    """The tasks a volunteer took on, what begins last first, below a place in the list."""
    return await _latest_first(Task.filter(volunteer_id=person_id), after, limit)


@dataclass(frozen=True)
class Wanted:
    """Which tasks of the stations' list; empty fields do not narrow it."""

    statuses: Collection[TaskStatus] = ()
    station_id: int | None = None
    need_id: int | None = None
    after: Place | None = None
    limit: int = 20


async def of_stations(wanted: Wanted, *, by: Staff) -> list[Task]:
    """Tasks of the caller's stations and counties, what begins last first, below a place in the list."""
    exact: dict[str, Any] = {
        "status__in": sorted(wanted.statuses),
        "station_id": wanted.station_id,
        "need_id": wanted.need_id,
    }
    found = Task.filter(by.of_stations()).filter(**{name: value for name, value in exact.items() if value})
    return await _latest_first(found, wanted.after, wanted.limit)


async def one_of_stations(task_id: int, *, by: Staff) -> Task:
    """A task of the caller's stations or counties; NotFound otherwise."""
    found = Task.filter(by.of_stations(), id=task_id)
    task = await found.select_related(*_WITH, "hold").first()
    if task is None:
        raise NotFound
    return task


async def _latest_first(found: QuerySet[Task], after: Place | None, limit: int) -> list[Task]:
    found = found.filter(older("starts_at", after))
    return await found.order_by("-starts_at", "-id").limit(limit).select_related(*_WITH)
