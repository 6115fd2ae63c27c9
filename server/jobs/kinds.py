"""Every kind of job by its name: the verb it calls, its retries and its time limit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from server.domain import daily_jobs
from server.domain.activities import attendance_points, rating_period
from server.domain.activities import schedule as activity_schedule
from server.domain.bookings import offers, waiting_list
from server.domain.complaints import schedule as complaint_schedule
from server.domain.complaints import submit as complaint_submit
from server.domain.duty import roster_gaps
from server.domain.job_queue import Kinds, RetryPolicy
from server.domain.joinings import joining
from server.domain.needs import partings, referrals, rerouting
from server.domain.needs import schedule as need_schedule
from server.domain.orders import cancellation as order_cancellation
from server.domain.points import expiry, public_notices
from server.domain.satisfaction import activity_figures, call_backs
from server.domain.tasks import claims
from server.domain.tasks import reminders as task_reminders
from server.domain.volunteers import station_change
from server.jobs import alarms, batches
from server.jobs.context import JobContext
from server.models import Job

Run = Callable[[Job, JobContext], Awaitable[None]]


class Lane(StrEnum):
    """A job runner runs the jobs of each lane one by one, several crises at once, and the lanes beside each other.

    So a long job delays neither a crisis alarm nor a deadline, and a gateway that is silent delays no deadline.
    """

    CRISES = "crises"  # each failure is logged as CRITICAL
    TIMELY = "timely"  # offers and deadlines
    OTHERS = "others"


@dataclass(frozen=True)
class JobKind:
    """A kind of job: the function it runs, how it is retried, its time limit in seconds, and its lane."""

    run: Run
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    seconds: int = 60
    lane: Lane = Lane.OTHERS

    @property
    def lease(self) -> timedelta:
        """Return how long a job runner keeps the job: longer than it may take, so that no other runner starts it."""
        return timedelta(seconds=2 * self.seconds)


class UnknownJobKind(Exception):  # noqa: N818 - it says what happened
    """A newer version of this program planned the job and will run it."""


class _Verb(Protocol):
    def __call__(self, subject: Any, /, *, now: datetime) -> Awaitable[Any]: ...


class _DailyVerb(Protocol):
    def __call__(self, *, now: datetime) -> Awaitable[Any]: ...


def _by_id(verb: _Verb) -> Run:
    """Call the verb with the job's subject as an id."""

    async def run(job: Job, context: JobContext) -> None:
        await verb(int(job.subject), now=context.clock.now())

    return run


def _by_text(verb: _Verb) -> Run:
    """Call the verb with the job's subject as a text."""

    async def run(job: Job, context: JobContext) -> None:
        await verb(job.subject, now=context.clock.now())

    return run


def _daily(verb: _DailyVerb) -> Run:
    """Call the verb with the moment alone."""

    async def run(_: Job, context: JobContext) -> None:
        await verb(now=context.clock.now())

    return run


async def _refuse_unknown(job: Job, _: JobContext) -> None:
    raise UnknownJobKind(job.kind)


KINDS = {
    # A person may be in danger: retried every few seconds, without end, until staff acknowledge the alert.
    "sound_crisis": JobKind(
        alarms.sound_crisis,
        RetryPolicy(attempts=None, longest_delay=timedelta(seconds=10)),
        seconds=alarms.CRISIS_SECONDS,
        lane=Lane.CRISES,
    ),
    # Needs: reminders, escalation 督办, silent closing, call backs 回访.
    "watch_need": JobKind(_by_id(need_schedule.do_due_actions), lane=Lane.TIMELY),
    referrals.EXPIRY: JobKind(_by_id(referrals.expire), lane=Lane.TIMELY),
    "draw_call_back": JobKind(_by_id(call_backs.draw_sample)),
    complaint_submit.JOB_KIND: JobKind(_by_id(complaint_schedule.watch), lane=Lane.TIMELY),
    "overdue_call_back": JobKind(_by_id(call_backs.remind_overdue), lane=Lane.TIMELY),
    # Tasks and volunteers: reminders, expiry, disputes; a ban frees tasks; a closed station loses its volunteers.
    "watch_task": JobKind(_by_id(task_reminders.do_due_actions), lane=Lane.TIMELY),
    joining.JOB_KIND: JobKind(_by_id(joining.follow)),
    # People who no longer live together: what was merged of theirs parts again.
    partings.JOB_KIND: JobKind(_by_id(partings.part_of_person), lane=Lane.TIMELY),
    "free_tasks": JobKind(_by_id(claims.release_claims_of_banned)),
    "move_volunteers": JobKind(_by_id(station_change.move_from_closed_station), seconds=300),
    # Activities: reminders and finishing, seat offers that lapse, the waiting list after quiet hours, points, ratings.
    "watch_activity": JobKind(_by_id(activity_schedule.do_due_actions), lane=Lane.TIMELY),
    "expire_offer": JobKind(_by_id(offers.expire), lane=Lane.TIMELY),
    "serve_line": JobKind(_by_id(waiting_list.serve_by_id), lane=Lane.TIMELY),
    attendance_points.JOB_KIND: JobKind(batches.reward_activity, seconds=300),
    rating_period.JOB_KIND: JobKind(_by_id(activity_figures.fix)),
    # Points and orders: public notices 公示 that end, points that expire, orders that are not fetched.
    "end_public_notice": JobKind(_by_id(public_notices.end)),
    "announce_points": JobKind(_by_text(expiry.announce)),
    "expire_points": JobKind(batches.expire_points),
    "expire_order": JobKind(_by_id(order_cancellation.remind_or_expire), lane=Lane.TIMELY),
    # A change of the set-up: needs move to the stations that are responsible now. After a kill another runner soon
    # goes on, so one run moves one portion and its lease is short.
    rerouting.JOB_KIND: JobKind(batches.reroute_needs, seconds=30),
    # The duty roster: gaps that begin soon.
    roster_gaps.JOB_KIND: JobKind(_daily(roster_gaps.watch), seconds=300),
    # Daily jobs, and the alarms that some of them raise.
    "check_calendar": JobKind(_daily(daily_jobs.check_calendar)),
    daily_jobs.ALARM_JOB: JobKind(alarms.sound_alarm),
    "sweep_photos": JobKind(batches.sweep_photos, seconds=300),
    "delete_photo": JobKind(batches.delete_photo),
    "forget_old": JobKind(_daily(daily_jobs.forget_old)),
    "retry_parked": JobKind(_daily(daily_jobs.retry_parked)),
    "watch_points": JobKind(_daily(daily_jobs.watch_points)),
    "fix_satisfaction": JobKind(_daily(daily_jobs.fix_satisfaction), seconds=300),
    "watch_stock": JobKind(batches.watch_stock, seconds=300),
    "audit_ledger": JobKind(alarms.audit_ledger, seconds=900),
    "check_data": JobKind(alarms.check_data, seconds=900),
}
UNKNOWN = JobKind(_refuse_unknown)


def kinds_of(lane: Lane) -> Kinds:
    """Return the kinds of jobs in the lane. A kind that is unknown belongs to the others."""
    if lane is Lane.OTHERS:
        return Kinds([name for name, kind in KINDS.items() if kind.lane is not lane])
    return Kinds([name for name, kind in KINDS.items() if kind.lane is lane], excluded=False)
