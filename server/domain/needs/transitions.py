"""The states of a need and every move between them, as one table."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain.needs import timeline
from server.domain.needs.timeline import TimelineEntry
from server.domain.tasks import cancellation
from server.errors import InvalidNeedState
from server.models import Need, NeedStatus

S = NeedStatus

TRANSITIONS: dict[NeedStatus, frozenset[NeedStatus]] = {
    S.SUBMITTED: frozenset({S.ACCEPTED, S.DECLINED, S.REFERRED, S.WITHDRAWN, S.MERGED}),
    S.ACCEPTED: frozenset({S.ASSIGNED, S.DECLINED, S.REFERRED, S.WITHDRAWN, S.MERGED}),
    # Back to accepted: the worker left, or another station took over, and somebody must be assigned anew.
    S.ASSIGNED: frozenset({S.ASSIGNED, S.ACCEPTED, S.IN_PROGRESS, S.REFERRED, S.WITHDRAWN, S.MERGED}),
    # Back to where it was when bounced; a resident may withdraw while two stations talk.
    S.REFERRED: frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.WITHDRAWN}),
    # A worker falls ill: the head assigns another.
    S.IN_PROGRESS: frozenset({S.RESOLVED, S.ASSIGNED, S.ACCEPTED}),
    S.RESOLVED: frozenset({S.CLOSED, S.REOPENED}),
    S.REOPENED: frozenset({S.ASSIGNED, S.IN_PROGRESS, S.ACCEPTED}),
    # A rating changed within its day to one or two stars reopens what the first one closed.
    S.CLOSED: frozenset({S.REOPENED}),
    # A granted appeal: the parent station takes it.
    S.DECLINED: frozenset({S.ACCEPTED}),
    S.WITHDRAWN: frozenset(),
    S.MERGED: frozenset(),
}
OPEN = frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.REFERRED, S.IN_PROGRESS, S.REOPENED})
# Whoever was asked to help as a volunteer is not asked any more.
CANCELS_TASKS = frozenset({S.DECLINED, S.WITHDRAWN, S.MERGED, S.CLOSED})
NOT_STARTED = frozenset({S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.REFERRED})


async def move(need: Need, to: NeedStatus, entry: TimelineEntry, *, now: datetime, **changes: Any) -> None:
    """Move a locked need along the table and add the line to its timeline; raises InvalidNeedState off the table."""
    db.require_transaction()
    if to not in TRANSITIONS[need.status]:
        raise InvalidNeedState(status=need.status)
    await _apply(need, to, entry, now, changes)


async def _apply(
    need: Need, to: NeedStatus | None, entry: TimelineEntry, now: datetime, changes: dict[str, Any]
) -> None:
    """The one place every move and hand-over comes through: what hangs on the need follows it, or is let go."""
    elsewhere = changes.get("station_id", need.station_id) != need.station_id
    await timeline.add(need, entry, to=to, now=now, **changes)
    if elsewhere or to in CANCELS_TASKS:
        await cancellation.cancel_for_need(need, now=now)


def status_after_return(need: Need, before: NeedStatus) -> NeedStatus:
    """Where a need that comes back stands: as before it was referred, unless its worker left meanwhile."""
    return S.ACCEPTED if before == S.ASSIGNED and need.assignee_id is None else before


async def move_or_stay(
    need: Need, to: NeedStatus | None, entry: TimelineEntry, *, now: datetime, **changes: Any
) -> None:
    """As `move`, or where the status stays as it is, only the line and the changes."""
    if to is None:
        await _apply(need, None, entry, now, changes)
    else:
        await move(need, to, entry, now=now, **changes)


def require_status(need: Need, *statuses: NeedStatus) -> None:
    """Refuse with InvalidNeedState unless the need is in one of these states."""
    if need.status not in statuses:
        raise InvalidNeedState(status=need.status)
