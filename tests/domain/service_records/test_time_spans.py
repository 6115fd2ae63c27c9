"""Whole minutes, by day and month in Shanghai."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain.service_records.time_spans import Span
from server.domain.working_time import midnight

# Midnight in Shanghai, the start of the 10th.
MIDNIGHT = datetime(2026, 3, 9, 16, tzinfo=UTC)
NINTH, TENTH = date(2026, 3, 9), date(2026, 3, 10)


def span(before: float, after: float) -> Span:
    """A span from some minutes before midnight to some minutes after it."""
    return Span(MIDNIGHT - timedelta(minutes=before), MIDNIGHT + timedelta(minutes=after))


@pytest.mark.parametrize(
    ("before", "after", "days"),
    [
        (60, -30, {NINTH: 30}),
        (60, 0, {NINTH: 60}),
        (0, 45, {TENTH: 45}),
        (60, 90, {NINTH: 60, TENTH: 90}),
        (0.5, 0.5, {NINTH: 0, TENTH: 1}),
        (1.5, 1.25, {NINTH: 1, TENTH: 1}),
        (0, 1440, {TENTH: 1440}),
        (1, 1439, {NINTH: 1, TENTH: 1439}),
    ],
)
def test_span_over_midnight_has_minutes_on_both_days(before, after, days):
    one = span(before, after)

    assert one.days == days
    assert sum(days.values()) == one.minutes


def test_started_minute_does_not_count():
    assert span(0, 59.99).minutes == 59


def test_span_over_the_end_of_a_month_has_minutes_in_both_months():
    ends = midnight(date(2026, 3, 1))

    assert Span(ends - timedelta(minutes=20), ends + timedelta(minutes=10)).months == {
        date(2026, 2, 1): 20,
        date(2026, 3, 1): 10,
    }
    assert span(60, 90).months == {date(2026, 3, 1): 150}
