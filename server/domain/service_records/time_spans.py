"""Spans of time: their whole minutes, and what of them falls on each day and month in Shanghai."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from server.domain.working_time import SHANGHAI

MINUTE = timedelta(minutes=1)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Span:
    """From when until when; its days and months are of what is at most a day long."""

    started_at: datetime
    ended_at: datetime

    @property
    def minutes(self) -> int:
        return (self.ended_at - self.started_at) // MINUTE

    @property
    def days(self) -> dict[date, int]:
        """Its minutes by the day they fall on: over midnight each day has its own."""
        first = self.started_at.astimezone(SHANGHAI).date()
        midnight = midnight_after(first)
        if self.ended_at <= midnight:
            return {first: self.minutes}
        before = (midnight - self.started_at) // MINUTE
        return {first: before, first + timedelta(days=1): self.minutes - before}

    @property
    def months(self) -> dict[date, int]:
        """Its minutes by the month they fall on, named by its first day."""
        found: dict[date, int] = {}
        for day, minutes in self.days.items():
            month = day.replace(day=1)
            found[month] = found.get(month, 0) + minutes
        return found


def midnight_after(day: date) -> datetime:
    """The moment the day ends in Shanghai."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def month_after(month: date) -> date:
    """The first day of the following month."""
    return (month + timedelta(days=31)).replace(day=1)
