"""Whom an activity's notices reach, thousands by one statement. None of them says a name."""

from datetime import datetime

from server.database import db
from server.domain import notifications, staff
from server.domain.working_time import SHANGHAI
from server.models import Activity, Booking, BookingStatus, Channel, Station

S = BookingStatus

SEATED = (S.BOOKED, S.ATTENDED)
IN_LINE = (S.WAITING, S.OFFERED)
WEEKDAYS = "一二三四五六日"
# Whose booking it is, who made it on their own phone (at a counter that is staff), and each attendee known by an id.
_PEOPLE = """
SELECT b.person_id id FROM booking b WHERE {theirs}
UNION SELECT b.booked_by_id FROM booking b WHERE {theirs} AND b.channel = '{phone}'
UNION SELECT a.person_id FROM attendee a JOIN booking b ON b.id = a.booking_id
 WHERE {theirs} AND a.current = 1 AND a.person_id IS NOT NULL
"""


async def tell_booked(
    activity: Activity, template: str, title: str, body: str, *, now: datetime, waiting: bool = False
) -> None:
    """One notice to everybody who has a seat or a post, with `waiting` also to those in line or with an offer."""
    statuses = SEATED + IN_LINE if waiting else SEATED
    await notifications.tell(await people(activity, statuses), template, title, body, about=about(activity), now=now)


async def people(activity: Activity, statuses: tuple[BookingStatus, ...], before: datetime | None = None) -> list[int]:
    """Everybody on a booking in one of these states, with `before` only on those seated before then."""
    theirs = f"b.activity_id = ? AND b.status IN ({db.marks(statuses)})"
    values = [activity.id, *(status.value for status in statuses)]
    if before is not None:
        theirs += " AND COALESCE(b.seated_at, b.booked_at) < ?"
        values.append(before)
    statement = _PEOPLE.format(theirs=theirs, phone=Channel.PHONE_APP.value)
    _, rows = await db.execute(statement, values * 3)
    return sorted(row["id"] for row in rows)


def named(activity: Activity, body: str) -> str:
    """What is said of one activity, among the others one has booked."""
    return f"“{activity.title}”：{body}"


def about(activity: Activity) -> dict[str, int]:
    """What a notice leads to."""
    return {"activity": activity.id}


async def tell_station(activity: Activity, template: str, title: str, body: str, *, now: datetime) -> None:
    """One notice to everybody of the activity's station; where nobody works, to the officers who can change that."""
    workers = await staff.workers_of(activity.station_id)
    if not workers:
        station = await Station.get(id=activity.station_id)
        workers = await staff.officers(county_id=station.county_id)
        body = f"{station.name}还没有工作人员。{body}"
    await notifications.tell(workers, template, title, body, about=about(activity), now=now)


async def ask_to_call(activity: Activity, statuses: tuple[BookingStatus, ...], *, now: datetime) -> None:
    """Tell the station how many on its bookings read no notices: booked at the counter, without the mini-program."""
    theirs = Booking.filter(activity_id=activity.id, status__in=list(statuses))
    many = await theirs.filter(person__openid=None).exclude(channel=Channel.PHONE_APP).count()
    if many:
        body = f"“{activity.title}”的安排有变，有{many}份报名的居民没有小程序，请打电话通知。"
        await tell_station(activity, "activity_call", "请打电话通知居民", body, now=now)


def when(starts_at: datetime, ends_at: datetime) -> str:
    """A time as people read it: 3月13日（周五）10:00至12:00."""
    begins, ends = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{_day(ends)}{ends:%H:%M}"
    return f"{_day(begins)}{begins:%H:%M}至{until}"


def _day(local: datetime) -> str:
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）"
