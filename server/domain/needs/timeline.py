"""The timeline of a need: append-only, numbered without a gap, in two versions: the staff's and the resident's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.queryset import QuerySet

from server.database import db
from server.database.prepared import Prepared
from server.errors import Busy
from server.models import Need, NeedEvent, NeedStatus

OFFICER = -1


@dataclass(frozen=True)
class TimelineEntry:
    """What a timeline gets: who did what, in the resident's words and the staff's."""

    kind: str
    by: int | None  # None: the rules themselves, a deadline
    text: str = ""  # plain Chinese for the resident; empty: staff only
    note: str = ""  # staff only
    service_minutes: int = 0
    # For which station the actor acts, where that is not the responsible one; OFFICER: for none.
    acting_for: int | None = None


async def add(
    need: Need, entry: TimelineEntry, *, now: datetime, to: NeedStatus | None = None, **changes: Any
) -> NeedEvent:
    """Add a line to the timeline of a locked need, with the changes of the need it tells of."""
    db.require_transaction()
    number, before = need.event_count + 1, need.status
    changes |= {"event_count": number} | ({"status": to} if to else {})
    # The lock makes this always hit; were a lock ever forgotten, the count would tell.
    if not await Need.filter(id=need.id, event_count=need.event_count).update(**changes):
        raise Busy
    need.update_from_dict(changes)
    return await _write(need, entry, now=now, before=before if to else None, to=to)


async def add_first(need: Need, entry: TimelineEntry, *, now: datetime) -> NeedEvent:
    """Add the first line to a need that was made with it counted."""
    assert need.event_count == 1, "the need is filed together with its first line"
    return await _write(need, entry, now=now, before=None, to=need.status)


async def _write(
    need: Need, entry: TimelineEntry, *, now: datetime, before: NeedStatus | None, to: NeedStatus | None
) -> NeedEvent:
    return await NeedEvent.create(
        need_id=need.id,
        number=need.event_count,
        at=now,
        kind=entry.kind,
        actor_id=entry.by,
        station_id=None if entry.acting_for == OFFICER else entry.acting_for or need.station_id,
        from_status=before,
        to_status=to,
        text=entry.text,
        note=entry.note,
        service_minutes=entry.service_minutes,
    )


async def list_entries(need: Need, *, for_staff: bool) -> list[NeedEvent]:
    """The timeline, oldest first, with stations and actors; residents see the lines that say something to them."""
    return await (_FOR_STAFF if for_staff else _FOR_RESIDENT).all(need.id)


def _entries(need_id: int) -> QuerySet[NeedEvent]:
    return NeedEvent.filter(need_id=need_id).order_by("number").select_related("station", "actor")


_FOR_STAFF = Prepared(_entries)
_FOR_RESIDENT = Prepared(lambda need_id: _entries(need_id).exclude(text=""))
