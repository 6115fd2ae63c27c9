"""Fields that the activities of the demonstration have in common."""

from datetime import datetime, timedelta
from typing import Any

USUAL: dict[str, Any] = {
    "place": None,
    "venue_id": None,
    "max_party_size": 1,
    "min_age": None,
    "max_age": None,
    "questions": [],
    "rule_id": None,
    "for_area_ids": [],
    "photo_ids": [],
    "posts": [],
    "priority_until": None,
}


def plan(starts_at: datetime, *, opens_at: datetime, **told: Any) -> dict[str, Any]:
    """Return the fields of an activity of two hours; booking closes two hours before, cancellation the day before."""
    times = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "booking_opens_at": opens_at,
        "booking_closes_at": starts_at - timedelta(hours=2),
        "cancellation_until": starts_at - timedelta(hours=20),
    }
    return USUAL | times | told
