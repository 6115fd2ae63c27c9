"""The timeline of a task: append-only, numbered without a gap; what the resident reads is in the need's thread too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain.needs import timeline as thread
from server.errors import Busy
from server.models import Task, TaskEvent, TaskStatus

# Lines of a need's thread that, where they are not the resident's, are a volunteer's.
VOLUNTEER_KINDS = ("claimed", "claim_withdrawn", "contact_read", "started", "finished")
EITHER_SIDE_KINDS = ("disputed", "dispute_statement", "dispute_appealed")
NEED_VOLUNTEER_KINDS = frozenset(f"task_{kind}" for kind in VOLUNTEER_KINDS + EITHER_SIDE_KINDS)


@dataclass(frozen=True)
class TimelineEntry:
    """What a timeline gets: who did what (None: the rules themselves), staff's note, the resident's words."""

    kind: str
    by: int | None
    text: str = ""  # plain Chinese in the need's thread; empty: no line there
    note: str = ""
    acting_for: int | None = None  # for which station the actor acts, where that is not the task's


async def add(task: Task, entry: TimelineEntry, *, now: datetime, to: TaskStatus | None = None, **changes: Any) -> None:
    """Add a line to the timeline of a task and, where it says something, to the thread of its need, both locked."""
    db.require_transaction()
    number, before = task.event_count + 1, task.status
    changes |= {"event_count": number} | ({"status": to} if to else {})
    # The lock makes this always hit; were a lock ever forgotten, the count would tell.
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
    """The timeline, oldest first, with who did what."""
    return await TaskEvent.filter(task_id=task_id).order_by("number").select_related("actor")


async def has_event(task: Task, kind: str) -> bool:
    """Whether the timeline holds a line of this kind."""
    return await TaskEvent.filter(task_id=task.id, kind=kind).exists()
