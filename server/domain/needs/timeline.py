"""The timeline of a need: append-only, numbered without a gap, with one version for staff and one for residents."""

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
    """An entry to add: who did what, with a text for the resident and a note for staff."""

    kind: str
    by: int | None  # None: the system, for example at a deadline
    text: str = ""  # plain Chinese for the resident; empty: staff only
    note: str = ""  # staff only
    service_minutes: int = 0
    # The station the actor acts for, if it is not the responsible one; OFFICER: no station.
    acting_for: int | None = None


def clause(text: str) -> str:
    """Return what a person wrote without a full stop at the end, so that a longer sentence can contain it."""
    return text.rstrip("。．. ")


async def add(
    need: Need, entry: TimelineEntry, *, now: datetime, to: NeedStatus | None = None, **changes: Any
) -> NeedEvent:
    """Add an entry to the timeline of a locked need, and write `changes` to the need."""
    db.require_transaction()
    number, before = need.event_count + 1, need.status
    changes |= {"event_count": number} | ({"status": to} if to else {})
    # Under the lock this always matches; it fails if a caller forgot the lock.
    if not await Need.filter(id=need.id, event_count=need.event_count).update(**changes):
        raise Busy
    need.update_from_dict(changes)
    return await _write(need, entry, now=now, before=before if to else None, to=to)


async def add_first(need: Need, entry: TimelineEntry, *, now: datetime) -> NeedEvent:
    """Add the first entry to a need that was created with `event_count` 1."""
    assert need.event_count == 1, "the need is created together with its first entry"
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
    """Return the timeline, oldest first, with stations and actors; for residents only entries with a text."""
    return await (_FOR_STAFF if for_staff else _FOR_RESIDENT).all(need.id)


def _entries(need_id: int) -> QuerySet[NeedEvent]:
    return NeedEvent.filter(need_id=need_id).order_by("number").select_related("station", "actor")


_FOR_STAFF = Prepared(_entries)
_FOR_RESIDENT = Prepared(lambda need_id: _entries(need_id).exclude(text=""))
