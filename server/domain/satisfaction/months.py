"""Whole months in Shanghai, and when their figures can be fixed: no rating of the month can change any more."""

from datetime import UTC, datetime, time, timedelta

from server.domain import policies, reference
from server.domain.working_time import SHANGHAI

# Figures are fixed at night, when few people use the database.
NIGHT = time(3)


def month_of(at: datetime) -> str:
    """Return the month of a moment, such as 2026-11."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m")


def start_of(month: str) -> datetime:
    """Return the first moment of the month."""
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=SHANGHAI).astimezone(UTC)


def end_of(month: str) -> datetime:
    """Return the first moment after the month."""
    return start_of(month_of(start_of(month) + timedelta(days=32)))


async def known_from(month: str) -> datetime:
    """Return when the figures of the month are fixed: in the night after its last ratings can no longer change."""
    stations = list((await reference.snapshot()).stations.values())
    hours = max((await policies.number_at("rating_change_hours", stations)).values(), default=0)
    closed = (end_of(month) + timedelta(hours=hours)).astimezone(SHANGHAI)
    tonight = datetime.combine(closed.date(), NIGHT, SHANGHAI)
    return (tonight if tonight > closed else tonight + timedelta(days=1)).astimezone(UTC)


async def list_ended(first: str, now: datetime) -> list[str]:
    """Return the months from `first` on whose figures can be fixed by now, oldest first."""
    found = []
    while now >= await known_from(first):
        found.append(first)
        first = month_of(end_of(first))
    return found
