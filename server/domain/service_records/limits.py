"""Limits of what counts as served, asked for with the volunteer's row locked: what is added meanwhile waits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from server.domain import policies
from server.domain.service_records.time_spans import LONGEST, Span, midnight_after, month_after
from server.errors import BackEntryClosed, ServiceDayLimit, ServiceMonthLimit, ServiceNotOver, ServiceOverlaps
from server.models import Attendee, BookingStatus, ServiceRecord, Task, TaskStatus

POSTS_FILLED = (BookingStatus.BOOKED, BookingStatus.ATTENDED)


async def must_be_recent(span: Span, station_id: int, *, now: datetime) -> None:
    """Refuse what is not over yet, and what began longer ago than the station back-enters."""
    if span.ended_at > now:
        raise ServiceNotOver(possible_from=span.ended_at)
    days = await policies.number("back_entry_days", station_id=station_id)
    until = span.started_at + timedelta(days=days)
    if now > until:
        raise BackEntryClosed(until=until)


async def must_not_overlap(volunteer_id: int, span: Span) -> None:
    """Refuse time the volunteer already gave elsewhere, by a minute or less; one may begin when another ends."""
    for other in await _counted(volunteer_id, span.started_at, span.ended_at):
        raise ServiceOverlaps(started_at=other.started_at, ended_at=other.ended_at)


async def longest_free(volunteer_id: int, span: Span) -> Span | None:
    """The longest stretch of it that the volunteer did not give elsewhere, None when there is none."""
    others = await _counted(volunteer_id, span.started_at, span.ended_at)
    begins = [span.started_at, *(one.ended_at for one in others)]
    ends = [*(one.started_at for one in others), span.ended_at]
    free = [Span(begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end]
    return max(free, key=lambda one: one.ended_at - one.started_at, default=None)


async def must_not_be_serving(volunteer_id: int, span: Span) -> None:
    """Refuse time after the volunteer checked in for a task or a post that they have not checked out of."""
    running = Task.filter(volunteer_id=volunteer_id, status=TaskStatus.STARTED, started_at__lt=span.ended_at)
    if task := await running.first():
        raise ServiceOverlaps(started_at=task.started_at, ended_at=None)
    there = Attendee.filter(person_id=volunteer_id, checked_in_at__lt=span.ended_at, checked_out_at=None)
    # A post that was cancelled under somebody never becomes a record.
    at_a_post = there.filter(booking__post_id__not_isnull=True, booking__status__in=POSTS_FILLED)
    if attendee := await at_a_post.first():
        raise ServiceOverlaps(started_at=attendee.checked_in_at, ended_at=None)


async def _counted(volunteer_id: int, after: datetime, before: datetime) -> list[ServiceRecord]:
    """Records that count with time after the one moment and before the other; none is longer than a day."""
    near = ServiceRecord.filter(volunteer_id=volunteer_id, counts=1, started_at__gt=after - LONGEST)
    return await near.filter(started_at__lt=before, ended_at__gt=after).order_by("started_at")


async def left_on(volunteer_id: int, days: Iterable[date]) -> dict[date, int]:
    """The minutes that still count on each of the days."""
    most = await policies.number("daily_service_minutes_limit")
    return {day: max(0, most - await _served_on(volunteer_id, day)) for day in days}


async def _served_on(volunteer_id: int, day: date) -> int:
    records = await _counted(volunteer_id, midnight_after(day - timedelta(days=1)), midnight_after(day))
    return sum(min(one.minutes, _span(one).days.get(day, 0)) for one in records)


def _span(record: ServiceRecord) -> Span:
    return Span(record.started_at, record.ended_at)


async def must_fit_days(volunteer_id: int, span: Span) -> None:
    """Refuse what a day of it has no room for."""
    left = await left_on(volunteer_id, span.days)
    for day, minutes in span.days.items():
        if minutes > left[day]:
            raise ServiceDayLimit(day=day, left=left[day])


async def must_fit_months(volunteer_id: int, span: Span, station_id: int) -> None:
    """Refuse more than the station lets a volunteer back-enter for a month, wherever they entered the rest."""
    most = await policies.number("monthly_back_entry_minutes_limit", station_id=station_id)
    for month, minutes in span.months.items():
        left = max(0, most - await _entered_for(volunteer_id, month))
        if minutes > left:
            raise ServiceMonthLimit(month=f"{month:%Y-%m}", left=left)


async def _entered_for(volunteer_id: int, month: date) -> int:
    begins, ends = (midnight_after(first - timedelta(days=1)) for first in (month, month_after(month)))
    records = [one for one in await _counted(volunteer_id, begins, ends) if not one.verified]
    return sum(min(one.minutes, _span(one).months.get(month, 0)) for one in records)
