"""Tasks and disputes as contract types."""

from collections.abc import Iterable
from datetime import datetime

from miniprogram_contract.tasks import (
    TASK_WORDS,
    DisputeDetail,
    DisputeRow,
    DisputeSide,
    StaffDisputeAction,
    TaskAction,
    TaskDetail,
)
from miniprogram_contract.tasks_staff import StaffTaskAction, StaffTaskDetail, TaskEventKind, TaskRow, TaskTimelineEntry
from server.adapters import Dependencies
from server.domain.areas import short_name
from server.domain.masking import mask_name
from server.domain.needs import access as needs
from server.domain.tasks import resident_queries
from server.domain.tasks.dispute_queries import UndecidedDispute
from server.domain.tasks.disputes import Side
from server.domain.tasks.staff_queries import StaffTask
from server.domain.tasks.timeline import VOLUNTEER_KINDS
from server.domain.tasks.volunteer_queries import VolunteerTask
from server.handlers.needs.serializers import station_reference
from server.handlers.photos.links import photo_links
from server.models import Dispute, Person, Task, TaskEvent


def _common_fields(task: Task) -> dict[str, object]:
    return {
        "id": task.id,
        "status": task.status,
        "status_words": TASK_WORDS[task.status],
        "title": task.title,
        "category": task.category.code,
        "category_name": task.category.name,
        "area": short_name(task.area.name),
        "station": station_reference(task.station),
        "starts_at": task.starts_at,
        "ends_at": task.ends_at,
        "expected_minutes": task.expected_minutes,
    }


def task_detail(own: VolunteerTask) -> TaskDetail:
    task = own.task
    return TaskDetail(
        **_common_fields(task),
        text=task.text,
        is_mine=own.mine,
        claimed_at=task.claimed_at,
        confirmed_at=task.confirmed_at,
        started_at=task.started_at,
        finished_at=task.finished_at,
        end_reason=own.end_reason,
        dispute=dispute_detail(own.dispute, own.appeal_until, "volunteer") if own.dispute else None,
        allowed_actions=[TaskAction(one) for one in own.may],
    )


def dispute_detail(dispute: Dispute, appeal_until: datetime | None, side: Side) -> DisputeDetail:
    said = {"volunteer": dispute.volunteer_words, "beneficiary": dispute.beneficiary_words}
    yours = said.pop(side)
    [theirs] = said.values()
    return DisputeDetail(
        your_statement=yours,
        their_statement=theirs,
        raised_at=dispute.raised_at,
        minutes=dispute.minutes,
        decision=dispute.decision,
        decided_at=dispute.decided_at,
        appeal_until=appeal_until,
        appealed_at=dispute.appealed_at,
        settled_at=dispute.settled_at,
    )


def task_row(task: Task) -> TaskRow:
    return TaskRow(**_row_fields(task))


def _row_fields(task: Task) -> dict[str, object]:
    return _common_fields(task) | {
        "need_id": task.need_id,
        "payer": task.payer,
        "volunteer": _masked(task.volunteer),
    }


def _masked(person: Person | None) -> str | None:
    return mask_name(person.name or "") if person is not None else None


def staff_task_detail(worked: StaffTask) -> StaffTaskDetail:
    task = worked.task
    return StaffTaskDetail(
        **_row_fields(task),
        text=task.text,
        place=task.place,
        held_minutes=resident_queries.held_minutes(task),
        published_at=task.published_at,
        claimed_at=task.claimed_at,
        confirmed_at=task.confirmed_at,
        started_at=task.started_at,
        finished_at=task.finished_at,
        ended_at=task.ended_at,
        service_record_id=worked.record_id,
        volunteer_id=worked.volunteer_id,
        timeline=[_timeline_entry(one, task) for one in worked.timeline],
        allowed_actions=[StaffTaskAction(one) for one in worked.may],
    )


def _timeline_entry(event: TaskEvent, task: Task) -> TaskTimelineEntry:
    return TaskTimelineEntry(
        number=event.number,
        at=event.at,
        kind=TaskEventKind(event.kind),
        actor=_actor_name(event, task),
        note=event.note,
        from_status=event.from_status,
        to_status=event.to_status,
    )


def _actor_name(event: TaskEvent, task: Task) -> str:
    if event.actor is None:
        return "系统"
    if event.kind in VOLUNTEER_KINDS or event.actor_id == task.volunteer_id:
        return f"志愿者{_masked(event.actor)}"
    if task.need is not None and event.actor.id in needs.own_residents(task.need):
        return f"居民{_masked(event.actor)}"
    return event.actor.name or "工作人员"


def dispute_row(
    waiting: UndecidedDispute, dependencies: Dependencies, now: datetime, reader: int, may: Iterable[str]
) -> DisputeRow:
    dispute, record, task = waiting.dispute, waiting.record, waiting.dispute.task
    return DisputeRow(
        task_id=task.id,
        title=task.title,
        text=task.text,
        station=station_reference(task.station),
        volunteer=_masked(task.volunteer),
        raised_by=DisputeSide(waiting.raised_by),
        raised_at=dispute.raised_at,
        started_at=task.started_at,
        finished_at=task.finished_at,
        served_minutes=record.minutes,
        beneficiary_statement=dispute.beneficiary_words,
        beneficiary_photos=photo_links(waiting.photos["beneficiary"], dependencies, now, reader=reader),
        volunteer_statement=dispute.volunteer_words,
        volunteer_photos=photo_links(waiting.photos["volunteer"], dependencies, now, reader=reader),
        decision=dispute.decision,
        minutes=dispute.minutes,
        appeal=dispute.appeal,
        appealed_by=DisputeSide(waiting.appealed_by) if waiting.appealed_by is not None else None,
        allowed_actions=[StaffDisputeAction(one) for one in may],
    )
