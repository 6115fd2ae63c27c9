"""Notices about activities: their texts, and who receives them, thousands by one statement. None names a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import notifications
from server.domain.notifications import NoticeTemplate
from server.domain.working_time import SHANGHAI
from server.models import Activity, Booking, BookingStatus, Channel

ACTIVITY_CHANGED = NoticeTemplate(
    "activity_changed",
    title="活动有变动",
    body="“{activity}”有变动。{changes}如不能参加，请取消报名，把名额让给别人。",
    opens="activity",
)
TIME_CHANGED = "时间原为{old}，现改为{new}。"
PLACE_CHANGED = "地点原为{old}，现改为{new}。"
LONGEST_PLACE = 80
ACTIVITY_CANCELLED = NoticeTemplate(
    "activity_cancelled",
    title="活动已取消",
    body="“{activity}”（原定{when}）已取消，原因：{reason}。给您带来不便，敬请谅解。",
    opens="activity",
)
ACTIVITY_REMINDER = NoticeTemplate(
    "activity_reminder",
    title="活动提醒",
    body="您报名的“{activity}”{day}开始：{when}，地点：{place}。如不能参加，请取消报名，把名额让给别人。",
    opens="activity",
)
ACTIVITY_CALL = NoticeTemplate(
    "activity_call",
    title="请打电话通知居民",
    body="“{activity}”的安排有变，有{count}份报名的居民没有小程序，请打电话通知。",
    opens="activity",
)
ACTIVITY_NOT_LEFT = NoticeTemplate(
    "activity_not_left",
    title="志愿者没有签退",
    body="“{activity}”已结束，还有{count}位志愿者没有签退，请为他们办理签退，以便记录服务时间。",
    opens="activity",
)
ACTIVITIES_UNSETTLED = NoticeTemplate(
    "activities_unsettled",
    title="请安排已发布的活动",
    body="站点已暂停服务，还有{count}场已发布的活动没有举行。请逐一改期、改地点或取消，并确认居民已收到通知。",
    opens="station",
)

S = BookingStatus

SEATED = (S.BOOKED, S.ATTENDED)
IN_LINE = (S.WAITING, S.OFFERED)
WEEKDAYS = "一二三四五六日"
# The bookings' holders, the people who booked on a phone (at a counter that is staff), and attendees with an account.
_PEOPLE = """
SELECT b.person_id id FROM booking b WHERE {theirs}
UNION SELECT b.booked_by_id FROM booking b WHERE {theirs} AND b.channel = '{phone}'
UNION SELECT a.person_id FROM attendee a JOIN booking b ON b.id = a.booking_id
 WHERE {theirs} AND a.current = 1 AND a.person_id IS NOT NULL
"""


async def notify_booked(activity: Activity, template: NoticeTemplate, *, now: datetime, **values: Any) -> None:
    """Notify everybody who has a seat or a post, waits in line or has an offer."""
    reached = await people(activity, SEATED + IN_LINE)
    title = activity.title
    await notifications.notify(reached, template, subject_id=activity.id, now=now, activity=title, **values)


async def notify_changed(activity: Activity, before: Mapping[str, Any], *, now: datetime) -> None:
    """Notify everybody with a seat or in line of the old and the new time and place."""
    changes = ""
    old, new = when(before["starts_at"], before["ends_at"]), when(activity.starts_at, activity.ends_at)
    if old != new:
        changes += TIME_CHANGED.format(old=old, new=new)
    if before["place"] != activity.place:
        changes += PLACE_CHANGED.format(old=_short(before["place"]), new=_short(activity.place))
    await notify_booked(activity, ACTIVITY_CHANGED, now=now, changes=changes)


def _short(place: str) -> str:
    # Both places must fit into a notice.
    return place if len(place) <= LONGEST_PLACE else f"{place[:LONGEST_PLACE]}…"


async def remind(activity: Activity, *, seated_before: datetime, now: datetime) -> None:
    """Remind everybody who was seated before a moment."""
    reached = await people(activity, SEATED, before=seated_before)
    days = (activity.starts_at.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
    text = {
        "activity": activity.title,
        "day": {0: "今天", 1: "明天"}.get(days, ""),
        "when": when(activity.starts_at, activity.ends_at),
        "place": activity.place,
    }
    await notifications.notify(reached, ACTIVITY_REMINDER, subject_id=activity.id, now=now, **text)


async def people(activity: Activity, statuses: tuple[BookingStatus, ...], before: datetime | None = None) -> list[int]:
    """Return everybody on a booking in one of these states; with `before`, only of those seated before then."""
    theirs = f"b.activity_id = ? AND b.status IN ({db.placeholders(statuses)})"
    values = [activity.id, *(status.value for status in statuses)]
    if before is not None:
        theirs += " AND COALESCE(b.seated_at, b.booked_at) < ?"
        values.append(before)
    statement = _PEOPLE.format(theirs=theirs, phone=Channel.PHONE_APP.value)
    _, rows = await db.execute(statement, values * 3)
    return sorted(row["id"] for row in rows)


async def notify_station(activity: Activity, template: NoticeTemplate, *, now: datetime, **values: Any) -> None:
    """Notify everybody of the activity's station; if nobody works there, the officers who can change that."""
    station_id, title = activity.station_id, activity.title
    await notifications.notify_station(station_id, template, subject_id=activity.id, now=now, activity=title, **values)


async def ask_to_call(activity: Activity, statuses: tuple[BookingStatus, ...], *, now: datetime) -> None:
    """Ask the station to call the people on its bookings who have no mini-program; the notice says how many."""
    theirs = Booking.filter(activity_id=activity.id, status__in=list(statuses))
    many = await theirs.filter(person__openid=None).exclude(channel=Channel.PHONE_APP).count()
    if many:
        await notify_station(activity, ACTIVITY_CALL, now=now, count=many)


def when(starts_at: datetime, ends_at: datetime) -> str:
    """Return a time as people read it: 3月13日（周五）10:00至12:00."""
    begins, ends = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    until = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{_day(ends)}{ends:%H:%M}"
    return f"{_day(begins)}{begins:%H:%M}至{until}"


def _day(local: datetime) -> str:
    return f"{local.month}月{local.day}日（周{WEEKDAYS[local.weekday()]}）"
