"""The audit trail: changes, and readings of personal details."""

from datetime import datetime
from typing import Any

from server.database import db
from server.models import AuditEntry, Reading


async def note(action: str, subject: str, *, by: int | None, now: datetime, **facts: Any) -> None:
    """Add an entry to the audit trail, inside the transaction of the change; `subject` is like `station:7`."""
    db.require_transaction()
    await AuditEntry.create(at=now, person_id=by, action=action, subject=subject, facts=facts)


async def read(subject: str, what: str, *, of: int, by: int, reason: str = "", now: datetime) -> None:
    """Record that `by` read personal details of person `of`."""
    db.require_transaction()
    await Reading.create(at=now, reader_id=by, person_id=of, subject=subject, what=what, reason=reason)
