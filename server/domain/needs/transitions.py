"""The states of a need and the transitions between them, as one table."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain.needs import access, timeline
from server.domain.needs.timeline import TimelineEntry
from server.domain.tasks import cancellation
from server.errors import InvalidNeedState
from server.models import Need, NeedStatus
from server.models.needs import NEEDS_OPEN

S = NeedStatus

TRANSITIONS: dict[NeedStatus, frozenset[NeedStatus]] = {
    S.SUBMITTED: frozenset({S.ACCEPTED, S.DECLINED, S.REFERRED, S.WITHDRAWN, S.MERGED}),
    S.ACCEPTED: frozenset({S.ASSIGNED, S.DECLINED, S.REFERRED, S.WITHDRAWN, S.MERGED}),
    # Back to accepted: the worker left, or another station took over, and the head must assign a worker again.
    S.ASSIGNED: frozenset({S.ASSIGNED, S.ACCEPTED, S.IN_PROGRESS, S.REFERRED, S.WITHDRAWN, S.MERGED}),
    # Back to its former state when returned or recalled; the resident may withdraw it meanwhile.
    S.REFERRED: frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.WITHDRAWN}),
    # If the worker falls ill, the head assigns another. It is never declined any more.
    S.IN_PROGRESS: frozenset({S.RESOLVED, S.ASSIGNED, S.ACCEPTED, S.REFERRED, S.WITHDRAWN}),
    S.RESOLVED: frozenset({S.CLOSED, S.REOPENED}),
    S.REOPENED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.ACCEPTED}),
    # A rating that is changed to one or two stars reopens a need that the first rating closed.
    S.CLOSED: frozenset({S.REOPENED}),
    # A granted appeal: the parent station takes it.
    S.DECLINED: frozenset({S.ACCEPTED}),
    S.WITHDRAWN: frozenset(),
    # It parts again from a need of people who no longer live together, or who withdraw it, in the state of that one.
    S.MERGED: frozenset({S.SUBMITTED, S.ACCEPTED, S.RESOLVED, S.DECLINED}),
}
OPEN = NEEDS_OPEN
# These states cancel a task of the need that has not begun.
CANCELS_TASKS = frozenset({S.DECLINED, S.WITHDRAWN, S.MERGED, S.CLOSED})
NOT_STARTED = frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.REFERRED})
# The resident may withdraw it, and a station may refer it.
WITHDRAWABLE = NOT_STARTED | {S.IN_PROGRESS}
# The resident goes on speaking, and staff answer.
WRITABLE = OPEN | {S.RESOLVED}
# Entries of the timeline after which an accepted need is not declined any more: it had a worker, or an appeal won it.
NEVER_DECLINED_AFTER = ("assigned", "started", "appeal_granted")
REFERABLE = WITHDRAWABLE - {S.REFERRED}


async def move(need: Need, to: NeedStatus, entry: TimelineEntry, *, now: datetime, **changes: Any) -> None:
    """Move a locked need to a state and add the entry to its timeline.

    Raises `InvalidNeedState` if the table does not allow it.
    """
    db.require_transaction()
    if to not in TRANSITIONS[need.status]:
        raise InvalidNeedState(status=need.status)
    await _apply(need, to, entry, now, changes)


async def _apply(
    need: Need, to: NeedStatus | None, entry: TimelineEntry, now: datetime, changes: dict[str, Any]
) -> None:
    """Write the move. Every move passes here.

    A need that changes its station or ends cancels its task; the station above the new one oversees it.
    """
    station_id = changes.get("station_id", need.station_id)
    changes_station = station_id != need.station_id
    if changes_station and need.overseer_id is not None:
        changes.setdefault("overseer_id", (await access.overseer_of(need, station_id)).id)
    await timeline.add(need, entry, to=to, now=now, **changes)
    if changes_station and need.joined_needs:
        # What was merged into it goes along: the next station reads it too.
        await Need.filter(merged_into_id=need.id).update(station_id=station_id)
    if changes_station or to in CANCELS_TASKS:
        await cancellation.cancel_for_need(need, now=now)


def status_after_return(need: Need, before: NeedStatus) -> NeedStatus:
    """Return the state of a returned or recalled need: as before the referral, unless its worker left meanwhile."""
    return S.ACCEPTED if before in HAS_WORKER and need.assignee_id is None else before


HAS_WORKER = frozenset({S.ASSIGNED, S.IN_PROGRESS})


async def move_or_stay(
    need: Need, to: NeedStatus | None, entry: TimelineEntry, *, now: datetime, **changes: Any
) -> None:
    """Move the need, or, if `to` is None, only add the entry and write the changes."""
    if to is None:
        await _apply(need, None, entry, now, changes)
    else:
        await move(need, to, entry, now=now, **changes)


def require_status(need: Need, *statuses: NeedStatus) -> None:
    """Raise `InvalidNeedState` unless the need is in one of these states."""
    if need.status not in statuses:
        raise InvalidNeedState(status=need.status)
