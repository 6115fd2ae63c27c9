"""The timeline of a task: append-only and numbered without a gap; entries for the resident also go to the need's
thread.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import people
from server.domain.needs import timeline as thread
from server.errors import Busy
from server.models import Task, TaskEvent, TaskStatus

# Kinds of entries in a need's thread that belong to a volunteer, unless the resident wrote them.
VOLUNTEER_KINDS = ("claimed", "claim_withdrawn", "contact_read", "started", "finished")
EITHER_SIDE_KINDS = ("disputed", "dispute_statement", "dispute_appealed")
NEED_VOLUNTEER_KINDS = frozenset(f"task_{kind}" for kind in VOLUNTEER_KINDS + EITHER_SIDE_KINDS)


@dataclass(frozen=True)
class TimelineEntry:
    """An event of a task, and who caused it (None: the rules themselves); `note` is for staff."""

    kind: str
    by: int | None
    text: str = ""  # Chinese, for the thread of the need; empty: no entry there
    note: str = ""
    acting_for: int | None = None  # the station that the actor acts for, if not the task's


async def add(task: Task, entry: TimelineEntry, *, now: datetime, to: TaskStatus | None = None, **changes: Any) -> None:
    """Add an entry to the task's timeline and, if it has a text, to the thread of its need; both must be locked."""
    db.require_transaction()
    number, before = task.event_count + 1, task.status
    changes |= {"event_count": number} | ({"status": to} if to else {})
    # The lock makes this update always hit; without the lock the count would not match.
    if not await Task.filter(id=task.id, event_count=task.event_count).update(**changes):
        raise Busy
    task.update_from_dict(changes)
    await TaskEvent.create(
        task_id=task.id,
        number=number,
        at=now,
        kind=entry.kind,
        actor_id=entry.by,
        from_status=before if to and number > 1 else None,
        to_status=to,
        note=entry.note,
    )
    if entry.text and task.need is not None:
        station_id = entry.acting_for or task.station_id
        in_need = thread.TimelineEntry(f"task_{entry.kind}", entry.by, text=entry.text, acting_for=station_id)
        await thread.add(task.need, in_need, now=now)


async def list_events(task_id: int) -> list[TaskEvent]:
    """Return the timeline, oldest first, with its actors."""
    events = await TaskEvent.filter(task_id=task_id).order_by("number").select_related("actor")
    await people.show_names_of_the_day((one.actor, one.at) for one in events)
    return events


async def has_event(task: Task, kind: str) -> bool:
    """Return whether the timeline has an entry of this kind."""
    return await TaskEvent.filter(task_id=task.id, kind=kind).exists()
