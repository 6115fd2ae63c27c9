"""What station staff do with a need: open, accept, decline, assign, start, note, resolve."""

from datetime import datetime

from server.database import db
from server.domain import audit, notifications, staff
from server.domain.needs import access, closing, crisis_alerts, staff_queries, timeline
from server.domain.needs.notifications import (
    NEED_ACCEPTED,
    NEED_ASSIGNED,
    NEED_ASSIGNED_TO_YOU,
    NEED_DECLINED,
    NEED_MESSAGE,
    NEED_RESOLVED,
    notify_resident,
)
from server.domain.needs.timeline import Line
from server.domain.needs.transitions import OPEN, S, move, must_be
from server.domain.staff import Staff
from server.errors import HeadRequired, InvalidNeedState, NotStationWorker
from server.models import Need, NeedEvent


@db.transaction
async def open_first(need_id: int, *, by: Staff, now: datetime) -> None:
    """首问责任 (plan rule 71): the first worker to open a need is named on it, until somebody accepts it."""
    need = await access.any_need(need_id)
    if need.first_worker_id is not None or need.station_id not in by.station_ids or need.status not in OPEN:
        return
    if access.is_resident_of(need, by.person_id):
        return
    await timeline.add(
        need,
        Line("opened", by.person_id, said="工作人员已看到您的需求（首问责任人）。"),
        now=now,
        first_worker_id=by.person_id,
    )


@db.transaction
async def accept(need_id: int, *, by: Staff, now: datetime) -> Need:
    """受理: the station takes the need; who accepted it answers for it from now on."""
    need = await access.by_station(need_id, by)
    must_be(need, S.SUBMITTED)
    await move(
        need,
        S.ACCEPTED,
        Line("accepted", by.person_id, said="站点已受理您的需求。"),
        now=now,
        accepted_at=now,
        first_worker_id=by.person_id,
    )
    await notify_resident(need, NEED_ACCEPTED, now=now)
    await closing.watch_anew(need, now=now)
    await crisis_alerts.acknowledge(need_id, by=by, now=now)
    return need


@db.transaction
async def decline(need_id: int, *, reason: str, who_can_help: str, by: Staff, now: datetime) -> Need:
    """不予受理: never without saying who can help instead; the resident may appeal once."""
    need = await access.by_station(need_id, by)
    must_be(need, S.SUBMITTED, S.ACCEPTED)
    await must_be_reader(need, by)
    # What somebody began to serve, and handed back, is not declined any more.
    if await NeedEvent.exists(need_id=need.id, kind="started"):
        raise InvalidNeedState(status=need.status)
    said = f"未能受理，原因：{reason}。您可以找：{who_can_help}。如有异议，15天内可以申诉一次。"
    days = await closing.days("appeal_days", need)
    await move(
        need,
        S.DECLINED,
        Line("declined", by.person_id, said=said.replace("15天", f"{days}天")),
        now=now,
        ended_at=now,
        handler_id=by.person_id,
        outcome=who_can_help,
    )
    await notify_resident(need, NEED_DECLINED, now=now)
    await crisis_alerts.acknowledge(need_id, by=by, now=now)
    return need


@db.transaction
async def assign(need_id: int, *, worker_id: int, by: Staff, now: datetime) -> Need:
    """派单: the head gives it to a worker of the station; a worker may take an unassigned one for themselves."""
    need = await access.by_station(need_id, by)
    must_be(need, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REOPENED)
    taking_it = worker_id == by.person_id and need.assignee_id is None and need.status == S.ACCEPTED
    if need.station_id not in by.head_of and not taking_it:
        raise HeadRequired
    if not await staff.lock_worker(worker_id, need.station_id):
        raise NotStationWorker(person=worker_id)
    access.must_not_be_own(need, worker_id)
    names = await staff.names_of({worker_id})
    line = Line("assigned", by.person_id, said=f"已安排{names[worker_id]}为您服务。")
    await move(need, S.ASSIGNED, line, now=now, assignee_id=worker_id)
    await notifications.notify([worker_id], NEED_ASSIGNED_TO_YOU, subject_id=need.id, now=now)
    await notify_resident(need, NEED_ASSIGNED, now=now)
    return need


@db.transaction
async def start(need_id: int, *, by: Staff, now: datetime) -> Need:
    """The worker begins to serve."""
    need = await access.by_assignee(need_id, by)
    must_be(need, S.ASSIGNED, S.REOPENED)
    line = Line("started", by.person_id, said="工作人员已开始为您服务。")
    assignee = need.assignee_id or by.person_id
    await move(need, S.IN_PROGRESS, line, now=now, assignee_id=assignee)
    return need


@db.transaction
async def note(need_id: int, *, text: str, said: str, service_minutes: int, by: Staff, now: datetime) -> Need:
    """Add a staff-only note, a word to the resident, or time spent; anybody of the station who may read it may."""
    need = await access.by_station(need_id, by)
    await must_be_reader(need, by)
    if said:
        must_be(need, *OPEN, S.RESOLVED)
    line = Line("note", by.person_id, said=said, note=text, service_minutes=service_minutes)
    await timeline.add(need, line, now=now)
    if said:
        await notify_resident(need, NEED_MESSAGE, now=now)
    return need


@db.transaction
async def resolve(need_id: int, *, outcome: str, service_minutes: int, by: Staff, now: datetime) -> Need:
    """办结: say what was done; the resident is asked to rate it, and silence closes it after a while."""
    need = await access.by_assignee(need_id, by)
    must_be(need, S.IN_PROGRESS)
    line = Line("resolved", by.person_id, said=f"已办结：{outcome}", service_minutes=service_minutes)
    await move(need, S.RESOLVED, line, now=now, resolved_at=now, handler_id=by.person_id, outcome=outcome)
    await notify_resident(need, NEED_RESOLVED, now=now)
    await closing.plan_silent_close(need, now=now)
    return need


@db.transaction
async def reveal_contact(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Read name, phone and place unmasked: an act with a reason, logged, and visible to the person."""
    need = await access.by_station(need_id, by)
    await must_be_reader(need, by)
    await audit.read(f"need:{need.id}", "contact", of=need.person_id, by=by.person_id, reason=reason, now=now)
    line = Line("contact_read", by.person_id, said=f"工作人员查看了您的联系方式，原因：{reason}。")
    await timeline.add(need, line, now=now)
    return need


async def must_be_reader(need: Need, by: Staff) -> None:
    """Refuse who may not read the text of a confidential need: only the assigned worker and the head may."""
    if not await staff_queries.may_read(need, by):
        raise HeadRequired
