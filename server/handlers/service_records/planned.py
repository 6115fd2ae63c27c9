"""How long what was served for was meant to take: who approves it sees that beside what counts."""

from datetime import datetime, timedelta

from server.domain.service_records.access import attendee_of
from server.models import ServiceRecord


def planned(record: ServiceRecord) -> dict[str, datetime | int | None]:
    """When its activity (loaded with its attendee) or task was planned, and the minutes it was to take."""
    if there := attendee_of(record):
        begins, ends = there.activity.starts_at, there.activity.ends_at
        return _as_said(begins, ends, (ends - begins) // timedelta(minutes=1))
    if (task := record.task) is not None:
        return _as_said(task.starts_at, task.ends_at, task.expected_minutes)
    return _as_said(None, None, None)


def _as_said(begins: datetime | None, ends: datetime | None, minutes: int | None) -> dict[str, datetime | int | None]:
    return {"planned_starts_at": begins, "planned_ends_at": ends, "planned_minutes": minutes}
