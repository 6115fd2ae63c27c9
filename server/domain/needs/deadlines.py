"""The one clock of a need: what was promised, when the worker is reminded, how far it may be extended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal

from server.domain import categories, job_queue, policies, working_time
from server.domain.working_time import Duration, Unit, WorkingHours
from server.errors import DeadlinePassed
from server.models import Need, ServicePromise

DeadlineKind = Literal["response", "completion"]


@dataclass(frozen=True)
class WorkingClock:
    """Working hours and the calendar as the city keeps them."""

    hours: WorkingHours
    known: dict[date, bool]

    def add(self, start: datetime, promise: Duration) -> datetime:
        return working_time.add_duration(start, promise, hours=self.hours, known=self.known)

    def share(self, start: datetime, due: datetime, percent: int, unit: Unit) -> datetime:
        """When so many percent of the time have passed, in the promise's own kind of time."""
        return working_time.moment_at_share(
            start, due, Fraction(percent, 100), unit=unit, hours=self.hours, known=self.known
        )


async def get_clock() -> WorkingClock:
    """The clock as of now."""
    return WorkingClock(await policies.get_working_hours(), await policies.get_calendar_days())


async def _get_clock_and_percent(station_id: int) -> tuple[WorkingClock, int]:
    """The clock, and how much of the time passes before the station's worker is reminded."""
    numbers = await policies.numbers(*policies.HOURS, "remind_at_percent", station_id=station_id)
    return WorkingClock(policies.working_hours_from(numbers), await policies.get_calendar_days()), numbers[
        "remind_at_percent"
    ]


@dataclass(frozen=True)
class Deadlines:
    """What the resident is promised, and when the worker is reminded of the answer."""

    response_due_at: datetime
    completion_due_at: datetime
    reminder_at: datetime


async def compute_deadlines(promise: ServicePromise, start: datetime, *, station_id: int) -> Deadlines:
    """The deadlines of a need that this is promised for, submitted at this moment to the station."""
    ticking, percent = await _get_clock_and_percent(station_id)
    unit = Unit(promise.response_unit)
    response = ticking.add(start, Duration(promise.response_amount, unit))
    completion = ticking.add(start, Duration(promise.completion_amount, Unit(promise.completion_unit)))
    return Deadlines(response, max(response, completion), ticking.share(start, response, percent, unit))


async def latest_extension(need: Need) -> datetime:
    """The latest moment an extension may reach: once more the original time, counted from the deadline."""
    promise = await categories.get_promise(need.category_id, need.urgency)
    original = Duration(promise.completion_amount, Unit(promise.completion_unit))
    return (await get_clock()).add(need.completion_due_at, original)


async def reminder_at(need: Need, which: DeadlineKind) -> datetime:
    """When the worker is reminded: a share of the time before the deadline, in the promise's own kind of time."""
    promise = await categories.get_promise(need.category_id, need.urgency)
    ticking, percent = await _get_clock_and_percent(need.station_id)
    unit, due = Unit(getattr(promise, f"{which}_unit")), getattr(need, f"{which}_due_at")
    return ticking.share(need.submitted_at, due, percent, unit)


async def policy_days(policy: str, need: Need) -> int:
    """A number of days that the need's station keeps."""
    return await policies.number(policy, station_id=need.station_id)


async def require_within(policy: str, need: Need, since: datetime | None, now: datetime) -> None:
    """Refuse with DeadlinePassed once the policy's days after `since` are over."""
    assert since is not None
    until = since + timedelta(days=await policy_days(policy, need))
    if now > until:
        raise DeadlinePassed(until=until)


async def plan_next_check(need: Need, *, now: datetime) -> None:
    """Have the worker's job look at the need's next deadline."""
    due = await reminder_at(need, "completion")
    await job_queue.plan("watch_need", need.id, due=max(now, due))


async def plan_silent_close(need: Need, *, now: datetime) -> None:
    """A resolved need that nobody rates closes by itself."""
    await job_queue.plan("watch_need", need.id, due=now + timedelta(days=await policy_days("auto_close_days", need)))
