"""Due steps of a need: remind the worker, escalate 督办 to the parent station, close without a rating."""

from datetime import datetime, timedelta

from server.database import db
from server.domain import job_queue, reference
from server.domain.needs import access, closing, deadlines, timeline
from server.domain.needs.deadlines import DeadlineKind
from server.domain.needs.notifications import (
    COMPLETION_NEARLY_DUE,
    COMPLETION_OVERDUE,
    NEED_ESCALATED,
    RESPONSE_NEARLY_DUE,
    RESPONSE_OVERDUE,
    notify_heads,
    notify_resident,
    notify_worker,
)
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN, S
from server.models import Need, NeedEvent


@db.transaction
async def do_due_actions(need_id: int, *, now: datetime) -> None:
    """Do each step that is due now once, and plan the next run. Running early, late or again does no harm."""
    await reference.lock_shared()
    need = await access.lock_need(need_id)
    if need.status == S.RESOLVED:
        await _close_if_silent(need, now)
    elif need.status in OPEN:
        await _check_deadlines(need, now)


async def _close_if_silent(need: Need, now: datetime) -> None:
    assert need.resolved_at is not None
    if now >= need.resolved_at + timedelta(days=await deadlines.policy_days("auto_close_days", need)):
        await closing.close(need, text="超过评价期限，已归档。", by=None, now=now)
    else:
        await deadlines.plan_silent_close(need, now=need.resolved_at)


async def _check_deadlines(need: Need, now: datetime) -> None:
    done = await _steps_done(need)
    upcoming: list[datetime] = []
    for which, due in _deadlines(need):
        remind = await deadlines.reminder_at(need, which)
        for kind, at, act in ((f"{which}_nearly_due", remind, _remind), (f"{which}_overdue", due, _escalate)):
            if kind in done:
                continue
            if now < at:
                upcoming.append(at)
            elif kind.endswith("overdue") or now < due:
                await act(need, kind, now)
    if upcoming:
        await job_queue.plan("watch_need", need.id, due=min(upcoming))


async def _steps_done(need: Need) -> set[str]:
    """Return the steps already done for the present deadlines at the present station."""
    events = await NeedEvent.filter(need_id=need.id, kind__in=[*DEADLINE_KINDS, *BEGINS_AGAIN]).order_by("number")
    kinds = [event.kind for event in events]
    last = max((place for place, kind in enumerate(kinds) if kind in BEGINS_AGAIN), default=-1)
    return set(kinds[last + 1 :])


NEW_DEADLINES = ["extension_granted", "appeal_granted", "reopened"]
# The deadlines stay, but another station's worker is reminded, and its parent oversees what is overdue.
NEW_STATION = ["referral_accepted", "head_decides", "rerouted"]
BEGINS_AGAIN = [*NEW_DEADLINES, *NEW_STATION]
NOTICES = {
    template.key: template
    for template in (RESPONSE_NEARLY_DUE, COMPLETION_NEARLY_DUE, RESPONSE_OVERDUE, COMPLETION_OVERDUE)
}
DEADLINE_KINDS = list(NOTICES)
DEADLINE_WORDS = {"response": "答复", "completion": "办结"}


def _deadlines(need: Need) -> list[tuple[DeadlineKind, datetime]]:
    """Return the running deadlines: the response until the need is accepted, the completion always."""
    completion: tuple[DeadlineKind, datetime] = ("completion", need.completion_due_at)
    return [completion] if need.accepted_at is not None else [("response", need.response_due_at), completion]


async def _remind(need: Need, kind: str, now: datetime) -> None:
    what = DEADLINE_WORDS[kind.partition("_")[0]]
    await timeline.add(need, TimelineEntry(kind, None, note=f"{what}期限将到"), now=now)
    await notify_worker(need, NOTICES[kind], now=now)


async def _escalate(need: Need, kind: str, now: datetime) -> None:
    what = DEADLINE_WORDS[kind.partition("_")[0]]
    parent = await access.overseer_of(need, need.station_id)
    entry = TimelineEntry(kind, None, text=f"已超过{what}期限，由{parent.name}督办。")
    await timeline.add(need, entry, now=now, escalated_at=need.escalated_at or now, overseer_id=parent.id)
    await notify_heads(parent.id, need, NOTICES[kind], now=now)
    await notify_resident(need, NEED_ESCALATED, now=now)
