"""The night, when nobody is disturbed: no offers, no reminders, and no minute of it counts into a time to answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from server.domain import policies
from server.domain.working_time import SHANGHAI

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Night:
    """From when in the evening until when in the morning, in Shanghai."""

    begins: time = time(21)
    ends: time = time(8)


async def in_force() -> Night:
    """The night as the city's policies have it."""
    minutes = await policies.numbers("quiet_hours_begin", "quiet_hours_end")
    return Night(*(time(*divmod(minutes[name], 60)) for name in ("quiet_hours_begin", "quiet_hours_end")))


def is_night(now: datetime, night: Night) -> bool:
    """Whether people sleep: its first moment is the night's, its last is the day's."""
    at = now.astimezone(SHANGHAI).time()
    return at >= night.begins or at < night.ends


def night_ends_at(now: datetime, night: Night) -> datetime:
    """When people may be disturbed again, in UTC: `now` itself in the daytime."""
    if not is_night(now, night):
        return now.astimezone(UTC)
    local = now.astimezone(SHANGHAI)
    morning = local.date() + DAY if local.time() >= night.begins else local.date()
    return datetime.combine(morning, night.ends, SHANGHAI).astimezone(UTC)


def night_begins_at(now: datetime, night: Night) -> datetime:
    """When the evening ends in UTC: of the coming night, at night of the one that is."""
    local = now.astimezone(SHANGHAI)
    evening = local.date() - DAY if local.time() < night.ends else local.date()
    return datetime.combine(evening, night.begins, SHANGHAI).astimezone(UTC)


def add_waking(start: datetime, minutes: int, night: Night) -> datetime:
    """The moment in UTC when so many minutes have passed since `start`, those at night not counted."""
    left, at = timedelta(minutes=minutes), night_ends_at(start, night)
    while left > (evening := night_begins_at(at, night) - at):
        left -= evening
        at = night_ends_at(at + evening, night)
    return at + left
