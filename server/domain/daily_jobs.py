"""Daily jobs. Each day has a job of its own, and the next day's is planned before the work of this day begins."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from server.database import db
from server.domain import (
    idempotency,
    invariants,
    job_queue,
    job_runners,
    ledger,
    notifications,
    photos,
    policies,
    reference,
    staff,
)
from server.domain.duty import roster_gaps
from server.domain.notifications import NoticeTemplate
from server.domain.points import expiry
from server.domain.satisfaction import month_fixing
from server.domain.working_time import SHANGHAI
from server.models import Job, Photo

CALENDAR_MISSING = NoticeTemplate(
    "calendar_missing",
    title="缺少放假安排",
    body="系统里还没有{years}的放假和调休安排，办理期限只能按周一至周五计算，请尽快录入。",
)
DATA_BROKEN = NoticeTemplate(
    "data_broken", title="数据核对不符", body="夜间核对发现数据之间不一致，请立即联系系统管理员。"
)
LEDGER_BROKEN = NoticeTemplate(
    "ledger_broken",
    title="账目核对不符",
    body="夜间核对发现时间银行、积分或库存的账目不符，请立即联系系统管理员。",
)


@dataclass(frozen=True)
class Recurrence:
    """Every day at an hour in Shanghai, or from this hour on every few `hours`."""

    at: time
    hours: int = 24

    def last(self, now: datetime) -> datetime:
        """Return when the last run was due."""
        yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
        first, interval = datetime.combine(yesterday, self.at, SHANGHAI), timedelta(hours=self.hours)
        return first + (now - first) // interval * interval

    def next(self, now: datetime) -> datetime:
        """Return when the next run is due."""
        return self.last(now) + timedelta(hours=self.hours)


PHOTOS_AT_ONCE = 100
MORNING, NIGHT, EVERY_HOUR = Recurrence(time(9)), Recurrence(time(3)), Recurrence(time(0), hours=1)
# Every kind of job that recurs. The subject of a job is the time of its run in Shanghai.
RECURRING = {
    "check_calendar": MORNING,
    "sweep_photos": NIGHT,
    "forget_old": NIGHT,
    "audit_ledger": NIGHT,
    "check_data": NIGHT,
    "watch_stock": MORNING,
    "watch_points": NIGHT,
    "fix_satisfaction": NIGHT,
    "retry_parked": MORNING,
    roster_gaps.JOB_KIND: EVERY_HOUR,
}
# Alarms about the system itself, which ring the city desk. The subject of the job that rings is the kind and the day.
ALARM_JOB = "sound_alarm"
CALENDAR, LEDGER, DATA = "calendar", "ledger", "data"
# Not tried again with the other parked jobs: a newer job of the same kind has taken their place.
SUPERSEDED_DAILY = frozenset({*RECURRING, ALARM_JOB})


@db.transaction
async def seed(*, now: datetime) -> None:
    """Plan each recurring job of which no run is planned, such as those of a new database: now, else the next time."""
    planned = {job.kind for job in await Job.filter(kind__in=list(RECURRING), state="waiting")}
    for kind, recurrence in RECURRING.items():
        if kind not in planned and not await job_queue.ensure(kind, _run(recurrence.last(now)), due=now):
            await plan_next(kind, now=now)


@db.transaction
async def plan_next(kind: str, *, now: datetime) -> None:
    """Plan the next run of a recurring job, unless it is planned already.

    This comes before the work of this run. One that fails for good, or that is killed, must not be the last one.
    """
    due = RECURRING[kind].next(now)
    await job_queue.ensure(kind, _run(due), due=due)


def _run(due: datetime) -> str:
    """Return the subject of the job for the run that is due then."""
    return f"{due.astimezone(SHANGHAI):%Y-%m-%d %H}"


@db.transaction
async def retry_parked(*, now: datetime) -> None:
    """Try each parked job again, once a day: what plans its own next run would otherwise end with its first failure."""
    await job_queue.retry_parked(but=SUPERSEDED_DAILY, now=now)


@db.transaction
async def check_calendar(*, now: datetime) -> list[int]:
    """Notify city officers of years without a calendar and plan an alarm, once a day while a calendar is missing."""
    years = await policies.missing_years(now)
    if years:
        await _raise_alarm(CALENDAR, CALENDAR_MISSING, now=now, years=_named(years))
    return years


def _named(years: list[int]) -> str:
    return "、".join(f"{year}年" for year in years)


@db.transaction
async def ledger_audited(report: ledger.Report, *, now: datetime) -> None:
    """If the ledger does not balance, notify city officers and plan an alarm, once a day."""
    if not report.holds:
        await _raise_alarm(LEDGER, LEDGER_BROKEN, now=now)


@db.transaction
async def data_checked(report: invariants.Report, *, now: datetime) -> None:
    """If an invariant is broken, notify city officers and plan an alarm, once a day."""
    if not report.holds:
        await _raise_alarm(DATA, DATA_BROKEN, now=now)


async def _raise_alarm(kind: str, template: NoticeTemplate, *, now: datetime, **words: Any) -> None:
    # The officers read it whether or not the gateway answers.
    day = now.astimezone(SHANGHAI).date()
    if await job_queue.ensure(ALARM_JOB, f"{kind}:{day}", due=now):
        await notifications.notify(await staff.officers(county_id=None), template, now=now, **words)


async def alarm_text_and_phones(kind: str, *, now: datetime) -> tuple[str, list[str]] | None:
    """Return the alarm text and the city desk's phones, or None if the calendar was entered meanwhile."""
    if kind != CALENDAR:
        return {LEDGER: LEDGER_BROKEN, DATA: DATA_BROKEN}[kind].body, await _desk_phones()
    years = await policies.missing_years(now)
    return (CALENDAR_MISSING.render(years=_named(years))[1], await _desk_phones()) if years else None


@db.transaction
async def watch_points(*, now: datetime) -> None:
    """Announce points that are about to expire."""
    await expiry.schedule_announcement(now=now)


@db.transaction
async def fix_satisfaction(*, now: datetime) -> None:
    """Fix the satisfaction figures of a month that ended."""
    await month_fixing.fix_ended(now=now)


async def _desk_phones() -> list[str]:
    """Return the phones of the city desk."""
    desk = (await reference.snapshot()).city_desk
    phone = desk and (desk.duty_phone or desk.phone)
    return [phone] if phone else []


@db.transaction
async def sweep_photos(*, now: datetime) -> bool:
    """Delete the rows of unused photos and plan the deletion of their files: no link leads to a missing file.

    Return whether there may be more of them.
    """
    unused = await photos.unused(now, most=PHOTOS_AT_ONCE)
    for photo in unused:
        if await photos.forget(photo.id):
            await job_queue.plan("delete_photo", photo.name, due=now)
    return len(unused) == PHOTOS_AT_ONCE


async def may_delete_files(name: str) -> bool:
    """Return whether no photo has the name. The same photo may have been uploaded again."""
    return not await Photo.filter(name=name).exists()


@db.transaction
async def forget_old(*, now: datetime) -> None:
    """Delete old idempotency keys, jobs that were done long ago, and job runners that were seen long ago."""
    await idempotency.forget_old(now=now)
    await job_queue.forget_done(now=now)
    await job_runners.forget_old(now=now)
