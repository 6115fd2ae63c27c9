"""Referrals 转介: a need goes to another station, which accepts or returns it; the sender is responsible until then.

The sender may recall it while nobody has answered. It is recalled of itself when the response time has passed.
"""

from datetime import datetime

from server.database import db
from server.domain import categories, job_queue, policies, reference, routing, stations
from server.domain.needs import access, crisis_alerts, deadlines, responsibility, timeline
from server.domain.needs.notifications import (
    NEED_MOVED,
    NEED_REFERRED,
    NEED_RETURNED,
    NEED_TO_DECIDE,
    REFERRAL_UNANSWERED,
    notify_heads,
    notify_no_longer_referred,
    notify_resident,
    notify_station,
)
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import (
    HAS_WORKER,
    REFERABLE,
    S,
    move,
    move_or_stay,
    require_status,
    status_after_return,
)
from server.domain.reference import Snapshot
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI
from server.errors import InvalidNeedState, NotFound, ReceiverNotSuitable, ReferralFinal, SameStation
from server.models import Need, Referral, Station

EXPIRY = "expire_referral"  # the kind of the job


@db.transaction
async def refer(need_id: int, *, to_station: int, reason: str, by: Staff, now: datetime) -> Need:
    """Refer the need to another operating station that offers its category.

    A confidential need goes without its words: the receiver reads them after accepting it. Raises `SameStation` for
    the own station, `ReceiverNotSuitable` for one that is closed or does not offer it, and `HeadRequired` if the need
    is confidential and the caller may not read it.
    """
    setup = await reference.lock_shared()
    need = await access.lock_for_station(need_id, by)
    require_status(need, *REFERABLE)
    await access.require_reader(need, by)
    if to_station == need.station_id:
        raise SameStation
    receiver = await _open_receiver(setup, to_station, need)
    answer_due_at = await _answer_due_at(need, receiver, now)
    referral = await Referral.create(
        need_id=need.id,
        from_station_id=need.station_id,
        to_station_id=receiver.id,
        status_before=need.status,
        reason=reason,
        referred_by_id=by.person_id,
        referred_at=now,
        answer_due_at=answer_due_at,
    )
    await job_queue.plan(EXPIRY, referral.id, due=answer_due_at)
    entry = TimelineEntry(
        "referred",
        by.person_id,
        text=f"正在转介到{receiver.name}，原因：{timeline.clause(reason)}。对方接收前仍由原站点负责。",
    )
    await move(need, S.REFERRED, entry, now=now, referred_to_id=receiver.id)
    until = f"{answer_due_at.astimezone(SHANGHAI):%m月%d日%H:%M}"
    await notify_heads(receiver.id, need, NEED_REFERRED, now=now, by=by.person_id, until=until)
    return need


async def _answer_due_at(need: Need, receiver: Station, now: datetime) -> datetime:
    """Return until when the receiver may answer: the response time of the need, counted from now."""
    promise = await categories.get_promise(need.category_id, need.urgency)
    residents = await access.kept_from(need)
    due = await deadlines.compute_deadlines(promise, now, station_id=receiver.id, residents=residents)
    return due.response_due_at


async def _open_receiver(setup: Snapshot, station_id: int, need: Need) -> Station:
    if not stations.is_operating(setup, station_id):
        raise ReceiverNotSuitable
    if not await routing.offers(station_id, need.category_id):
        raise ReceiverNotSuitable
    return setup.stations[station_id]


@db.transaction
async def accept(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Accept a referred need for the receiving station, which is responsible from now on. Deadlines stay.

    Only the head of that station accepts or returns a confidential need; others raise `HeadRequired`.
    """
    setup = await reference.lock_shared()
    need, referral = await _lock_referred(need_id, by)
    receiver = await _open_receiver(setup, referral.to_station_id, need)
    await _record_answer(referral, accepted=True, reason="", now=now)
    entry = TimelineEntry("referral_accepted", by.person_id, text=f"{receiver.name}已接收，由该站继续为您服务。")
    await move(
        need,
        S.ACCEPTED,
        entry,
        now=now,
        station_id=receiver.id,
        first_worker_id=by.person_id,
        assignee_id=None,
        referred_to_id=None,
        accepted_at=need.accepted_at or now,
        decided_by_head=False,
    )
    await notify_resident(need, NEED_MOVED, now=now, station=receiver.name)
    await deadlines.plan_check_now(need, now=now)
    await crisis_alerts.follow(need, now=now)
    return need


@db.transaction
async def return_to_sender(need_id: int, *, reason: str, by: Staff, now: datetime) -> Need:
    """Return a referred need to its sender, with a reason.

    After `referral_return_limit` returns (a policy) the head station decides. Raises `ReferralFinal` if the head
    station sent it.
    """
    await reference.lock_shared()  # the head station, if it has to decide, stays open
    need, referral = await _lock_referred(need_id, by)
    if need.decided_by_head:
        raise ReferralFinal
    await _record_answer(referral, accepted=False, reason=reason, now=now)
    sender = await stations.get(referral.from_station_id)
    times_returned = need.times_returned + 1
    text = f"对方站点未接收，原因：{timeline.clause(reason)}。仍由{sender.name}负责。"
    entry = TimelineEntry("referral_returned", by.person_id, text=text, acting_for=referral.to_station_id)
    await move(
        need,
        status_after_return(need, referral.status_before),
        entry,
        now=now,
        times_returned=times_returned,
        referred_to_id=None,
    )
    await notify_heads(sender.id, need, NEED_RETURNED, now=now, by=by.person_id)
    await job_queue.plan("reroute_needs", sender.id, due=now)  # its head may have left meanwhile
    if times_returned >= await policies.number("referral_return_limit", station_id=sender.id):
        await _give_to_head_station(need, sender, now)
    return need


async def require_returned(need_id: int, *, by: Staff) -> None:
    """Raise `NotFound` unless a station of the caller was asked to take the need."""
    if not await Referral.filter(need_id=need_id, to_station_id__in=sorted(by.station_ids) or [0]).exists():
        raise NotFound


@db.transaction
async def recall(need_id: int, *, by: Staff, now: datetime) -> Need:
    """Recall a referral for its sender while the receiver has not answered.

    Raises `InvalidNeedState` after that, and `HeadRequired` if the need is confidential and the caller may not read it.
    """
    need = await access.lock_for_station(need_id, by)
    require_status(need, S.REFERRED)
    await access.require_reader(need, by)
    await _recall(need, await Referral.get(need_id=need.id, open=1), by.person_id, now)
    return need


@db.transaction
async def expire(referral_id: int, *, now: datetime) -> None:
    """Recall a referral that nobody answered in its time. Running early, late or again does no harm."""
    need = await access.lock_need((await Referral.get(id=referral_id)).need_id)
    referral = await Referral.get(id=referral_id)
    if referral.open is None:
        return
    if now < referral.answer_due_at:
        await job_queue.plan(EXPIRY, referral.id, due=referral.answer_due_at)
        return
    await _recall(need, referral, None, now)
    await notify_station(need, REFERRAL_UNANSWERED, now=now)


async def _recall(need: Need, referral: Referral, by: int | None, now: datetime) -> None:
    """Give a locked need back to its sender. `by` is None when the response time has passed."""
    receiver, sender = await stations.get(referral.to_station_id), await stations.get(need.station_id)
    await end_unanswered(need, now=now)
    why = f"{receiver.name}没有按时答复，转介自动取消" if by is None else "已撤回转介"
    entry = TimelineEntry("referral_recalled", by, text=f"{why}，仍由{sender.name}负责。")
    await move(need, status_after_return(need, referral.status_before), entry, now=now, referred_to_id=None)
    await job_queue.plan("reroute_needs", sender.id, due=now)  # its head may have left meanwhile


async def end_unanswered(need: Need, *, now: datetime) -> None:
    """End the open referral of a locked need, if it has one, without an answer: the receiver owes none any more."""
    if need.referred_to_id is not None:
        await Referral.filter(need_id=need.id, open=1).update(open=None, answered_at=now)
        await notify_no_longer_referred(need.referred_to_id, now=now)


async def _give_to_head_station(need: Need, sender: Station, now: datetime) -> None:
    head = await stations.head_station_of(sender)
    residents = await access.kept_from(need)
    head = await responsibility.where_others_act(head, residents, needs_head=await responsibility.needs_head(need))
    # The head station may be the sender: it keeps the need, and the next receiver must take it.
    entry = TimelineEntry("head_decides", None, text=f"多次转介未成，由{head.name}负责并决定由谁办理。")
    await _hand_over(need, entry, head, now)
    await deadlines.plan_check_now(need, now=now)
    await notify_heads(head.id, need, NEED_TO_DECIDE, now=now)


async def _hand_over(need: Need, entry: TimelineEntry, head: Station, now: datetime) -> None:
    changes = {"station_id": head.id, "assignee_id": None, "decided_by_head": True}
    status = S.ACCEPTED if need.status in HAS_WORKER else None
    await move_or_stay(need, status, entry, now=now, **changes)
    await crisis_alerts.follow(need, now=now)


async def _lock_referred(need_id: int, by: Staff) -> tuple[Need, Referral]:
    """Lock a need with an open referral to one of the caller's stations; for others see `access.refuse_access`."""
    referred = Referral.filter(need_id=need_id, open=1, to_station_id__in=sorted(by.station_ids))
    if not await referred.exists():
        await access.refuse_access(need_id, by)
    need = await access.lock_need(need_id)
    await access.require_not_own(need, by.person_id)
    referral = await referred.first()
    if referral is None:  # answered while this call waited for the lock
        raise InvalidNeedState(status=need.status)
    await access.stand_in(need, referral.to_station_id, by)
    await access.require_head_if_confidential(need, referral.to_station_id, by)
    return need, referral


async def _record_answer(referral: Referral, *, accepted: bool, reason: str, now: datetime) -> None:
    await Referral.filter(id=referral.id).update(open=None, accepted=accepted, answer_reason=reason, answered_at=now)
