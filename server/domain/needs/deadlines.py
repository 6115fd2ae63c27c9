"""Deadlines of a need: the promised times, the reminder before them, the longest extension, days of policies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

from server.domain import categories, job_queue, policies, working_time
from server.domain.duty import cover
from server.domain.duty.cover import CoveringShift
from server.domain.working_time import Duration, Unit, WorkingHours
from server.errors import DeadlinePassed
from server.models import Extension, Need, ServicePromise, Urgency

DeadlineKind = Literal["response", "completion"]


@dataclass(frozen=True)
class WorkingClock:
    """The city's working hours and calendar, for counting working time."""

    hours: WorkingHours
    known: Mapping[date, bool]

    def add(self, start: datetime, promise: Duration) -> datetime:
        return working_time.add_duration(start, promise, hours=self.hours, known=self.known)

    def add_working_minutes(self, start: datetime, minutes: int) -> datetime:
        span = timedelta(minutes=minutes)
        return working_time.add_working_time(start, span, hours=self.hours, known=self.known)

    def moment_at_percent(self, start: datetime, due: datetime, percent: int, unit: Unit) -> datetime:
        """Return when `percent` of the time has passed, counted in the unit of the promise."""
        return working_time.moment_at_share(
            start, due, Fraction(percent, 100), unit=unit, hours=self.hours, known=self.known
        )


async def get_clock() -> WorkingClock:
    return WorkingClock(await policies.get_working_hours(), await policies.get_calendar_days())


async def _get_clock_and_percent(station_id: int) -> tuple[WorkingClock, int]:
    """Return the clock, and the percentage of the time after which the station's worker is reminded."""
    numbers = await policies.numbers(*policies.HOURS, "remind_at_percent", station_id=station_id)
    clock = WorkingClock(policies.working_hours_from(numbers), await policies.get_calendar_days())
    return clock, numbers["remind_at_percent"]


@dataclass(frozen=True)
class Deadlines:
    """The promised times of response and completion, and when the worker is reminded of the response.

    `shifts` are those around the station, without those of the residents, if the response depends on them.
    """

    response_due_at: datetime
    completion_due_at: datetime
    reminder_at: datetime
    shifts: Sequence[CoveringShift] | None = None


async def compute_deadlines(
    promise: ServicePromise, start: datetime, *, station_id: int, residents: Collection[int] = ()
) -> Deadlines:
    """Return the deadlines that the promise gives to a need submitted to the station at `start`."""
    clock, percent = await _get_clock_and_percent(station_id)
    unit = Unit(promise.response_unit)
    shifts = await cover.list_around(station_id, start, residents) if unit is Unit.MINUTES else None
    response = _response_due(Duration(promise.response_amount, unit), start, shifts, clock)
    completion = clock.add(start, Duration(promise.completion_amount, Unit(promise.completion_unit)))
    return Deadlines(
        response, max(response, completion), clock.moment_at_percent(start, response, percent, unit), shifts
    )


def _response_due(
    promise: Duration, start: datetime, shifts: Sequence[CoveringShift] | None, clock: WorkingClock
) -> datetime:
    """Return when the response is due.

    Minutes run round the clock only while a duty shift covers the station. Otherwise they begin with the next shift,
    or count in working time, whichever is due earlier.
    """
    if shifts is None:
        return clock.add(start, promise)
    if cover.on_duty(shifts, start):
        return clock.add(start, promise)
    in_working_time = clock.add_working_minutes(start, promise.amount)
    next_shift_at = cover.next_shift_at(shifts, start)
    if next_shift_at is None:
        return in_working_time
    return min(clock.add(next_shift_at, promise), in_working_time)


async def latest_extension(need: Need) -> datetime:
    """Return the latest possible extension: the original time once more, counted from the deadline."""
    promise = await categories.get_promise(need.category_id, need.urgency)
    original = Duration(promise.completion_amount, Unit(promise.completion_unit))
    return (await get_clock()).add(need.completion_due_at, original)


async def begin_completion_time(need: Need, *, station_id: int, now: datetime) -> dict[str, Any]:
    """Return the changes that begin a new completion time at a station: a reopening or a granted appeal.

    An undecided request to extend the former time lapses.
    """
    await Extension.filter(need_id=need.id, decided_at=None).delete()
    promise = await categories.get_promise(need.category_id, need.urgency)
    due = await compute_deadlines(promise, now, station_id=station_id)
    # The promise may have become shorter since the need was submitted.
    until = max(due.completion_due_at, need.response_due_at)
    return {"completion_since": now, "completion_due_at": until, **not_overdue(need)}


def not_overdue(need: Need) -> dict[str, Any]:
    """Return the changes that end an escalation because the deadline was moved; an emergency is still overseen."""
    is_emergency = need.urgency == Urgency.EMERGENCY
    return {"escalated_at": None} | ({} if is_emergency else {"overseer_id": None})


def _completion_since(need: Need) -> datetime:
    return need.completion_since or need.submitted_at


async def reminder_at(need: Need, kind: DeadlineKind) -> datetime:
    """Return when the worker is reminded: at a percentage of the time, counted in the unit of the promise."""
    promise = await categories.get_promise(need.category_id, need.urgency)
    clock, percent = await _get_clock_and_percent(need.station_id)
    unit, due = Unit(getattr(promise, f"{kind}_unit")), getattr(need, f"{kind}_due_at")
    start = _completion_since(need) if kind == "completion" else need.submitted_at
    return clock.moment_at_percent(min(start, due), due, percent, unit)


async def policy_days(policy: str, need: Need) -> int:
    """Return the days of a policy at the need's station."""
    return await policies.number(policy, station_id=need.station_id)


async def require_within(policy: str, need: Need, since: datetime | None, now: datetime) -> None:
    """Raise `DeadlinePassed` if the days of the policy, counted from `since`, are over."""
    until = await _end_of_days(policy, need, since)
    if now > until:
        raise DeadlinePassed(until=until)


async def is_within(policy: str, need: Need, since: datetime | None, now: datetime) -> bool:
    """Return whether the days of the policy, counted from `since`, are not over."""
    return now <= await _end_of_days(policy, need, since)


async def _end_of_days(policy: str, need: Need, since: datetime | None) -> datetime:
    assert since is not None
    return since + timedelta(days=await policy_days(policy, need))


async def plan_next_check(need: Need, *, now: datetime) -> None:
    """Plan the job that checks the need's next deadline."""
    due = await reminder_at(need, "completion")
    await job_queue.plan("watch_need", need.id, due=max(now, due))


async def plan_check_now(need: Need, *, now: datetime) -> None:
    """Plan the job that checks the need's deadlines at once: they, or the station that keeps them, are others now."""
    await job_queue.plan("watch_need", need.id, due=now)


async def plan_silent_close(need: Need, *, now: datetime) -> None:
    """Plan the job that closes a resolved need if no rating comes."""
    await job_queue.plan("watch_need", need.id, due=now + timedelta(days=await policy_days("auto_close_days", need)))
