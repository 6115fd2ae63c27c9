"""The beneficiary confirms a finished service; staff do it after a call for a silent one, or one without WeChat."""

from datetime import datetime

from server.database import db
from server.domain import audit
from server.domain.needs import contact_consent
from server.domain.service_records import reviews
from server.domain.staff import Staff
from server.domain.tasks import access, schedule, timeline
from server.domain.tasks.notifications import (
    NEED_SERVICE_CONFIRMED,
    SERVICE_CONFIRMED,
    notify_resident,
    notify_station,
)
from server.domain.tasks.timeline import TimelineEntry
from server.domain.tasks.transitions import S, require_status
from server.errors import NoBeneficiary, TaskTooEarly
from server.models import Task


@db.transaction
async def confirm_by_beneficiary(task_id: int, *, by: int, now: datetime) -> Task:
    """Confirm the service, once, from the phone of the resident's side."""
    task = await access.lock_for_beneficiary(task_id, by)
    require_status(task, S.FINISHED)
    await reviews.confirm_for_task(task, by=by, now=now)
    await timeline.add(task, TimelineEntry("service_confirmed", by, text="已确认志愿者的服务。"), now=now)
    await notify_station(task, SERVICE_CONFIRMED, now=now)
    return task


@db.transaction
async def confirm_by_staff(task_id: int, *, how: str, by: Staff, now: datetime) -> Task:
    """Confirm the service after calling a beneficiary without WeChat, or one silent for too long.

    The worker who confirms cannot approve the record. Raises `NoBeneficiary`, `OwnTask` and `TaskTooEarly`.
    """
    task = await access.lock_for_station(task_id, by)
    require_status(task, S.FINISHED)
    if task.need is None:
        raise NoBeneficiary
    await access.require_independent(task, by.person_id, now=now)
    possible_from = await by_staff_possible_from(task, now=now)
    if possible_from is not None:
        raise TaskTooEarly(possible_from=possible_from)
    await reviews.confirm_for_task(task, by=by.person_id, now=now)
    entry = TimelineEntry(
        "service_confirmed", by.person_id, text="工作人员已与您核实，代为确认了志愿者的服务。", note=how
    )
    await timeline.add(task, entry, now=now)
    await notify_resident(task, NEED_SERVICE_CONFIRMED, now=now)
    await audit.note("task.service_confirmed", f"task:{task.id}", by=by.person_id, now=now)
    return task


async def by_staff_possible_from(task: Task, *, now: datetime) -> datetime | None:
    """Return until when staff wait for a beneficiary with WeChat to confirm a finished task; None if they need not."""
    assert task.need is not None
    possible_from = await schedule.confirmation_overdue_from(task)
    if now < possible_from and await contact_consent.has_wechat(task.need):
        return possible_from
    return None
