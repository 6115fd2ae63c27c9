"""Daily jobs. Each plans its own next run in the transaction of its work."""

from datetime import datetime, time, timedelta

from server.database import db
from server.domain import idempotency, invariants, job_queue, ledger, notifications, photos, policies, reference, staff
from server.domain.notifications import NoticeTemplate
from server.domain.points import expiry
from server.domain.satisfaction import month_fixing
from server.domain.working_time import SHANGHAI
from server.models import Photo

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

# The subject of every daily job.
DAILY = "daily"
DAILY_JOBS = (
    "check_calendar",
    "sweep_photos",
    "forget_old",
    "audit_ledger",
    "check_data",
    "watch_stock",
    "watch_points",
    "fix_satisfaction",
)
PHOTOS_AT_ONCE = 100
MORNING, NIGHT = time(9), time(3)


@db.transaction
async def seed(*, now: datetime) -> None:
    """Plan the daily jobs of a new database. Jobs that are planned already stay as they are."""
    for kind in DAILY_JOBS:
        await job_queue.ensure(kind, DAILY, due=now)


@db.transaction
async def check_calendar(*, now: datetime) -> list[int]:
    """Notify city officers of years without a calendar and plan an alarm, once a day while a calendar is missing."""
    years = await policies.missing_years(now)
    if years:
        officers = await staff.officers(county_id=None)
        await notifications.notify(officers, CALENDAR_MISSING, now=now, years=_named(years))
        await job_queue.plan("sound_calendar", now.astimezone(SHANGHAI).date().isoformat(), due=now)
    await job_queue.plan("check_calendar", DAILY, due=_tomorrow(now, MORNING))
    return years


def _named(years: list[int]) -> str:
    return "、".join(f"{year}年" for year in years)


async def calendar_alarm(now: datetime) -> tuple[str, list[str]] | None:
    """Return the alarm text and the city desk's phones, or None if the calendar was entered meanwhile."""
    years = await policies.missing_years(now)
    if not years:
        return None
    _, words = CALENDAR_MISSING.render(years=_named(years))
    return words, await desk_phones()


@db.transaction
async def ledger_audited(report: ledger.Report, *, now: datetime) -> None:
    """Notify city officers if the ledger does not balance, and plan the next night's audit."""
    if not report.holds:
        officers = await staff.officers(county_id=None)
        await notifications.notify(officers, LEDGER_BROKEN, now=now)
    await job_queue.plan("audit_ledger", DAILY, due=_tomorrow(now, NIGHT))


@db.transaction
async def data_checked(report: invariants.Report, *, now: datetime) -> None:
    """Notify city officers if an invariant is broken, and plan the next night's check."""
    if not report.holds:
        officers = await staff.officers(county_id=None)
        await notifications.notify(officers, DATA_BROKEN, now=now)
    await job_queue.plan("check_data", DAILY, due=_tomorrow(now, NIGHT))


@db.transaction
async def stock_watched(*, now: datetime) -> None:
    """Plan the next morning's check of the stations' goods."""
    await job_queue.plan("watch_stock", DAILY, due=_tomorrow(now, MORNING))


@db.transaction
async def watch_points(*, now: datetime) -> None:
    """Announce points that are about to expire, and plan the next night's check."""
    await expiry.schedule_announcement(now=now)
    await job_queue.plan("watch_points", DAILY, due=_tomorrow(now, NIGHT))


@db.transaction
async def fix_satisfaction(*, now: datetime) -> None:
    """Fix the satisfaction figures of a month that ended, and plan the next night's look."""
    await month_fixing.fix_ended(now=now)
    await job_queue.plan("fix_satisfaction", DAILY, due=_tomorrow(now, NIGHT))


async def desk_phones() -> list[str]:
    """Return the phones of the city desk."""
    desk = (await reference.snapshot()).city_desk
    phone = desk and (desk.duty_phone or desk.phone)
    return [phone] if phone else []


@db.transaction
async def sweep_photos(*, now: datetime) -> int:
    """Delete the rows of unused photos and plan the deletion of their files: no link leads to a missing file.

    Return how many. The rest of a long list follows at once.
    """
    unused = await photos.unused(now, most=PHOTOS_AT_ONCE)
    forgotten = [photo for photo in unused if await photos.forget(photo.id)]
    for photo in forgotten:
        await job_queue.plan("delete_photo", photo.name, due=now)
    more = len(unused) == PHOTOS_AT_ONCE
    await job_queue.plan("sweep_photos", DAILY, due=now if more else _tomorrow(now, NIGHT))
    return len(forgotten)


async def may_delete_files(name: str) -> bool:
    """Return whether no photo has the name. The same photo may have been uploaded again."""
    return not await Photo.filter(name=name).exists()


@db.transaction
async def forget_old(*, now: datetime) -> None:
    """Delete old idempotency keys and jobs that were done long ago."""
    await idempotency.forget_old(now=now)
    await job_queue.forget_done(now=now)
    await job_queue.plan("forget_old", DAILY, due=_tomorrow(now, NIGHT))


def _tomorrow(now: datetime, at: time) -> datetime:
    day = now.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(day, at, SHANGHAI)
