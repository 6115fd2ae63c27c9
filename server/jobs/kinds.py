"""Every kind of job by its name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from server.domain import coverage
from server.domain.activities import attendance_points
from server.domain.job_queue import RetryPolicy
from server.jobs import (
    announce_points,
    audit_ledger,
    check_calendar,
    check_data,
    coverage_takes_effect,
    delete_photo,
    draw_call_back,
    end_public_notice,
    expire_offer,
    expire_order,
    expire_points,
    forget_old,
    free_tasks,
    move_volunteers,
    overdue_call_back,
    reward_activity,
    serve_line,
    sound_calendar,
    sound_crisis,
    sweep_photos,
    watch_activity,
    watch_need,
    watch_points,
    watch_stock,
    watch_task,
)
from server.jobs.context import JobContext
from server.models import Job


@dataclass(frozen=True)
class Kind:
    """What a job of this kind does, in how many seconds at most, and how its failures are borne.

    One that is `pressing` is done before all others, and every failure of it is CRITICAL.
    """

    do: Callable[[Job, JobContext], Awaitable[None]]
    patience: RetryPolicy = field(default_factory=RetryPolicy)
    seconds: int = 60
    pressing: bool = False

    @property
    def lease(self) -> timedelta:
        """How long the job is its worker's: more than it takes, so that nobody begins what is still being done."""
        return timedelta(seconds=2 * self.seconds)


class UnknownKind(Exception):  # noqa: N818 - it says what happened
    """A newer version of this program planned it, and will do it."""


async def _leave(job: Job, _: JobContext) -> None:
    raise UnknownKind(job.kind)


KINDS = {
    # Somebody may be in danger: tried every few seconds, for ever, until a person acknowledges.
    "sound_crisis": Kind(
        sound_crisis.do,
        RetryPolicy(attempts=None, longest_delay=timedelta(seconds=10)),
        seconds=15,
        pressing=True,
    ),
    "watch_need": Kind(watch_need.do),
    "watch_task": Kind(watch_task.do),
    "watch_activity": Kind(watch_activity.do),
    "free_tasks": Kind(free_tasks.do),
    "move_volunteers": Kind(move_volunteers.do, seconds=300),
    "draw_call_back": Kind(draw_call_back.do),
    "overdue_call_back": Kind(overdue_call_back.do),
    coverage.TAKES_EFFECT: Kind(coverage_takes_effect.do),
    "check_calendar": Kind(check_calendar.do),
    "sound_calendar": Kind(sound_calendar.do),
    "sweep_photos": Kind(sweep_photos.do),
    "delete_photo": Kind(delete_photo.do),
    "forget_old": Kind(forget_old.do),
    "end_public_notice": Kind(end_public_notice.do),
    "watch_points": Kind(watch_points.do),
    "announce_points": Kind(announce_points.do),
    "expire_points": Kind(expire_points.do),
    "expire_order": Kind(expire_order.do),
    "expire_offer": Kind(expire_offer.do),
    "serve_line": Kind(serve_line.do),
    attendance_points.REWARDING: Kind(reward_activity.do, seconds=300),
    "audit_ledger": Kind(audit_ledger.do, seconds=900),
    "check_data": Kind(check_data.do, seconds=900),
    "watch_stock": Kind(watch_stock.do, seconds=300),
}
UNKNOWN = Kind(_leave)
PRESSING = frozenset(name for name, kind in KINDS.items() if kind.pressing)
