"""The night, when nobody is disturbed: no offers, no reminders, and no minute of it counts into a time to answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from server.domain import policies
from server.domain.working_time import SHANGHAI

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when in the evening until when in the morning, in Shanghai."""

    begins: time = time(21)
    ends: time = time(8)


async def get_quiet_hours() -> QuietHours:
    """The night as the city's policies have it."""
    minutes = await policies.numbers("quiet_hours_begin", "quiet_hours_end")
    return QuietHours(*(time(*divmod(minutes[name], 60)) for name in ("quiet_hours_begin", "quiet_hours_end")))


def is_quiet(now: datetime, quiet: QuietHours) -> bool:
    """Whether people sleep: its first moment is the night's, its last is the day's."""
    at = now.astimezone(SHANGHAI).time()
    return at >= quiet.begins or at < quiet.ends


def quiet_until(now: datetime, quiet: QuietHours) -> datetime:
    """When people may be disturbed again, in UTC: `now` itself in the daytime."""
    if not is_quiet(now, quiet):
        return now.astimezone(UTC)
    local = now.astimezone(SHANGHAI)
    morning = local.date() + DAY if local.time() >= quiet.begins else local.date()
    return datetime.combine(morning, quiet.ends, SHANGHAI).astimezone(UTC)


def quiet_from(now: datetime, quiet: QuietHours) -> datetime:
    """When the evening ends in UTC: of the coming night, at night of the one that is."""
    local = now.astimezone(SHANGHAI)
    evening = local.date() - DAY if local.time() < quiet.ends else local.date()
    return datetime.combine(evening, quiet.begins, SHANGHAI).astimezone(UTC)


def add_active_minutes(start: datetime, minutes: int, quiet: QuietHours) -> datetime:
    """The moment in UTC when so many minutes have passed since `start`, those at night not counted."""
    left, at = timedelta(minutes=minutes), quiet_until(start, quiet)
    while left > (evening := quiet_from(at, quiet) - at):
        left -= evening
        at = quiet_until(at + evening, quiet)
    return at + left
