"""Working time for the service promise: counted in Shanghai time, returned in UTC.

The national calendar with its working weekends (调休) comes from a library that knows the published years. Days that
an officer entered by hand (`known`) come before it. Other years use Monday to Friday, so that every need has a
deadline, and `missing_years` names them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise, takewhile
from types import MappingProxyType

import chinese_calendar

# China has one time zone and no summer time since 1991, so a fixed offset needs no zone files.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
NOTHING_KNOWN: Mapping[date, bool] = MappingProxyType({})
# 全国年节及纪念日放假办法 (as of 2025): thirteen days off a year.
STATUTORY_DAYS_OFF = 13
_SATURDAY = 5
_LIBRARY_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


class Unit(StrEnum):
    MINUTES = "minutes"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


# A promise of more than about a year is a typing error, and counting walks through every day of it.
_AT_MOST = {Unit.MINUTES: 527_040, Unit.WORKING_HOURS: 2_000, Unit.WORKING_DAYS: 250}


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration of a promise: minutes round the clock, or hours or days of working time."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 < self.amount <= _AT_MOST[self.unit]:
            raise ValueError(f"a promise takes 1 to {_AT_MOST[self.unit]} {self.unit}, not {self.amount}")


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The open hours of a working day, in Shanghai time: spans in order that do not touch."""

    spans: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13, 30), time(17, 30)))

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        if not edges or any(edge.tzinfo for edge in edges) or any(a >= b for a, b in pairwise(edges)):
            raise ValueError("working hours are spans of Shanghai time in order")


def is_working_day(day: date, *, known: Mapping[date, bool] = NOTHING_KNOWN) -> bool:
    """Return whether stations work on this day; in years without a calendar, Monday to Friday."""
    if isinstance(day, datetime):
        raise TypeError("a moment is not a day: its day depends on the time zone")
    if day in known:
        return known[day]
    # In years the library does not know, neither of its lists has the day, which leaves Monday to Friday.
    return day in chinese_calendar.workdays or (day.weekday() < _SATURDAY and day not in chinese_calendar.holidays)


def missing_years(
    now: datetime, known: Mapping[date, bool] = NOTHING_KNOWN, *, asked_from: tuple[int, int] = (11, 1)
) -> list[int]:
    """Return the years without a calendar: this year, and from `asked_from` (month, day) on the next.

    A year counts as entered when at least `STATUTORY_DAYS_OFF` of its days off are known; fewer are only exceptions.
    """
    today = _aware(now).astimezone(SHANGHAI).date()
    asked = [today.year]
    if (today.month, today.day) >= asked_from:
        asked.append(today.year + 1)
    return [year for year in asked if not _is_calendar_known(year, known)]


def _is_calendar_known(year: int, known: Mapping[date, bool]) -> bool:
    days_off = sum(day.year == year and not works for day, works in known.items())
    return year in _LIBRARY_YEARS or days_off >= STATUTORY_DAYS_OFF


def midnight(day: date) -> datetime:
    """Return the moment, in UTC, at which the day begins in Shanghai."""
    return _moment(day, time())


def in_chinese(moment: datetime) -> str:
    """Return the moment in Shanghai as people read it: 11月24日9:05."""
    there = moment.astimezone(SHANGHAI)
    return f"{there.month}月{there.day}日{there.hour}:{there:%M}"


def month_after(month: date) -> date:
    """Return the first day of the following month."""
    return (month + timedelta(days=31)).replace(day=1)


def add_duration(
    start: datetime, promise: Duration, *, hours: WorkingHours, known: Mapping[date, bool] = NOTHING_KNOWN
) -> datetime:
    """Return the deadline, in UTC, of a promise made at `start`.

    Minutes run round the clock. Working hours are counted to the moment; if the last one ends exactly at closing
    time, that is the deadline. Working days are counted as in the civil code (articles 201 and 203): the day of
    `start` never counts, and the promise is due at closing time of the last day. “5个工作日内” promised on a Friday
    is due the next Friday at 17:30.
    """
    start = _aware(start)
    if promise.unit is Unit.MINUTES:
        return start + timedelta(minutes=promise.amount)
    if promise.unit is Unit.WORKING_HOURS:
        return _advance(start, timedelta(hours=promise.amount), hours, known)
    return _closing_time(start, promise.amount, hours, known)


def next_open_moment(moment: datetime, *, hours: WorkingHours, known: Mapping[date, bool] = NOTHING_KNOWN) -> datetime:
    """Return when working time goes on, in UTC: the moment itself during working hours."""
    return next(_open_spans(_aware(moment), hours, known))[0]


def add_working_time(
    start: datetime, span: timedelta, *, hours: WorkingHours, known: Mapping[date, bool] = NOTHING_KNOWN
) -> datetime:
    """Return when so much working time has passed since `start`, in UTC."""
    return _advance(_aware(start), span, hours, known)


def moment_at_share(
    start: datetime,
    due: datetime,
    part: Fraction | float,
    *,
    unit: Unit,
    hours: WorkingHours,
    known: Mapping[date, bool] = NOTHING_KNOWN,
) -> datetime:
    """Return the moment, in UTC, when `part` (0 to 1) of the time from `start` to `due` has passed; never after `due`.

    `unit` is the unit of the promise: for minutes it counts plain time, else working time.
    """
    if not 0 <= part <= 1:
        raise ValueError(f"a share is between 0 and 1, not {part}")
    start, due = _aware(start), _aware(due)
    if unit is Unit.MINUTES:
        return min(start + _part_of(due - start, part), due)
    working = _working_time_between(start, due, hours, known)
    return min(_advance(start, _part_of(working, part), hours, known), due)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone could be eight hours off")
    return moment.astimezone(UTC)


def _closing_time(start: datetime, days: int, hours: WorkingHours, known: Mapping[date, bool]) -> datetime:
    day = start.astimezone(SHANGHAI).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, known=known)
    return _moment(day, hours.spans[-1][1])


def _advance(start: datetime, left: timedelta, hours: WorkingHours, known: Mapping[date, bool]) -> datetime:
    """Return the moment when `left` of working time has passed since `start`."""
    spans = _open_spans(start, hours, known)
    opens, closes = next(spans)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(spans)
    return opens + left


def _working_time_between(start: datetime, end: datetime, hours: WorkingHours, known: Mapping[date, bool]) -> timedelta:
    spans = takewhile(lambda span: span[0] < end, _open_spans(start, hours, known))
    return sum((min(closes, end) - opens for opens, closes in spans), timedelta())


def _open_spans(
    start: datetime, hours: WorkingHours, known: Mapping[date, bool]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working spans from `start` on, without end; the first span may be cut short by `start`."""
    day = start.astimezone(SHANGHAI).date()
    while True:
        if is_working_day(day, known=known):
            for opening, closing in hours.spans:
                opens, closes = max(_moment(day, opening), start), _moment(day, closing)
                if opens < closes:
                    yield opens, closes
        day += timedelta(days=1)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=SHANGHAI).astimezone(UTC)


def _part_of(whole: timedelta, part: Fraction | float) -> timedelta:
    """Return the part, rounded to the microsecond, so that a part of 1 is exactly the whole."""
    microsecond = timedelta(microseconds=1)
    return round(whole // microsecond * Fraction(part)) * microsecond
