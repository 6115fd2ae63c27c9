"""The quiet hours at night: no offers and no reminders, and their minutes do not count in the time to answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from server.domain import policies
from server.domain.working_time import SHANGHAI

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Begin in the evening and end in the morning, in Shanghai."""

    begins: time = time(21)
    ends: time = time(8)


async def get_quiet_hours() -> QuietHours:
    """Return the quiet hours as the city's policies set them."""
    minutes = await policies.numbers("quiet_hours_begin", "quiet_hours_end")
    return QuietHours(*(time(*divmod(minutes[name], 60)) for name in ("quiet_hours_begin", "quiet_hours_end")))


def is_quiet(now: datetime, quiet: QuietHours) -> bool:
    """Return whether the moment is in the quiet hours: the beginning is, the end is not."""
    at = now.astimezone(SHANGHAI).time()
    return at >= quiet.begins or at < quiet.ends


def quiet_until(now: datetime, quiet: QuietHours) -> datetime:
    """Return when the quiet hours end, in UTC, or `now` outside them."""
    if not is_quiet(now, quiet):
        return now.astimezone(UTC)
    local = now.astimezone(SHANGHAI)
    morning = local.date() + DAY if local.time() >= quiet.begins else local.date()
    return datetime.combine(morning, quiet.ends, SHANGHAI).astimezone(UTC)


def quiet_from(now: datetime, quiet: QuietHours) -> datetime:
    """Return when the next quiet hours begin, in UTC; within quiet hours, when these began."""
    local = now.astimezone(SHANGHAI)
    evening = local.date() - DAY if local.time() < quiet.ends else local.date()
    return datetime.combine(evening, quiet.begins, SHANGHAI).astimezone(UTC)


def add_active_minutes(start: datetime, minutes: int, quiet: QuietHours) -> datetime:
    """Return the moment in UTC that is so many minutes after `start`, without the quiet hours."""
    left, at = timedelta(minutes=minutes), quiet_until(start, quiet)
    while left > (evening := quiet_from(at, quiet) - at):
        left -= evening
        at = quiet_until(at + evening, quiet)
    return at + left
