"""The one clock of a need: what was promised, when the worker is reminded, how far it may be extended."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from server.domain import categories, policies, working_time
from server.domain.working_time import Duration, Unit, WorkingHours
from server.models import Need, ServicePromise

Which = Literal["response", "completion"]


@dataclass(frozen=True)
class Clock:
    """Working hours and the calendar as the city keeps them."""

    hours: WorkingHours
    known: dict[date, bool]

    def add(self, start: datetime, promise: Duration) -> datetime:
        return working_time.add(start, promise, hours=self.hours, known=self.known)

    def share(self, start: datetime, due: datetime, percent: int, unit: Unit) -> datetime:
        """When so many percent of the time have passed, in the promise's own kind of time."""
        return working_time.share(start, due, Fraction(percent, 100), unit=unit, hours=self.hours, known=self.known)


async def clock() -> Clock:
    """The clock as of now."""
    return Clock(await policies.working_hours(), await policies.known_days())


async def _clock_and_percent(station_id: int) -> tuple[Clock, int]:
    """The clock, and how much of the time passes before the station's worker is reminded."""
    numbers = await policies.numbers(*policies.HOURS, "remind_at_percent", station_id=station_id)
    return Clock(policies.hours_of(numbers), await policies.known_days()), numbers["remind_at_percent"]


@dataclass(frozen=True)
class Deadlines:
    """What the resident is promised, and when the worker is reminded of the answer."""

    response_due_at: datetime
    completion_due_at: datetime
    reminder_at: datetime


async def promised(promise: ServicePromise, start: datetime, *, station_id: int) -> Deadlines:
    """The deadlines of a need that this is promised for, submitted at this moment to the station."""
    ticking, percent = await _clock_and_percent(station_id)
    unit = Unit(promise.response_unit)
    response = ticking.add(start, Duration(promise.response_amount, unit))
    completion = ticking.add(start, Duration(promise.completion_amount, Unit(promise.completion_unit)))
    return Deadlines(response, max(response, completion), ticking.share(start, response, percent, unit))


async def latest_extension(need: Need) -> datetime:
    """The latest moment an extension may reach: once more the original time, counted from the deadline."""
    promise = await categories.promise(need.category_id, need.urgency)
    original = Duration(promise.completion_amount, Unit(promise.completion_unit))
    return (await clock()).add(need.completion_due_at, original)


async def reminder_at(need: Need, which: Which) -> datetime:
    """When the worker is reminded: a share of the time before the deadline, in the promise's own kind of time."""
    promise = await categories.promise(need.category_id, need.urgency)
    ticking, percent = await _clock_and_percent(need.station_id)
    unit, due = Unit(getattr(promise, f"{which}_unit")), getattr(need, f"{which}_due_at")
    return ticking.share(need.submitted_at, due, percent, unit)
