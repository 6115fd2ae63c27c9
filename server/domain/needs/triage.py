"""Steps of station staff: open, accept, decline, assign, start, add a note, resolve, hand back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from server.database import db
from server.domain import audit, job_queue, photos, staff, stations
from server.domain.needs import access, crisis_alerts, crisis_openings, deadlines, timeline
from server.domain.needs.notifications import (
    NEED_ACCEPTED,
    NEED_ASSIGNED,
    NEED_ASSIGNED_TO_YOU,
    NEED_DECLINED,
    NEED_HANDED_BACK,
    NEED_MESSAGE,
    NEED_RESOLVED,
    notify_heads,
    notify_resident,
    notify_worker,
)
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import NEVER_DECLINED_AFTER, OPEN, WRITABLE, S, move, move_or_stay, require_status
from server.domain.staff import Staff
from server.domain.working_time import in_chinese
from server.errors import HeadRequired, InvalidNeedState, NotStationWorker
from server.models import Need, NeedEvent, ReadingKind

IN_HAND = (S.ASSIGNED, S.IN_PROGRESS, S.REOPENED, S.REFERRED)


@dataclass(frozen=True)
class NoteContent:
    """A note for staff, a message to the resident with its photos, and minutes spent."""

    note: str = ""
    message: str = ""
    service_minutes: int = 0
    photo_ids: Sequence[int] = ()


@db.transaction
async def record_first_opening(need_id: int, *, by: Staff, now: datetime) -> None:
    """Name the first worker who opens a need on it, until it is accepted (plan rule 71, 首问责任)."""
    need = await access.lock_need(need_id)
    if need.first_worker_id is not None or need.station_id not in by.station_ids or need.status not in OPEN:
        return
    # What the resident reads then must be true: who may not read the need has not seen it.
    if by.person_id in await access.kept_from(need) or not await access.may_read(need, by):
        return
    need.stands_in = by.stands_in_for.get(need.station_id)
    await timeline.add(
        need,
        TimelineEntry("opened", by.person_id, text="工作人员已看到您的需求，会负责跟进，直到有人接手（首问负责）。"),
        now=now,
        first_worker_id=by.person_id,
    )


@db.transaction
async def accept(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Accept the need (受理) for the station; the worker who accepts it is answerable from now on.

    Raises `HeadRequired` if it is confidential and the caller may not read it, and `CrisisNotOpened` for a plea that
    nobody has read: its response is still due.
    """
    need = await access.lock_for_station(need_id, by)
    require_status(need, S.SUBMITTED)
    await access.require_reader(need, by)
    await crisis_alerts.acknowledge_if_opened(need, by=by, now=now)
    await crisis_alerts.require_heard(need)
    await move(
        need,
        S.ACCEPTED,
        TimelineEntry("accepted", by.person_id, text="站点已受理您的需求。"),
        now=now,
        accepted_at=now,
        first_worker_id=by.person_id,
    )
    station, until = await stations.get(need.station_id), in_chinese(need.completion_due_at)
    await notify_resident(need, NEED_ACCEPTED, now=now, station=station.name, until=until)
    await deadlines.plan_next_check(need, now=now)
    return need


@db.transaction
async def decline(need_id: int, *, reason: str, alternative_help: str, by: Staff, now: datetime) -> Need:
    """Decline the need (不予受理), with a reason and who can help instead; the resident may appeal once.

    Raises `InvalidNeedState` once a worker was assigned, and after a granted appeal; `CrisisNotOpened` for a plea that
    nobody has read.
    """
    need = await access.lock_for_station(need_id, by)
    require_status(need, S.SUBMITTED, S.ACCEPTED)
    await access.require_reader(need, by)
    # An accepted need that had a worker, or that an appeal won back, cannot be declined any more.
    if need.status == S.ACCEPTED and await NeedEvent.exists(need_id=need.id, kind__in=NEVER_DECLINED_AFTER):
        raise InvalidNeedState(status=need.status)
    await crisis_alerts.acknowledge_if_opened(need, by=by, now=now)
    await crisis_alerts.require_heard(need)
    days = await deadlines.policy_days("appeal_days", need)
    why, helper = timeline.clause(reason), timeline.clause(alternative_help)
    text = f"未能受理，原因：{why}。您可以找：{helper}。如有异议，{days}天内可以申诉一次。"
    await move(
        need,
        S.DECLINED,
        TimelineEntry("declined", by.person_id, text=text),
        now=now,
        ended_at=now,
        handler_id=by.person_id,
        outcome=alternative_help,
    )
    await notify_resident(need, NEED_DECLINED, now=now)
    return need


@db.transaction
async def assign(need_id: int, *, worker_id: int, by: Staff, now: datetime) -> Need:
    """Assign the need (派单) to a worker of the station or a stand-in; a worker may take an unassigned need.

    Only the head assigns a confidential need, also to themselves; that is noted in the audit trail. Raises
    `HeadRequired` for other assignments by a worker, `OpeningRequired` for a stand-in who has not opened it,
    `NotStationWorker`, and `OwnNeed` if it is the worker's.
    """
    await access.keep_unstaffed(need_id, by)
    await staff.lock_roles(worker_id)  # a worker who leaves locks the role and then the needs
    need = await access.lock_for_station(need_id, by)
    require_status(need, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REOPENED)
    confidential = await access.is_confidential(need)
    if need.stands_in is not None:  # who could assign it to themselves unread would read it as the assigned worker
        await access.require_reader(need, by)
    is_free = need.assignee_id is None and need.status == S.ACCEPTED
    takes_it = worker_id == by.person_id and is_free and not confidential
    if need.station_id not in by.head_of and not takes_it:
        raise HeadRequired
    name = await staff.name_of_worker(worker_id, need.station_id)
    if name is None:
        raise NotStationWorker(person=worker_id)
    await access.require_not_own(need, worker_id)
    entry = TimelineEntry("assigned", by.person_id, text=f"已安排{name}为您服务。")
    await move(need, S.ASSIGNED, entry, now=now, assignee_id=worker_id)
    if confidential:
        await audit.note("need.assigned", f"need:{need.id}", by=by.person_id, now=now, worker=worker_id)
    await notify_worker(need, NEED_ASSIGNED_TO_YOU, now=now, by=by.person_id)
    await notify_resident(need, NEED_ASSIGNED, now=now)
    return need


@db.transaction
async def start(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Begin to serve the need."""
    need = await access.lock_for_assignee(need_id, by)
    require_status(need, S.ASSIGNED, S.REOPENED)
    entry = TimelineEntry("started", by.person_id, text="工作人员已开始为您服务。")
    assignee = need.assignee_id or by.person_id
    await move(need, S.IN_PROGRESS, entry, now=now, assignee_id=assignee)
    return need


@db.transaction
async def add_note(need_id: int, content: NoteContent, *, by: Staff, now: datetime) -> Need:
    """Add a note for staff, a message to the resident, or time spent.

    Raises `HeadRequired` as `accept` does, `PhotoNotAvailable`, and `InvalidNeedState` for a message when the need is
    closed.
    """
    need = await access.lock_for_station(need_id, by)
    await access.require_reader(need, by)
    if content.message:
        require_status(need, *WRITABLE)
    entry = TimelineEntry(
        "note", by.person_id, content.message, note=content.note, service_minutes=content.service_minutes
    )
    await timeline.add(need, entry, now=now)
    await photos.attach_to_entry(content.photo_ids, need, owner_id=by.person_id)
    if content.message:
        await notify_resident(need, NEED_MESSAGE, now=now)
    return need


@db.transaction
async def note_place(need_id: int, *, place: str, by: Staff, now: datetime) -> Need:
    """Note the address for help at home, as the resident said it. Raises `InvalidNeedState`, `HeadRequired`."""
    need = await access.lock_for_station(need_id, by)
    await access.require_reader(need, by)
    require_status(need, *OPEN)
    entry = TimelineEntry("place_noted", by.person_id, text="工作人员记下了上门的地址。")
    await timeline.add(need, entry, now=now, at_home=True, place=place)
    return need


@db.transaction
async def resolve(need_id: int, *, outcome: str, service_minutes: int, by: Staff, now: datetime) -> Need:
    """Resolve the need (办结) with its outcome; the resident is asked for a rating, without one it closes later."""
    need = await access.lock_for_assignee(need_id, by)
    require_status(need, S.IN_PROGRESS)
    entry = TimelineEntry("resolved", by.person_id, text=f"已办结：{outcome}", service_minutes=service_minutes)
    await move(need, S.RESOLVED, entry, now=now, resolved_at=now, handler_id=by.person_id, outcome=outcome)
    await notify_resident(need, NEED_RESOLVED, now=now)
    await job_queue.plan("draw_call_back", need.id, due=now)
    await deadlines.plan_silent_close(need, now=now)
    return need


@db.transaction
async def reveal_contact(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Return the need for showing name, phone and place unmasked; logs the reading, which the resident sees.

    With the contact of a crisis the caller has opened it (`crisis_openings`).
    """
    need = await access.lock_for_reader(need_id, by)
    await access.require_reader(need, by)
    await crisis_openings.note_opening(need, reason=reason, by=by.person_id, now=now)
    await audit.read(f"need:{need.id}", ReadingKind.CONTACT, of=need.person_id, by=by.person_id, reason=reason, now=now)
    text = f"工作人员查看了您的联系方式，原因：{timeline.clause(reason)}。"
    acting_for = access.acting_for(need, by)
    await timeline.add(need, TimelineEntry("contact_read", by.person_id, text=text, acting_for=acting_for), now=now)
    return need


async def hand_back_all(person_id: int, *, by: int | None, now: datetime) -> int:
    """Take a person off the needs of stations for which they do not act any more. Return how many.

    The head of each station assigns them again. For verbs that end a role.
    """
    db.require_transaction()
    theirs = (await staff.of_person(person_id)).station_ids
    in_hand = Need.filter(assignee_id=person_id, status__in=IN_HAND).exclude(station_id__in=sorted(theirs) or [0])
    return await _hand_back(in_hand, "原经办人已离岗，站点会重新安排工作人员。", by, now)


async def hand_back_stood_in(station_id: int, *, by: int | None, now: datetime) -> int:
    """Take stand-ins off the needs of a station that has a worker now. Return how many. For verbs that appoint one."""
    db.require_transaction()
    workers = (await staff.of_station(station_id)).workers
    assigned = Need.filter(station_id=station_id, status__in=IN_HAND, assignee_id__not_isnull=True)
    in_hand = assigned.exclude(assignee_id__in=list(workers) or [0])
    return await _hand_back(in_hand, "站点已有工作人员，会重新为您安排。", by, now)


async def _hand_back(in_hand: QuerySet[Need], text: str, by: int | None, now: datetime) -> int:
    needs = await in_hand.order_by("id").select_for_update()
    for need in needs:
        await hand_back(need, text, by, now)
    return len(needs)


async def hand_back(need: Need, text: str, by: int | None, now: datetime) -> None:
    """Take the worker off a locked need in hand; the head assigns it again."""
    # A referred need stays referred; the station that gets it assigns it.
    status = None if need.status == S.REFERRED else S.ACCEPTED
    await move_or_stay(need, status, TimelineEntry("handed_back", by, text=text), now=now, assignee_id=None)
    await notify_heads(need.station_id, need, NEED_HANDED_BACK, now=now)
