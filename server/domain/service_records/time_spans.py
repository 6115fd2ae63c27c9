"""Spans of time, with their whole minutes by day and by month in Shanghai."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server.domain.working_time import SHANGHAI, midnight

MINUTE = timedelta(minutes=1)
MAX_SPAN = timedelta(hours=24)


@dataclass(frozen=True)
class Span:
    """A span of time; `days` and `months` work for spans of at most a day."""

    started_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> int:
        return (self.ended_at - self.started_at) // MINUTE

    @property
    def days(self) -> dict[date, int]:
        """Return the minutes by day: a span over midnight has minutes on two days."""
        first = self.started_at.astimezone(SHANGHAI).date()
        next_day = midnight(first + timedelta(days=1))
        if self.ended_at <= next_day:
            return {first: self.minutes}
        before = (next_day - self.started_at) // MINUTE
        return {first: before, first + timedelta(days=1): self.minutes - before}

    @property
    def months(self) -> dict[date, int]:
        """Return the minutes by month, each given by its first day."""
        found: dict[date, int] = {}
        for day, minutes in self.days.items():
            month = day.replace(day=1)
            found[month] = found.get(month, 0) + minutes
        return found
