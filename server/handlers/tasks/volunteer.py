"""Tasks for volunteers: search, claim, withdrawal, check-in and check-out."""

from miniprogram_contract.base import AccessReason, Page, PageQuery
from miniprogram_contract.tasks import TaskContact, TaskDetail, TaskFilter
from server.adapters.clock import Moment
from server.domain.areas import short_name
from server.domain.tasks import check_in_out, claims, volunteer_queries
from server.domain.tasks.volunteer_queries import PublishedTaskFilter
from server.errors import (
    ContactNotReadable,
    DeadlinePassed,
    InvalidTaskState,
    NotFound,
    OwnTask,
    TaskOverlaps,
    TaskTaken,
    TaskTooEarly,
    VolunteerRequired,
)
from server.handlers import subjects
from server.handlers.http import Caller, cursor, endpoint
from server.handlers.tasks.serializers import task_detail
from server.models import Task

PATH = "/tasks/<task_id:int>"


@endpoint("GET", "/tasks", query=TaskFilter, reply=Page[TaskDetail], refuses=(VolunteerRequired, NotFound))
async def list_tasks(query: TaskFilter, caller: Caller, now: Moment) -> Page[TaskDetail]:
    """List published tasks for approved volunteers, earliest start first; without the resident's personal data."""
    sought = PublishedTaskFilter(
        area_id=query.area,
        skills=query.skill,
        mine=query.matching_only,
        starts_from=query.starts_from,
        starts_until=query.starts_until,
        after=cursor.after(query.after),
        limit=query.limit,
    )
    found = await volunteer_queries.list_published(sought, to=caller.person_id, now=now)
    return await _page(found, query.limit, caller, now)


async def _page(found: list[Task], limit: int, caller: Caller, now: Moment) -> Page[TaskDetail]:
    shown = await volunteer_queries.list_details(found, to=caller.person_id, now=now)
    following = cursor.following(found, limit, lambda task: (task.starts_at, task.id))
    return Page[TaskDetail](items=[task_detail(one) for one in shown], next=following)


@endpoint("GET", "/tasks/mine", query=PageQuery, reply=Page[TaskDetail])
async def list_own_tasks(query: PageQuery, caller: Caller, now: Moment) -> Page[TaskDetail]:
    """List the tasks that the caller claimed, latest start first."""
    found = await volunteer_queries.list_claimed(caller.person_id, after=cursor.after(query.after), limit=query.limit)
    return await _page(found, query.limit, caller, now)


@endpoint("GET", PATH, reply=TaskDetail, refuses=(VolunteerRequired,))
async def get_task(task_id: int, caller: Caller, now: Moment) -> TaskDetail:
    """Return a published task, or a task that the caller claimed."""
    return await _get_detail(await volunteer_queries.get_visible(task_id, to=caller.person_id, now=now), caller, now)


async def _get_detail(task: Task, caller: Caller, now: Moment) -> TaskDetail:
    [own] = await volunteer_queries.list_details([task], to=caller.person_id, now=now)
    return task_detail(own)


@endpoint(
    "POST",
    PATH + "/claim",
    reply=TaskDetail,
    subject=subjects.TASK,
    refuses=(VolunteerRequired, TaskTaken, InvalidTaskState, DeadlinePassed, OwnTask, TaskOverlaps),
)
async def claim_task(task_id: int, caller: Caller, now: Moment) -> TaskDetail:
    """Claim a task (认领); the first claim wins, and the station confirms it."""
    await claims.claim(task_id, by=caller.person_id, now=now)
    return await _get_detail(await volunteer_queries.get_task(task_id), caller, now)


@endpoint(
    "POST",
    PATH + "/claim-withdrawal",
    reply=TaskDetail,
    subject=subjects.TASK,
    refuses=(InvalidTaskState, DeadlinePassed),
)
async def withdraw_claim(task_id: int, caller: Caller, now: Moment) -> TaskDetail:
    """Give a claimed task back before it starts, so that others may claim it."""
    await claims.withdraw(task_id, by=caller.person_id, now=now)
    return await _get_detail(await volunteer_queries.get_task(task_id), caller, now)


@endpoint(
    "POST",
    PATH + "/contact",
    body=AccessReason,
    hears=("reason",),
    reply=TaskContact,
    refuses=(VolunteerRequired, ContactNotReadable),
    idempotent=False,  # an answer under a key is kept, and could be read again after the right to it ended
)
async def reveal_task_contact(task_id: int, body: AccessReason, caller: Caller, now: Moment) -> TaskContact:
    """Return the contact and place of a confirmed task; the resident sees each reading."""
    task = await claims.read_contact(task_id, reason=body.reason, by=caller.person_id, now=now)
    need, station, area = task.need, task.station, short_name(task.area.name)
    if need is None:
        return TaskContact(name=station.name, phone=station.phone, place=task.place, area=area)
    return TaskContact(name=need.contact_name, phone=need.contact_phone, place=need.place, area=area)


@endpoint(
    "POST",
    PATH + "/start",
    reply=TaskDetail,
    subject=subjects.TASK,
    refuses=(VolunteerRequired, InvalidTaskState, TaskTooEarly, TaskOverlaps, DeadlinePassed),
)
async def start_task(task_id: int, caller: Caller, now: Moment) -> TaskDetail:
    """Check in (签到), from an hour before the start until the end."""
    await check_in_out.check_in(task_id, by=caller.person_id, now=now)
    return await _get_detail(await volunteer_queries.get_task(task_id), caller, now)


@endpoint("POST", PATH + "/finish", reply=TaskDetail, subject=subjects.TASK, refuses=(InvalidTaskState, TaskTooEarly))
async def finish_task(task_id: int, caller: Caller, now: Moment) -> TaskDetail:
    """Check out (签退); the time since the check-in becomes a service record."""
    await check_in_out.check_out(task_id, by=caller.person_id, now=now)
    return await _get_detail(await volunteer_queries.get_task(task_id), caller, now)
