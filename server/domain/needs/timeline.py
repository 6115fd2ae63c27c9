"""The timeline of a need: append-only, numbered without a gap, with one version for staff and one for residents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from server.database import db, rows
from server.domain import people, reference
from server.errors import Busy
from server.models import Need, NeedEvent, NeedStatus, StandIn, Station
from server.models.needs import DUE_FROM, due_columns

OFFICER = -1
# Entries with words of crisis that a resident wrote after the need was filed.
PLEA_KINDS = ("became_emergency", "crisis_written")


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


@dataclass
class RecordedEntry:
    """An entry as it is read. Without an actor, the system made it; without a station, an officer."""

    number: int
    at: datetime
    kind: str
    actor_id: int | None
    station_id: int | None
    from_status: NeedStatus | None
    to_status: NeedStatus | None
    text: str
    note: str
    service_minutes: int
    actor_name: str | None = None
    stands_in: StandIn | None = None

    station: Station | None = field(init=False)


async def add(need: Need, entry: TimelineEntry, *, now: datetime, to: NeedStatus | None = None, **changes: Any) -> None:
    """Add an entry to the timeline of a locked need, and write `changes` to the need. Every change passes here."""
    db.require_transaction()
    before, earlier = need.status if to else None, need.event_count
    changes |= {"event_count": earlier + 1} | ({"status": to} if to else {})
    changes |= due_columns({name: getattr(need, name) for name in DUE_FROM} | changes)
    columns = ", ".join(f"{name} = ?" for name in changes)
    statement = f"UPDATE need SET {columns} WHERE id = ? AND event_count = ?"  # noqa: S608 - names of ours
    changed, _ = await db.execute(statement, [*changes.values(), need.id, earlier])
    # Under the lock this always matches; it fails if a caller forgot the lock.
    if not changed:
        raise Busy
    need.update_from_dict(changes)
    await rows.insert(NeedEvent, {"need_id": need.id, **_columns(need, entry, now=now, before=before, to=to)})


async def add_first(need: Need) -> None:
    """Add the first entry to a need that was created with `event_count` 1."""
    await rows.insert(NeedEvent, {"need_id": need.id, **_first(need)})


async def get_first(need: Need) -> RecordedEntry:
    """Return the first entry of a need that was submitted just now, without reading it."""
    return (await reference.attach([RecordedEntry(**_first(need))], "station"))[0]


def _first(need: Need) -> dict[str, Any]:
    entry = TimelineEntry("submitted", need.submitted_by_id, text=f"需求已提交。{need.route}")
    return _columns(need, entry, now=need.submitted_at, before=None, to=need.status)


def _columns(
    need: Need, entry: TimelineEntry, *, now: datetime, before: NeedStatus | None, to: NeedStatus | None
) -> dict[str, Any]:
    return {
        "number": need.event_count,
        "at": now,
        "kind": entry.kind,
        "actor_id": entry.by,
        "station_id": None if entry.acting_for == OFFICER else entry.acting_for or need.station_id,
        "stands_in": need.stands_in if entry.by is not None and entry.acting_for != OFFICER else None,
        "from_status": before,
        "to_status": to,
        "text": entry.text,
        "note": entry.note,
        "service_minutes": entry.service_minutes,
    }


# A need has a dozen. Without a limit, pleas of one person would make the answer too large to be read.
MOST_ENTRIES = 200
ENTRIES = f"""
    SELECT e.number, e.at, e.kind, e.actor_id, e.station_id, e.from_status, e.to_status, e.text, e.note,
        e.service_minutes, {people.name_at("e.at")} actor_name, e.stands_in
    FROM need_event e LEFT JOIN person p ON p.id = e.actor_id
    WHERE e.need_id = ?
"""  # noqa: S608 - names of ours


async def list_entries(need: Need, *, for_staff: bool) -> list[RecordedEntry]:
    """Return the newest entries of the timeline, oldest first; for residents only those with a text.

    They have their stations and actors.
    """
    shown = "" if for_staff else " AND e.text <> ''"
    _, found = await db.execute(f"{ENTRIES}{shown} ORDER BY e.number DESC LIMIT ?", [need.id, MOST_ENTRIES])
    return await reference.attach([_recorded(row) for row in reversed(found)], "station")


def _recorded(row: Mapping[str, Any]) -> RecordedEntry:
    statuses = {name: NeedStatus(row[name]) if row[name] else None for name in ("from_status", "to_status")}
    stands_in = StandIn(row["stands_in"]) if row["stands_in"] else None
    return RecordedEntry(**{**row, **statuses, "at": db.from_database(row["at"]), "stands_in": stands_in})
