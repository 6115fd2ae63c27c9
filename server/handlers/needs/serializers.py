"""Rows of needs as shapes of the contract."""

from datetime import datetime

from miniprogram_contract.needs import STATUS_WORDS, NeedAction, NeedDetail, NeedSummary, TimelineEntry
from miniprogram_contract.needs_staff import (
    CrisisState,
    NeedEventKind,
    NeedReceipt,
    NeedRow,
    NeedState,
    SimilarNeed,
    StaffNeedDetail,
    StaffTimelineEntry,
)
from miniprogram_contract.stations import StationReference
from miniprogram_contract.tasks import TASK_WORDS, NeedTask, NeedTaskAction
from server.adapters import Dependencies
from server.domain.masking import mask_name, mask_phone
from server.domain.needs import access
from server.domain.needs.resident_queries import ResidentNeedView
from server.domain.needs.staff_queries import NeedListItem, StaffNeedView
from server.domain.needs.transitions import OPEN
from server.domain.tasks.resident_queries import ResidentTask
from server.domain.tasks.timeline import NEED_VOLUNTEER_KINDS
from server.handlers.photos.links import photo_links
from server.models import Need, NeedEvent, Station, Urgency

EXCERPT = 60
ADVICE = "如有生命危险，请立即拨打 110 或 120；心理援助热线 12356。"


def station_reference(station: Station) -> StationReference:
    return StationReference(id=station.id, name=station.name, phone=station.phone)


def need_state(need: Need, station: Station) -> NeedState:
    return NeedState(
        id=need.id,
        status=need.status,
        status_words=STATUS_WORDS[need.status],
        station=station_reference(station),
        completion_due_at=need.completion_due_at,
    )


def need_receipt(need: Need, station: Station) -> NeedReceipt:
    return NeedReceipt(
        **dict(need_state(need, station)),
        urgency=need.urgency,
        response_due_at=need.response_due_at,
        route=need.route,
        slip_code=need.slip_code,
        person_id=need.person_id,
    )


def need_summary(need: Need) -> NeedSummary:
    return NeedSummary(**_summary_fields(need))


def _summary_fields(need: Need) -> dict[str, object]:
    return {
        "id": need.id,
        "status": need.status,
        "status_words": STATUS_WORDS[need.status],
        "category": need.category.code,
        "category_name": need.category.name,
        "text": need.text,
        "urgency": need.urgency,
        "station": station_reference(need.station),
        "submitted_at": need.submitted_at,
        "response_due_at": need.response_due_at,
        "completion_due_at": need.completion_due_at,
        "slip_code": need.slip_code,
    }


def need_detail(followed: ResidentNeedView, dependencies: Dependencies, now: datetime, reader: int) -> NeedDetail:
    need = followed.need
    return NeedDetail(
        **_summary_fields(need),
        route=need.route,
        area=need.area.name,
        contact_name=need.contact_name,
        contact_phone=need.contact_phone,
        place=need.place,
        relation=need.relation,
        help_times=need.help_times,
        outcome=need.outcome,
        escalated=need.escalated_at is not None,
        emergency_advice=ADVICE if need.urgency == Urgency.EMERGENCY and need.status in OPEN else None,
        photos=photo_links(followed.photos, dependencies, now),
        timeline=[_timeline_entry(one, need, reader) for one in followed.timeline],
        may=[NeedAction(one) for one in followed.may],
        merged_into=need.merged_into_id,
        minutes_offered=followed.minutes_offered,
        task=_task(followed.helped) if followed.helped else None,
    )


def _task(helped: ResidentTask) -> NeedTask:
    task = helped.task
    return NeedTask(
        id=task.id,
        status=task.status,
        status_words=TASK_WORDS[task.status],
        title=task.title,
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        expected_minutes=task.expected_minutes,
        held_minutes=helped.held_minutes,
        served_minutes=helped.served_minutes,
        volunteer=mask_name(task.volunteer.name or "") if task.volunteer else None,
        may=[NeedTaskAction(one) for one in helped.may],
    )


def _timeline_entry(event: NeedEvent, need: Need, reader: int) -> TimelineEntry:
    return TimelineEntry(
        at=event.at, who=_actor_for_resident(event, need, reader), said=event.text, status=event.to_status
    )


def _actor_for_resident(event: NeedEvent, need: Need, reader: int) -> str:
    if event.actor is None:
        return "系统"
    if event.actor_id == reader:
        return "您"
    if access.is_resident_of(need, event.actor.id):
        return "本人" if event.actor_id == need.person_id else f"代办人（{need.relation or '亲友'}）"
    if event.kind in NEED_VOLUNTEER_KINDS:
        return f"志愿者{mask_name(event.actor.name or '')}"
    where = event.station.name if event.station else "民政部门"
    return f"{event.actor.name or '工作人员'}（{where}）"


def need_row(line: NeedListItem, *, readable: bool, now: datetime) -> NeedRow:
    return NeedRow(**_row_fields(line, readable=readable, now=now))


def _row_fields(line: NeedListItem, *, readable: bool, now: datetime) -> dict[str, object]:
    late = now > line.completion_due_at or (line.accepted_at is None and now > line.response_due_at)
    return {
        "id": line.id,
        "status": line.status,
        "status_words": STATUS_WORDS[line.status],
        "category": line.category,
        "category_name": line.category_name,
        "confidential": line.confidential,
        "urgency": line.urgency,
        "station": StationReference(id=line.station_id, name=line.station_name, phone=line.station_phone),
        "area": line.area if readable else None,
        "name": mask_name(line.contact_name) if readable else None,
        "phone": mask_phone(line.contact_phone) if readable else None,
        "excerpt": line.text[:EXCERPT] if readable else None,
        "assignee": (line.assignee or "工作人员") if line.assignee_id else None,
        "assignee_id": line.assignee_id,
        "submitted_at": line.submitted_at,
        "response_due_at": line.response_due_at,
        "completion_due_at": line.completion_due_at,
        "overdue": late and line.status in OPEN,
        "reminders": line.urgings,
    }


def staff_need_detail(worked: StaffNeedView, dependencies: Dependencies, now: datetime) -> StaffNeedDetail:
    need, readable = worked.need, worked.readable
    return StaffNeedDetail(
        **_row_fields(NeedListItem.from_need(need), readable=readable, now=now),
        person_id=need.person_id if readable else None,
        text=need.text if readable else None,
        relation=need.relation if readable else None,
        help_times=need.help_times if readable else "",
        may_share_contact=need.may_share_contact,
        route=need.route if readable else "",
        outcome=need.outcome if readable else None,
        first_worker=(need.first_worker.name or "工作人员") if need.first_worker else None,
        escalated=need.escalated_at is not None,
        bounces=need.bounces,
        crisis=CrisisState(worked.crisis),
        service_minutes=sum(one.service_minutes for one in worked.timeline),
        photos=photo_links(worked.photos, dependencies, now),
        timeline=[_staff_timeline_entry(one, need, readable=readable) for one in worked.timeline],
        alike=[
            SimilarNeed(
                id=one.need.id,
                percent=one.percent,
                same_household=one.same_household,
                status=one.need.status,
                excerpt=one.need.text[:EXCERPT],
                submitted_at=one.need.submitted_at,
            )
            for one in worked.likely_duplicates
        ],
        merged_into=need.merged_into_id,
    )


def _staff_timeline_entry(event: NeedEvent, need: Need, *, readable: bool) -> StaffTimelineEntry:
    return StaffTimelineEntry(
        number=event.number,
        at=event.at,
        kind=NeedEventKind(event.kind),
        who=_actor_for_staff(event, need),
        said=event.text if readable else "",
        note=event.note if readable else "",
        from_status=event.from_status,
        to_status=event.to_status,
        service_minutes=event.service_minutes,
    )


def _actor_for_staff(event: NeedEvent, need: Need) -> str:
    if event.actor is None:
        return "系统"
    if access.is_resident_of(need, event.actor.id):
        return "居民"
    name = event.actor.name or ""
    return f"志愿者{mask_name(name)}" if event.kind in NEED_VOLUNTEER_KINDS else name or "工作人员"
