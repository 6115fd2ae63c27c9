"""How an activity of the demonstration is told, but for what is its own."""

from datetime import datetime, timedelta
from typing import Any

USUAL: dict[str, Any] = {
    "place": None,
    "venue_id": None,
    "party_most": 1,
    "age_least": None,
    "age_most": None,
    "questions": [],
    "rule_id": None,
    "for_area_ids": [],
    "photo_ids": [],
    "posts": [],
    "priority_until": None,
}


def plan(starts_at: datetime, *, opens_at: datetime, **told: Any) -> dict[str, Any]:
    """An activity of two hours, booked until two hours before, cancelled until the day before."""
    times = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "booking_opens_at": opens_at,
        "booking_closes_at": starts_at - timedelta(hours=2),
        "cancellation_until": starts_at - timedelta(hours=20),
    }
    return USUAL | times | told
