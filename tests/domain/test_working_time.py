from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import working_time
from server.domain.working_time import SHANGHAI, Duration, Unit, WorkingHours

HOURS = WorkingHours()
MORNINGS = WorkingHours(spans=((time(8), time(12)),))

unhurried = settings(deadline=None)


def working_minutes_between(start, end, *, hours, known=working_time.NOTHING_KNOWN) -> int:
    """Count the working minutes between two moments, in another way than the code."""
    return working_time._working_time_between(start, end, hours, known) // timedelta(minutes=1)


moments = st.timedeltas(timedelta(0), timedelta(days=1_060)).map(lambda later: datetime(2025, 1, 1, tzinfo=UTC) + later)
promises = st.one_of(
    st.builds(Duration, st.integers(1, 3_000), st.just(Unit.MINUTES)),
    st.builds(Duration, st.integers(1, 60), st.just(Unit.WORKING_HOURS)),
    st.builds(Duration, st.integers(1, 15), st.just(Unit.WORKING_DAYS)),
)
working_promises = promises.filter(lambda promise: promise.unit is not Unit.MINUTES)
closed_days = st.dictionaries(st.dates(date(2025, 1, 1), date(2028, 1, 31)), st.booleans(), max_size=20)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, amount: int, unit: Unit, known: dict[date, bool] | None = None) -> str:
    end = working_time.add_duration(shanghai(start), Duration(amount, unit), hours=HOURS, known=known or {})
    assert end.tzinfo is UTC
    return end.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2026, 1, 2), False, "a Friday, bridged to New Year"),
        (date(2026, 1, 4), True, "the Sunday worked for it"),
        (date(2026, 2, 14), True, "the Saturday before Spring Festival"),
        (date(2026, 2, 15), False, "the first day of Spring Festival"),
        (date(2026, 2, 23), False, "the last, a Monday"),
        (date(2026, 2, 28), True, "the Saturday after it"),
        (date(2026, 10, 7), False, "the last day of the National Day holiday"),
        (date(2026, 10, 10), True, "the Saturday worked for it"),
        (date(2026, 10, 11), False, "an ordinary Sunday"),
        (date(2027, 1, 1), True, "a Friday of a year nobody has entered"),
        (date(2027, 1, 2), False, "a Saturday of that year"),
    ],
)
def test_national_calendar_decides_working_days(day: date, works: bool, why: str):
    assert working_time.is_working_day(day) is works, why


@unhurried
@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_published_days_match_library(day: date):
    assert working_time.is_working_day(day) is chinese_calendar.is_workday(day)


def test_entered_day_comes_before_calendar_and_fallback():
    known = {date(2026, 10, 10): False, date(2026, 10, 11): True, date(2027, 1, 1): False}

    assert [working_time.is_working_day(day, known=known) for day in known] == [False, True, False]


def test_day_begins_at_midnight_in_shanghai():
    assert working_time.midnight(date(2026, 3, 1)) == datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "following"),
    [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 2, 1), date(2026, 3, 1)), (date(2026, 12, 1), date(2027, 1, 1))],
)
def test_first_day_of_the_following_month(month: date, following: date):
    assert working_time.month_after(month) == following


def test_moment_in_place_of_day_is_refused():
    with pytest.raises(TypeError):
        working_time.is_working_day(datetime(2026, 10, 10, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 09:00", 1, "2026-03-03 17:30"),
        ("2026-03-06 16:00", 1, "2026-03-09 17:30"),
        ("2026-03-06 16:00", 5, "2026-03-13 17:30"),
        ("2026-03-07 10:00", 1, "2026-03-09 17:30"),
        ("2026-03-02 00:00", 1, "2026-03-03 17:30"),
        ("2026-03-01 23:59", 1, "2026-03-02 17:30"),
        ("2026-02-13 16:00", 1, "2026-02-14 17:30"),
        ("2026-02-13 16:00", 2, "2026-02-24 17:30"),
        ("2026-02-16 12:00", 5, "2026-02-28 17:30"),
        ("2026-09-30 18:00", 3, "2026-10-10 17:30"),
        ("2026-12-30 10:00", 3, "2027-01-04 17:30"),
    ],
)
def test_working_days_end_at_closing_time_without_first_day(start: str, days: int, end: str):
    assert due(start, days, Unit.WORKING_DAYS) == end


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2026-03-02 09:00", 3, "2026-03-02 12:00"),
        ("2026-03-02 10:17", 4, "2026-03-02 15:47"),
        ("2026-03-02 12:30", 4, "2026-03-02 17:30"),
        ("2026-03-02 16:00", 4, "2026-03-03 11:30"),
        ("2026-03-06 17:29", 1, "2026-03-09 09:59"),
        ("2026-03-07 03:00", 4, "2026-03-09 14:30"),
        ("2026-02-14 17:00", 4, "2026-02-24 14:00"),
        ("2026-10-09 17:00", 4, "2026-10-10 14:00"),
        ("2026-12-31 17:00", 1, "2027-01-01 09:30"),
    ],
)
def test_working_hours_run_only_in_open_hours(start: str, amount: int, end: str):
    assert due(start, amount, Unit.WORKING_HOURS) == end


def test_minutes_run_through_spring_festival_night():
    assert due("2026-02-16 23:45", 30, Unit.MINUTES) == "2026-02-17 00:15"


def test_entered_holidays_of_next_year_count():
    known = {date(2027, 1, 1): False, date(2027, 1, 3): True}

    assert due("2026-12-31 10:00", 1, Unit.WORKING_DAYS, known) == "2027-01-03 17:30"
    assert due("2026-12-31 17:00", 1, Unit.WORKING_HOURS, known) == "2027-01-03 09:30"


def test_day_is_counted_in_shanghai():
    sunday_in_utc = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 00:30 on Monday in Luzhou

    end = working_time.add_duration(sunday_in_utc, Duration(1, Unit.WORKING_DAYS), hours=HOURS)

    assert end == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


def test_other_working_hours_give_other_deadlines():
    start = shanghai("2026-03-02 11:00")

    assert working_time.add_duration(start, Duration(2, Unit.WORKING_HOURS), hours=MORNINGS) == shanghai(
        "2026-03-03 09:00"
    )
    assert working_time.add_duration(start, Duration(1, Unit.WORKING_DAYS), hours=MORNINGS) == shanghai(
        "2026-03-03 12:00"
    )


def test_share_of_working_hours_counts_working_time():
    start, end = shanghai("2026-03-06 15:30"), shanghai("2026-03-10 10:00")  # 2 + 7 + 1 hours of work

    reminded = working_time.moment_at_share(start, end, 0.8, unit=Unit.WORKING_DAYS, hours=HOURS)

    assert reminded == shanghai("2026-03-09 16:30")


def test_share_of_minutes_counts_plain_time():
    start, end = shanghai("2026-03-07 23:50"), shanghai("2026-03-08 00:20")

    reminded = working_time.moment_at_share(start, end, Fraction(4, 5), unit=Unit.MINUTES, hours=HOURS)

    assert reminded == shanghai("2026-03-08 00:14")


def test_reminder_is_never_later_than_deadline():
    friday_night, sunday = shanghai("2026-03-06 20:00"), shanghai("2026-03-08 12:00")

    assert working_time.moment_at_share(friday_night, sunday, 0.8, unit=Unit.WORKING_DAYS, hours=HOURS) == sunday


@pytest.mark.parametrize("part", [-0.1, 1.1, float("nan")])
def test_share_outside_zero_to_one_is_refused(part: float):
    with pytest.raises(ValueError, match="between 0 and 1"):
        working_time.moment_at_share(*[shanghai("2026-03-06 20:00")] * 2, part, unit=Unit.MINUTES, hours=HOURS)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-03-02 11:30", "2026-03-02 14:00", 60),
        ("2026-03-06 17:00", "2026-03-09 09:15", 45),
        ("2026-10-01 00:00", "2026-10-12 00:00", 3 * 7 * 60),
        ("2026-03-07 09:00", "2026-03-08 17:30", 0),
        ("2026-03-02 14:00", "2026-03-02 11:30", 0),
        ("2026-03-02 09:00:30", "2026-03-02 09:02", 1),
    ],
)
def test_only_working_minutes_are_counted(start: str, end: str, minutes: int):
    assert working_minutes_between(shanghai(start), shanghai(end), hours=HOURS) == minutes


def test_naive_moment_is_refused():
    aware, day = shanghai("2026-03-02 09:00"), Duration(1, Unit.WORKING_DAYS)
    naive = aware.replace(tzinfo=None)

    for call in (
        lambda: working_time.add_duration(naive, day, hours=HOURS),
        lambda: working_time.moment_at_share(aware, naive, 0.8, unit=day.unit, hours=HOURS),
        lambda: working_time.missing_years(naive),
    ):
        with pytest.raises(ValueError, match="without a time zone"):
            call()


@pytest.mark.parametrize(("amount", "unit"), [(0, Unit.MINUTES), (-1, Unit.WORKING_DAYS), (251, Unit.WORKING_DAYS)])
def test_zero_or_too_long_promise_is_refused(amount: int, unit: Unit):
    with pytest.raises(ValueError, match="a promise takes"):
        Duration(amount, unit)


OVERLAPPING = ((time(9), time(12)), (time(11), time(17)))


@pytest.mark.parametrize("spans", [(), ((time(12), time(9)),), OVERLAPPING, ((time(9, tzinfo=UTC), time(12)),)])
def test_unordered_or_zoned_working_hours_are_refused(spans: tuple[tuple[time, time], ...]):
    with pytest.raises(ValueError, match="in order"):
        WorkingHours(spans=spans)


@pytest.mark.parametrize(
    ("today", "missing"),
    [("2026-10-31", []), ("2026-11-01", [2027]), ("2027-01-01", [2027]), ("2027-11-01", [2027, 2028])],
)
def test_missing_next_year_is_named_from_november(today: str, missing: list[int]):
    assert working_time.missing_years(shanghai(f"{today} 00:00")) == missing
    assert working_time.missing_years(shanghai(f"{today} 23:59")) == missing


def test_first_day_of_calendar_alarm_is_a_setting():
    assert working_time.missing_years(shanghai("2026-11-19 12:00"), asked_from=(11, 20)) == []
    assert working_time.missing_years(shanghai("2026-11-20 12:00"), asked_from=(11, 20)) == [2027]


def test_calendar_alarm_ends_only_with_whole_year():
    festival = {date(2027, 2, 5) + timedelta(days=n): False for n in range(working_time.STATUTORY_DAYS_OFF)}
    working_days = {date(2027, 3, 1) + timedelta(days=n): True for n in range(20)}
    december = shanghai("2026-12-01 09:00")

    assert working_time.missing_years(december, festival) == []
    assert working_time.missing_years(december, working_days) == [2027]
    festival.popitem()
    assert working_time.missing_years(december, festival) == [2027]


@unhurried
@given(moments, moments, promises, closed_days)
def test_later_start_never_has_earlier_deadline(a: datetime, b: datetime, promise: Duration, known):
    earlier, later = sorted((a, b))

    first = working_time.add_duration(earlier, promise, hours=HOURS, known=known)

    assert earlier < first <= working_time.add_duration(later, promise, hours=HOURS, known=known)


@unhurried
@given(moments, working_promises, closed_days)
def test_deadline_in_working_time_is_in_open_hours(start: datetime, promise: Duration, known):
    end = working_time.add_duration(start, promise, hours=HOURS, known=known).astimezone(SHANGHAI)

    assert working_time.is_working_day(end.date(), known=known)
    assert any(opens < end.time() <= closes for opens, closes in HOURS.spans)


@unhurried
@given(moments, promises, closed_days)
def test_full_share_is_deadline_and_smaller_share_is_earlier(start: datetime, promise: Duration, known):
    end = working_time.add_duration(start, promise, hours=HOURS, known=known)

    def after(part: float) -> datetime:
        return working_time.moment_at_share(start, end, part, unit=promise.unit, hours=HOURS, known=known)

    assert start <= after(0.0) <= after(0.5) <= after(0.8) < after(1.0) == end


@unhurried
@given(moments, st.integers(1, 60), closed_days)
def test_promise_of_hours_has_that_much_working_time(start: datetime, amount: int, known):
    end = working_time.add_duration(start, Duration(amount, Unit.WORKING_HOURS), hours=HOURS, known=known)

    assert working_minutes_between(start, end, hours=HOURS, known=known) == amount * 60


@unhurried
@given(moments, moments, moments)
def test_working_minutes_of_two_spans_add_up(a: datetime, b: datetime, c: datetime):
    first, middle, last = sorted(moment.replace(second=0, microsecond=0) for moment in (a, b, c))

    def worked(start: datetime, end: datetime) -> int:
        return working_minutes_between(start, end, hours=HOURS)

    assert 0 <= worked(first, last) == worked(first, middle) + worked(middle, last)
