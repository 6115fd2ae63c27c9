"""Limits on the time that counts; call them with the volunteer's row locked, so that concurrent claims wait."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from server.domain import policies
from server.domain.service_records.time_spans import MAX_SPAN, Span
from server.domain.working_time import midnight, month_after
from server.errors import BackEntryClosed, ServiceDayLimit, ServiceMonthLimit, ServiceNotOver, ServiceOverlaps
from server.models import Attendee, BookingStatus, ServiceRecord, Task, TaskStatus

FILLED_POST_STATUSES = (BookingStatus.BOOKED, BookingStatus.ATTENDED)


async def require_recent(span: Span, station_id: int, *, now: datetime) -> None:
    """Refuse time that is not over yet, or that began before the station's limit for back-entries."""
    if span.ended_at > now:
        raise ServiceNotOver(possible_from=span.ended_at)
    days = await policies.number("back_entry_days", station_id=station_id)
    until = span.started_at + timedelta(days=days)
    if now > until:
        raise BackEntryClosed(until=until)


async def require_no_overlap(volunteer_id: int, span: Span) -> None:
    """Refuse time that overlaps another record of the volunteer; a record may begin when another ends."""
    for other in await _counted_records(volunteer_id, span.started_at, span.ended_at):
        raise ServiceOverlaps(started_at=other.started_at, ended_at=other.ended_at)


async def longest_free_span(volunteer_id: int, span: Span) -> Span | None:
    """Return the longest part of the span that is in no other record of the volunteer, or None."""
    others = await _counted_records(volunteer_id, span.started_at, span.ended_at)
    starts = [span.started_at, *(one.ended_at for one in others)]
    ends = [*(one.started_at for one in others), span.ended_at]
    free = [Span(begin, end) for begin, end in zip(starts, ends, strict=True) if begin < end]
    return max(free, key=lambda one: one.ended_at - one.started_at, default=None)


async def require_not_serving(volunteer_id: int, span: Span) -> None:
    """Refuse time after a check-in, for a task or a post, without a check-out yet."""
    running = Task.filter(volunteer_id=volunteer_id, status=TaskStatus.STARTED, started_at__lt=span.ended_at)
    if task := await running.first():
        raise ServiceOverlaps(started_at=task.started_at, ended_at=None)
    attendances = Attendee.filter(person_id=volunteer_id, checked_in_at__lt=span.ended_at, checked_out_at=None)
    # A post that was cancelled during the service never becomes a record.
    at_a_post = attendances.filter(booking__post_id__not_isnull=True, booking__status__in=FILLED_POST_STATUSES)
    if attendee := await at_a_post.first():
        raise ServiceOverlaps(started_at=attendee.checked_in_at, ended_at=None)


async def _counted_records(volunteer_id: int, after: datetime, before: datetime) -> list[ServiceRecord]:
    """Return counting records with time between the two moments; none is longer than a day."""
    near = ServiceRecord.filter(volunteer_id=volunteer_id, counts=1, started_at__gt=after - MAX_SPAN)
    return await near.filter(started_at__lt=before, ended_at__gt=after).order_by("started_at")


async def minutes_left_by_day(volunteer_id: int, days: Iterable[date]) -> dict[date, int]:
    """Return the minutes that can still count on each of the days."""
    limit = await policies.number("daily_service_minutes_limit")
    return {day: max(0, limit - await _minutes_served_on(volunteer_id, day)) for day in days}


async def _minutes_served_on(volunteer_id: int, day: date) -> int:
    records = await _counted_records(volunteer_id, midnight(day), midnight(day + timedelta(days=1)))
    return sum(min(one.minutes, _span(one).days.get(day, 0)) for one in records)


def _span(record: ServiceRecord) -> Span:
    return Span(record.started_at, record.ended_at)


async def require_daily_limit(volunteer_id: int, span: Span) -> None:
    """Refuse time that exceeds what is left on one of its days."""
    left = await minutes_left_by_day(volunteer_id, span.days)
    for day, minutes in span.days.items():
        if minutes > left[day]:
            raise ServiceDayLimit(day=day, left=left[day])


async def require_monthly_limit(volunteer_id: int, span: Span, station_id: int) -> None:
    """Refuse more minutes than the station's monthly limit for back-entries; entries at all stations count."""
    limit = await policies.number("monthly_back_entry_minutes_limit", station_id=station_id)
    for month, minutes in span.months.items():
        left = max(0, limit - await _minutes_back_entered_in(volunteer_id, month))
        if minutes > left:
            raise ServiceMonthLimit(month=f"{month:%Y-%m}", left=left)


async def _minutes_back_entered_in(volunteer_id: int, month: date) -> int:
    found = await _counted_records(volunteer_id, midnight(month), midnight(month_after(month)))
    records = [one for one in found if not one.verified]
    return sum(min(one.minutes, _span(one).months.get(month, 0)) for one in records)
