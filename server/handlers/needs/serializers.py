"""Serializers of needs: rows of the database as types of the contract."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from miniprogram_contract import needs as contract
from miniprogram_contract.needs import STATUS_WORDS, NeedAction, NeedDetail, NeedSummary, TimelineEntry
from miniprogram_contract.needs_staff import (
    CrisisState,
    NeedEventKind,
    NeedRow,
    SimilarNeed,
    StaffNeedAction,
    StaffNeedDetail,
    StaffTimelineEntry,
)
from miniprogram_contract.needs_steps import NeedReceipt, NeedState
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.roles import StandInCapacity
from miniprogram_contract.stations import StationReference
from miniprogram_contract.tasks import TASK_WORDS, NeedTask, NeedTaskAction
from server.adapters import Dependencies
from server.domain import wordings
from server.domain.areas import short_name
from server.domain.duty import cover
from server.domain.duty.cover import DutyState
from server.domain.masking import mask_name, mask_phone
from server.domain.needs import access
from server.domain.needs.listed import ListedNeed
from server.domain.needs.resident_queries import JoinedNeed, ResidentNeedView
from server.domain.needs.speakers import ON_WORD, RESIDENT_KINDS
from server.domain.needs.staff_queries import EXCERPT, StaffNeed, StaffNeedView
from server.domain.needs.timeline import RecordedEntry
from server.domain.tasks.resident_queries import ResidentTask
from server.domain.tasks.timeline import NEED_VOLUNTEER_KINDS
from server.handlers.http.emergency import emergency_help
from server.handlers.photos.links import photo_links
from server.models import Need, Photo, Station, Urgency

NO_PHONE = "您没有留电话，请在催办留言里写下电话和所在的地方。"


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


def _on_duty(state: DutyState, need: Need) -> str:
    """Return who is on duty for an emergency, and what helps them to reach the resident."""
    return cover.in_words(state) + ("" if need.contact_phone else NO_PHONE)


def need_receipt(need: Need, station: Station) -> NeedReceipt:
    return NeedReceipt(
        **dict(need_state(need, station)),
        urgency=need.urgency,
        response_due_at=need.response_due_at,
        route=need.route,
        slip_code=need.slip_code,
        person_id=need.person_id,
        emergency=emergency_help(need.id) if need.urgency == Urgency.EMERGENCY else None,
    )


def need_summary(need: ListedNeed) -> NeedSummary:
    return NeedSummary(**_summary_fields(need))


def _summary_fields(need: ListedNeed | Need) -> dict[str, object]:
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
        "merged_into_id": need.merged_into_id,
    }


def need_detail(view: ResidentNeedView, dependencies: Dependencies, now: datetime, reader: int) -> NeedDetail:
    need, links = view.need, _links_by_entry(view.photos, dependencies, now, reader)
    return NeedDetail(
        **_summary_fields(need),
        route=need.route,
        area=short_name(need.area.name),
        contact_name=need.contact_name,
        contact_phone=need.contact_phone,
        at_home=need.at_home,
        place=need.place,
        relation=need.relation,
        help_times=need.help_times,
        outcome=need.outcome,
        escalated=need.escalated_at is not None,
        emergency=emergency_help(need.id, _on_duty(view.duty, need)) if view.duty else None,
        photos=links(None),
        timeline=[_timeline_entry(event, view, reader, links) for event in view.timeline],
        allowed_actions=[NeedAction(action) for action in view.may],
        joined_needs=_joined_needs(view.joined),
        minutes_offered=view.minutes_offered,
        task=_task(view.task) if view.task else None,
    )


def _task(resident_task: ResidentTask) -> NeedTask:
    task = resident_task.task
    return NeedTask(
        id=task.id,
        status=task.status,
        status_words=TASK_WORDS[task.status],
        title=task.title,
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        expected_minutes=task.expected_minutes,
        held_minutes=resident_task.held_minutes,
        served_minutes=resident_task.served_minutes,
        volunteer=mask_name(task.volunteer.name or "") if task.volunteer else None,
        allowed_actions=[NeedTaskAction(action) for action in resident_task.may],
    )


def _joined_needs(joined: Iterable[JoinedNeed]) -> list[contract.JoinedNeed]:
    return [contract.JoinedNeed(id=one.id, text=one.text, submitted_at=one.submitted_at) for one in joined]


# Return the links to photos that came with the entry of this number, or, for None, with the need itself.
LinksByEntry = Callable[[int | None], list[PhotoLinks]]


def _links_by_entry(photos: Sequence[Photo], dependencies: Dependencies, now: datetime, reader: int) -> LinksByEntry:
    def links(number: int | None) -> list[PhotoLinks]:
        there = [one for one in photos if one.event_number == number]
        return photo_links(there, dependencies, now, reader=reader)

    return links


def _timeline_entry(event: RecordedEntry, view: ResidentNeedView, reader: int, links: LinksByEntry) -> TimelineEntry:
    return TimelineEntry(
        at=event.at,
        actor=_actor_for_resident(event, view, reader),
        message=event.text,
        status=event.to_status,
        photos=links(event.number),
    )


def _actor_for_resident(event: RecordedEntry, view: ResidentNeedView, reader: int) -> str:
    need = view.need
    if event.actor_id is None:
        return "系统"
    if event.actor_id == reader:
        return "您"
    own = event.actor_id in access.own_residents(need)
    # Also of a family member whose need has parted from this one.
    if any(event.actor_id in one.residents for one in view.joined) or (not own and _is_of_resident(event)):
        return "家人"
    if own:
        return "本人" if event.actor_id == need.person_id else f"代办人（{need.relation or '亲友'}）"
    if event.kind in NEED_VOLUNTEER_KINDS:
        return f"志愿者{mask_name(event.actor_name or '')}"
    where = event.station.name if event.station else wordings.text("authority")
    return f"{event.actor_name or '工作人员'}（{where}{_capacity(event, '，')}）"


def _is_of_resident(event: RecordedEntry) -> bool:
    """Return whether a resident wrote it, and not staff on their word."""
    return event.kind in RESIDENT_KINDS and ON_WORD not in event.text


def _capacity(event: RecordedEntry, before: str) -> str:
    """Return in what capacity the actor stood in for the station, at which nobody worked."""
    return before + wordings.stands_in(event.stands_in) if event.stands_in else ""


def need_row(item: StaffNeed, now: datetime) -> NeedRow:
    return NeedRow(**_row_fields(item, now))


def _row_fields(item: StaffNeed, now: datetime) -> dict[str, object]:
    need, readable = item.need, item.readable
    return {
        "id": need.id,
        "status": need.status,
        "status_words": STATUS_WORDS[need.status],
        "category": need.category.code,
        "category_name": need.category.name,
        "confidential": need.category.confidential,
        "urgency": need.urgency,
        "station": station_reference(need.station),
        "area": short_name(need.area.name) if readable else None,
        "name": mask_name(need.contact_name) if readable else None,
        "phone": mask_phone(need.contact_phone) if readable else None,
        "excerpt": need.text[:EXCERPT] if readable else None,
        "assignee": (item.assignee or "工作人员") if need.assignee_id else None,
        "assignee_id": need.assignee_id,
        "submitted_at": need.submitted_at,
        "response_due_at": need.response_due_at,
        "completion_due_at": need.completion_due_at,
        "next_due_at": need.next_due_at,
        "overdue": need.next_due_at is not None and need.next_due_at < now,
        "reminders": need.urgings,
    }


def staff_need_detail(view: StaffNeedView, dependencies: Dependencies, now: datetime, reader: int) -> StaffNeedDetail:
    need, readable = view.need, view.shown.readable
    links = _links_by_entry(view.photos, dependencies, now, reader)
    return StaffNeedDetail(
        **_row_fields(view.shown, now),
        person_id=need.person_id if readable else None,
        text=need.text if readable else None,
        relation=need.relation if readable else None,
        help_times=need.help_times if readable else "",
        may_share_contact=need.may_share_contact,
        at_home=need.at_home,
        place_missing=need.at_home and not need.place,
        route=need.route if readable else "",
        outcome=need.outcome if readable else None,
        first_worker=(view.first_worker or "工作人员") if need.first_worker_id else None,
        escalated=need.escalated_at is not None,
        times_returned=need.times_returned,
        crisis=CrisisState(view.crisis),
        crisis_opened=view.crisis_opened,
        service_minutes=sum(event.service_minutes for event in view.timeline),
        photos=links(None),
        timeline=[_staff_timeline_entry(event, view, links) for event in view.timeline],
        similar_needs=[
            SimilarNeed(
                id=duplicate.need.id,
                similarity_percent=duplicate.percent,
                same_household=duplicate.same_household,
                status=duplicate.need.status,
                excerpt=None if duplicate.confidential else duplicate.need.text[:EXCERPT],
                submitted_at=duplicate.need.submitted_at,
            )
            for duplicate in view.likely_duplicates
        ],
        joined_needs=_joined_needs(view.joined if readable else ()),
        allowed_actions=[StaffNeedAction(action) for action in view.may],
        merged_into_id=need.merged_into_id if readable else None,
    )


def _staff_timeline_entry(event: RecordedEntry, view: StaffNeedView, links: LinksByEntry) -> StaffTimelineEntry:
    readable = view.shown.readable
    return StaffTimelineEntry(
        number=event.number,
        at=event.at,
        kind=NeedEventKind(event.kind),
        actor=_actor_for_staff(event, view),
        message=event.text if readable else "",
        note=event.note if readable else "",
        from_status=event.from_status,
        to_status=event.to_status,
        service_minutes=event.service_minutes,
        stands_in=StandInCapacity(event.stands_in) if event.stands_in else None,
        photos=links(event.number) if readable else [],
    )


def _actor_for_staff(event: RecordedEntry, view: StaffNeedView) -> str:
    if event.actor_id is None:
        return "系统"
    residents = access.own_residents(view.need).union(*(one.residents for one in view.joined))
    if event.actor_id in residents or _is_of_resident(event):
        return "居民"
    name = event.actor_name or ""
    if event.kind in NEED_VOLUNTEER_KINDS:
        return f"志愿者{mask_name(name)}"
    where = f"{event.station.name}，" if event.station else ""
    return f"{name or '工作人员'}（{where}{_capacity(event, '')}）" if event.stands_in else name or "工作人员"
