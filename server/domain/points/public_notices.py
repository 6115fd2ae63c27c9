"""Public notice 公示: earned points are listed with masked names for some working days before they count."""

from datetime import datetime

from server.database import db
from server.domain import audit, job_queue, notifications, policies, reference, working_time
from server.domain.pagination import Place, older
from server.domain.points import grants
from server.domain.points.grants import S
from server.domain.points.notifications import POINTS_LISTED
from server.domain.staff import Staff
from server.domain.working_time import Duration, Unit
from server.errors import HeadRequired, NotFound, NothingToPublish
from server.models import Earning, PublicNotice

END_JOB = "end_public_notice"
# If more points wait, the oldest are listed now and the rest next time.
MAX_ENTRIES = 1000
GRANTS_PER_RUN = 50
# Refused and reversed points are not shown to others.
SHOWN_STATUSES = frozenset({S.LISTED, S.FROZEN, S.GRANTED})


@db.transaction
async def publish(station_id: int, *, title: str, by: Staff, now: datetime) -> PublicNotice:
    """List the station's waiting points in public for the policy's number of working days.

    Raises `HeadRequired` and `NothingToPublish`.
    """
    if station_id not in by.head_of:
        raise HeadRequired
    waiting = Earning.filter(station_id=station_id, status=S.WAITING).order_by("claimed_at", "id")
    lines = await waiting.limit(MAX_ENTRIES).select_for_update()
    if not lines:
        raise NothingToPublish
    notice = await PublicNotice.create(
        station_id=station_id,
        title=title,
        published_by_id=by.person_id,
        published_at=now,
        ends_at=await _end_of(station_id, now),
    )
    ids = [one.id for one in lines]
    await Earning.filter(id__in=ids, status=S.WAITING).update(status=S.LISTED, public_notice_id=notice.id)
    await job_queue.plan(END_JOB, notice.id, due=notice.ends_at)
    await notifications.notify([one.person_id for one in lines], POINTS_LISTED, subject_id=notice.id, now=now)
    subject = f"public_notice:{notice.id}"
    await audit.note("public_notice.published", subject, by=by.person_id, now=now, station=station_id, lines=len(ids))
    return (await reference.attach([notice], "station"))[0]


async def _end_of(station_id: int, now: datetime) -> datetime:
    days = await policies.number("public_notice_days", station_id=station_id)
    hours, known = await policies.get_working_hours(), await policies.get_calendar_days()
    return working_time.add_duration(now, Duration(days, Unit.WORKING_DAYS), hours=hours, known=known)


async def lock_notice(notice_id: int) -> PublicNotice:
    """Return the notice, locked before its entries, so that a decision on one knows whether the notice has ended."""
    return await PublicNotice.select_for_update().get(id=notice_id)


def is_over(notice: PublicNotice, now: datetime) -> bool:
    """Return whether objections are closed."""
    return notice.ended_at is not None or now >= notice.ends_at


@db.transaction
async def end(notice_id: int, *, now: datetime) -> int:
    """Grant the next entries without open objections, and schedule the rest; return how many.

    Frozen entries wait for a decision. Call it after the end of the notice, as often as needed.
    """
    notice = await lock_notice(notice_id)
    assert is_over(notice, now), "its time is not over"
    listed = Earning.filter(public_notice_id=notice_id, status=S.LISTED).order_by("id")
    lines = await listed.limit(GRANTS_PER_RUN).select_for_update()
    if lines:
        await grants.grant(lines, now=now)
    if len(lines) == GRANTS_PER_RUN:
        await job_queue.plan(END_JOB, notice_id, due=now)
    else:
        await PublicNotice.filter(id=notice_id, ended_at=None).update(ended_at=now)
    return len(lines)


async def list_for_station(station_id: int, *, before: Place | None, limit: int) -> list[PublicNotice]:
    """Return the station's notices, newest first."""
    found = PublicNotice.filter(station_id=station_id)
    found = found.filter(older("published_at", before))
    return await reference.attach(await found.order_by("-published_at", "-id").limit(limit), "station")


async def get_notice(notice_id: int) -> PublicNotice:
    """Return a notice with its station, else raise `NotFound`."""
    found = await reference.attach(await PublicNotice.filter(id=notice_id), "station")
    if not found:
        raise NotFound
    return found[0]


async def list_entries(notice_id: int, *, after: int, limit: int) -> list[Earning]:
    """Return the entries of a notice with person and rule, by id."""
    found = Earning.filter(public_notice_id=notice_id, status__in=list(SHOWN_STATUSES), id__gt=after)
    return await found.order_by("id").limit(limit).select_related("person", "rule")
