"""Public notice 公示: earned points are listed with masked names for some working days before they count."""

from datetime import datetime

from server.database import db
from server.domain import audit, job_queue, notifications, policies, working_time
from server.domain.pagination import Place, older
from server.domain.points import grants
from server.domain.points.grants import S
from server.domain.points.notifications import POINTS_LISTED
from server.domain.staff import Staff
from server.domain.working_time import Duration, Unit
from server.errors import HeadRequired, NotFound, NothingToPublish
from server.models import Earning, PublicNotice

ENDING = "end_public_notice"
# Of more that wait the oldest are listed, the rest next time.
MOST_LINES = 1000
GRANTED_AT_ONCE = 50
# What was refused or reversed is nobody else's to know.
SHOWN = frozenset({S.LISTED, S.FROZEN, S.GRANTED})


@db.transaction
async def publish(station_id: int, *, title: str, by: Staff, now: datetime) -> PublicNotice:
    """List all points of the station that wait for it, until the end of so many working days."""
    if station_id not in by.head_of:
        raise HeadRequired
    waiting = Earning.filter(station_id=station_id, status=S.WAITING).order_by("claimed_at", "id")
    lines = await waiting.limit(MOST_LINES).select_for_update()
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
    await job_queue.plan(ENDING, notice.id, due=notice.ends_at)
    await notifications.notify([one.person_id for one in lines], POINTS_LISTED, subject_id=notice.id, now=now)
    subject = f"public_notice:{notice.id}"
    await audit.note("public_notice.published", subject, by=by.person_id, now=now, station=station_id, lines=len(ids))
    return notice


async def _end_of(station_id: int, now: datetime) -> datetime:
    days = await policies.number("public_notice_days", station_id=station_id)
    hours, known = await policies.get_working_hours(), await policies.get_calendar_days()
    return working_time.add_duration(now, Duration(days, Unit.WORKING_DAYS), hours=hours, known=known)


async def lock(notice_id: int) -> PublicNotice:
    """The notice, locked: before its lines, so that what is decided about one knows whether it has ended."""
    return await PublicNotice.select_for_update().get(id=notice_id)


def is_over(notice: PublicNotice, now: datetime) -> bool:
    """Whether nobody can object any more."""
    return notice.ended_at is not None or now >= notice.ends_at


@db.transaction
async def end(notice_id: int, *, now: datetime) -> int:
    """Give the points of the next lines nobody objected to, and have the rest done at once after; returns how many.

    Frozen lines stay until somebody decides. To be called when its time is over, as often as one likes.
    """
    notice = await lock(notice_id)
    assert is_over(notice, now), "its time is not over"
    listed = Earning.filter(public_notice_id=notice_id, status=S.LISTED).order_by("id")
    lines = await listed.limit(GRANTED_AT_ONCE).select_for_update()
    if lines:
        await grants.grant(lines, now=now)
    if len(lines) == GRANTED_AT_ONCE:
        await job_queue.plan(ENDING, notice_id, due=now)
    else:
        await PublicNotice.filter(id=notice_id, ended_at=None).update(ended_at=now)
    return len(lines)


async def of_station(station_id: int, *, before: Place | None, limit: int) -> list[PublicNotice]:
    """The station's notices, newest first, below a place in the list."""
    found = PublicNotice.filter(station_id=station_id)
    found = found.filter(older("published_at", before))
    return await found.order_by("-published_at", "-id").limit(limit).select_related("station")


async def one(notice_id: int) -> PublicNotice:
    """A notice with its station."""
    notice = await PublicNotice.filter(id=notice_id).select_related("station").first()
    if notice is None:
        raise NotFound
    return notice


async def lines_of(notice_id: int, *, after: int, limit: int) -> list[Earning]:
    """Lines of a notice with person and rule, by their ids."""
    found = Earning.filter(public_notice_id=notice_id, status__in=list(SHOWN), id__gt=after)
    return await found.order_by("id").limit(limit).select_related("person", "rule")
