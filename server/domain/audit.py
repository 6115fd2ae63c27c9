"""The audit trail: changes, and readings of personal details."""

from datetime import datetime
from typing import Any

from server.database import db
from server.domain.pagination import Place, older
from server.models import AuditEntry, Reading, ReadingKind


async def note(action: str, subject: str, *, by: int | None, now: datetime, **facts: Any) -> None:
    """Add an entry to the audit trail, inside the transaction of the change; `subject` is like `station:7`."""
    db.require_transaction()
    await AuditEntry.create(at=now, person_id=by, action=action, subject=subject, facts=facts)


async def read(subject: str, what: ReadingKind, *, of: int, by: int, reason: str = "", now: datetime) -> None:
    """Record that `by` read personal details of person `of`, who sees it in their list of readings."""
    db.require_transaction()
    await Reading.create(at=now, reader_id=by, person_id=of, subject=subject, what=what, reason=reason)


async def list_readings(person_id: int, *, after: Place | None, limit: int) -> list[Reading]:
    """Return a page of the readings of the person's details by others, newest first, each with its reader."""
    found = Reading.filter(older("at", after), person_id=person_id).exclude(reader_id=person_id)
    return await found.order_by("-at", "-id").limit(limit).select_related("reader")
