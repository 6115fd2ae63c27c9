"""Tasks for station staff: publication, confirmation of claims, and ending."""

from typing import Any

from miniprogram_contract.base import Page
from miniprogram_contract.needs_steps import NeedState
from miniprogram_contract.tasks_staff import (
    BeneficiaryConfirmation,
    NewStationTask,
    NewTask,
    StaffTaskDetail,
    StaffTaskFilter,
    TaskReason,
    TaskRow,
)
from server.adapters.clock import Moment
from server.domain.needs import contact_consent
from server.domain.needs import staff_queries as need_queries
from server.domain.tasks import cancellation, claims, publication, service_confirmation, staff_queries
from server.domain.tasks.publication import StationTask, TaskContent
from server.domain.tasks.staff_queries import TaskCriteria
from server.errors import (
    READER_REQUIRED,
    AddressRequired,
    AssigneeRequired,
    CategoryNotAvailable,
    ConfidentialNeed,
    ConsentRequired,
    DeadlinePassed,
    HeadRequired,
    InvalidNeedState,
    InvalidRecordState,
    InvalidTaskState,
    InvalidTaskTime,
    MinutesOfferRequired,
    NoBeneficiary,
    NotEnoughMinutes,
    NotFound,
    OwnNeed,
    OwnTask,
    PersonalDataInText,
    ResidentMustConsent,
    StationNotOperating,
    TaskOpen,
    TaskTooEarly,
    VolunteerRequired,
)
from server.handlers import subjects
from server.handlers.http import Caller, Roles, cursor, endpoint
from server.handlers.needs.serializers import need_state
from server.handlers.tasks.serializers import staff_task_detail, task_row
from server.models import Payer, TaskStatus

PATH = "/station/tasks/<task_id:int>"
WORDING = (PersonalDataInText, InvalidTaskTime, HeadRequired, NotEnoughMinutes)
WHERE = {"station_id", "area_id", "category", "place"}


@endpoint(
    "POST",
    "/station/needs/<need_id:int>/task",
    body=NewTask,
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    status=201,
    roles=Roles.STAFF,
    refuses=(
        *WORDING,
        InvalidNeedState,
        OwnNeed,
        AssigneeRequired,
        ConfidentialNeed,
        ConsentRequired,
        AddressRequired,
        TaskOpen,
        MinutesOfferRequired,
    ),
)
async def publish_need_task(need_id: int, body: NewTask, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Publish a need to volunteers as a task without personal data; a need has one open task at a time."""
    task = await publication.publish_need(need_id, _content(body.model_dump()), by=caller.scope, now=now)
    return await _get_detail(task.id, caller, now)


def _content(fields: dict[str, Any]) -> TaskContent:
    return TaskContent(**fields | {"payer": Payer(fields["payer"])})


async def _get_detail(task_id: int, caller: Caller, now: Moment) -> StaffTaskDetail:
    return staff_task_detail(await staff_queries.get_task(task_id, by=caller.scope, now=now))


@endpoint(
    "POST",
    "/station/tasks",
    body=NewStationTask,
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    status=201,
    roles=Roles.STAFF,
    refuses=(*WORDING, StationNotOperating, CategoryNotAvailable, NotFound),
)
async def publish_station_task(body: NewStationTask, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Publish a task of the station itself to volunteers."""
    site = StationTask(**body.model_dump(include=WHERE))
    content = _content(body.model_dump(exclude=WHERE))
    task = await publication.publish_station_task(site, content, by=caller.scope, now=now)
    return await _get_detail(task.id, caller, now)


@endpoint(
    "POST",
    "/station/needs/<need_id:int>/contact-sharing",
    body=BeneficiaryConfirmation,
    reply=NeedState,
    subject=subjects.STATION_NEED,
    roles=Roles.STAFF,
    refuses=(InvalidNeedState, OwnNeed, *READER_REQUIRED, ResidentMustConsent),
)
async def record_contact_consent(need_id: int, body: BeneficiaryConfirmation, caller: Caller, now: Moment) -> NeedState:
    """Record that a resident without WeChat agreed that a volunteer gets their contact details."""
    need = await contact_consent.record_by_staff(need_id, how=body.verification, by=caller.scope, now=now)
    return need_state(need, await need_queries.get_responsible_station(need))


@endpoint("GET", "/station/tasks", query=StaffTaskFilter, reply=Page[TaskRow], roles=Roles.STAFF)
async def list_station_tasks(query: StaffTaskFilter, caller: Caller) -> Page[TaskRow]:
    """List the tasks of the caller's stations and counties, latest start first."""
    criteria = TaskCriteria(
        statuses=[TaskStatus(one) for one in query.status],
        station_id=query.station,
        need_id=query.need,
        after=cursor.after(query.after),
        limit=query.limit,
    )
    found = await staff_queries.list_tasks(criteria, by=caller.scope)
    following = cursor.following(found, query.limit, lambda task: (task.starts_at, task.id))
    return Page[TaskRow](items=[task_row(task) for task in found], next=following)


@endpoint("GET", PATH, reply=StaffTaskDetail, roles=Roles.STAFF)
async def get_station_task(task_id: int, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Return a task with its timeline."""
    return await _get_detail(task_id, caller, now)


@endpoint(
    "POST",
    PATH + "/confirmation",
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    roles=Roles.STAFF,
    refuses=(InvalidTaskState, DeadlinePassed, OwnNeed, OwnTask, VolunteerRequired),
)
async def confirm_claim(task_id: int, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Confirm the volunteer; from then on they may read the contact and the place."""
    await claims.confirm(task_id, by=caller.scope, now=now)
    return await _get_detail(task_id, caller, now)


@endpoint(
    "POST",
    PATH + "/refusal",
    body=TaskReason,
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    roles=Roles.STAFF,
    refuses=(InvalidTaskState, OwnNeed, PersonalDataInText),
)
async def refuse_claim(task_id: int, body: TaskReason, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Refuse the claim with a reason that the volunteer reads; the task is published again."""
    await claims.refuse(task_id, reason=body.reason, by=caller.scope, now=now)
    return await _get_detail(task_id, caller, now)


@endpoint(
    "POST",
    PATH + "/cancellation",
    body=TaskReason,
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    roles=Roles.STAFF,
    refuses=(InvalidTaskState, OwnNeed),
)
async def cancel_task(task_id: int, body: TaskReason, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Cancel a task that is not finished; minutes on hold for it are released."""
    await cancellation.cancel(task_id, reason=body.reason, by=caller.scope, now=now)
    return await _get_detail(task_id, caller, now)


@endpoint(
    "POST",
    PATH + "/no-show",
    body=TaskReason,
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    roles=Roles.STAFF,
    refuses=(InvalidTaskState, TaskTooEarly, OwnNeed),
)
async def record_task_no_show(task_id: int, body: TaskReason, caller: Caller, now: Moment) -> StaffTaskDetail:
    """Record that the volunteer did not come (未到场); the need may be published again."""
    await cancellation.record_no_show(task_id, reason=body.reason, by=caller.scope, now=now)
    return await _get_detail(task_id, caller, now)


@endpoint(
    "POST",
    PATH + "/beneficiary-confirmation",
    body=BeneficiaryConfirmation,
    reply=StaffTaskDetail,
    subject=subjects.STATION_TASK,
    roles=Roles.STAFF,
    refuses=(InvalidTaskState, TaskTooEarly, NoBeneficiary, OwnNeed, OwnTask, InvalidRecordState),
)
async def confirm_service_for_beneficiary(
    task_id: int, body: BeneficiaryConfirmation, caller: Caller, now: Moment
) -> StaffTaskDetail:
    """Confirm a service after calling a resident without WeChat, or one silent for too long; another worker approves
    it.
    """
    await service_confirmation.confirm_by_staff(task_id, how=body.verification, by=caller.scope, now=now)
    return await _get_detail(task_id, caller, now)
