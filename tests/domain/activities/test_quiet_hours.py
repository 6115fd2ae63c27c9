"""The quiet hours in Shanghai: begin, end, and minutes that do not count."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.activities import quiet_hours
from server.domain.activities.quiet_hours import QuietHours, add_active_minutes, is_quiet, quiet_from, quiet_until
from server.domain.working_time import SHANGHAI
from server.models import Policy

NIGHT = QuietHours()
MINUTE = timedelta(minutes=1)
LONG = QuietHours(time(17), time(12))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(day, hour, minute=0, second=0):
    return datetime(2026, 3, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (at(10, 20, 59, 59), False),
        (at(10, 21), True),
        (at(11, 0), True),
        (at(11, 7, 59, 59), True),
        (at(11, 8), False),
        (at(11, 12), False),
    ],
)
def test_quiet_hours_are_from_nine_in_the_evening_until_eight(moment, night):
    assert is_quiet(moment, NIGHT) is night
    assert is_quiet(moment.astimezone(UTC), NIGHT) is night


def test_both_halves_of_a_night_have_the_same_begin_and_end():
    for moment in (at(10, 21), at(10, 23, 59), at(11, 0), at(11, 7, 59)):
        assert quiet_until(moment, NIGHT) == at(11, 8)
        assert quiet_from(moment, NIGHT) == at(10, 21)


def test_daytime_waits_for_nothing_and_quiet_hours_begin_this_evening():
    assert quiet_until(at(10, 15, 30), NIGHT) == at(10, 15, 30)
    assert quiet_from(at(10, 15, 30), NIGHT) == at(10, 21)


def test_quiet_hours_may_end_at_midnight():
    early = QuietHours(time(21), time(0))

    assert quiet_until(at(10, 22), early) == at(11, 0)
    assert not is_quiet(at(11, 0), early)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (at(10, 10), 120, at(10, 12)),
        (at(10, 19), 120, at(10, 21)),  # the last minute ends as the quiet hours begin
        (at(10, 20), 120, at(11, 9)),
        (at(10, 23), 120, at(11, 10)),
        (at(11, 3), 30, at(11, 8, 30)),
        (at(10, 20), 60 + 13 * 60 + 1, at(12, 8, 1)),  # over a whole day
        (at(10, 10), 0, at(10, 10)),
    ],
)
def test_minutes_of_the_quiet_hours_do_not_count(start, minutes, end):
    assert add_active_minutes(start, minutes, NIGHT) == end


@given(start=MOMENTS, minutes=st.integers(0, 2880), night=st.sampled_from([NIGHT, LONG, QuietHours(time(17), time(0))]))
def test_active_minutes_add_up_from_any_start(start, minutes, night):
    end = add_active_minutes(start, minutes, night)

    begun = quiet_until(start, night)
    passed = sum(not is_quiet(begun + n * MINUTE, night) for n in range((end - begun) // MINUTE))
    assert passed == minutes


async def test_quiet_hours_are_a_policy_of_the_city(database):
    assert await quiet_hours.get_quiet_hours() == NIGHT
    await Policy.create(name="quiet_hours_begin", scope="city", value=20 * 60 + 30, source="会议纪要")

    assert await quiet_hours.get_quiet_hours() == QuietHours(time(20, 30), time(8))
