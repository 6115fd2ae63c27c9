"""A booking as an entry for the phone's calendar."""

from datetime import datetime
from typing import Literal

from server.adapters.calendar_entry import Entry, entry_file
from server.adapters.clock import Moment
from server.domain.activities.calendar_entries import CalendarBooking, get
from server.handlers.http import Caller, RawResponse, endpoint
from server.handlers.phone_text import phone_text
from server.models import ActivityStatus, Booking, BookingStatus

HEADERS = {"Content-Disposition": "attachment; filename=activity.ics"}
S = BookingStatus

COMES = {S.BOOKED, S.ATTENDED, S.NO_SHOW}
WAITS = {S.WAITING, S.OFFERED}


@endpoint("GET", "/bookings/<booking_id:int>/calendar", reply=RawResponse, content_type="text/calendar")
async def get_calendar_entry(booking_id: int, caller: Caller, now: Moment) -> RawResponse:
    """Return the booking as a calendar file; fetched again after a change, it replaces the old entry."""
    found = await get(booking_id, to=caller.person_id)
    return RawResponse(entry_file(_entry(found, now)), "text/calendar; charset=utf-8", HEADERS)


def _entry(found: CalendarBooking, now: datetime) -> Entry:
    booking, activity = found.booking, found.booking.activity
    return Entry(
        uid=f"booking-{booking.id}@luzhou-social-work-stations",
        revision=found.revision,
        status=_status(booking),
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        title=_title(booking),
        place=activity.place,
        text=_text(booking),
        written_at=now,
    )


def _text(booking: Booking) -> str:
    """Return the station's phone number and what the person should do, one line each."""
    station, status = booking.activity.station, _status(booking)
    lines = [f"{station.name}，电话：{phone_text(station.phone) or '—'}"]
    if status != "CANCELLED" and booking.status in WAITS:
        lines.append("您还在候补，目前没有名额；有名额时小程序会通知您，请到时确认后再来。")
    if status != "CANCELLED":
        lines.append("如不能参加，请在小程序中取消报名。")
    return "\n".join(lines)


def _status(booking: Booking) -> Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]:
    if booking.activity.status == ActivityStatus.CANCELLED:
        return "CANCELLED"
    if booking.status in WAITS:
        return "TENTATIVE"
    return "CONFIRMED" if booking.status in COMES else "CANCELLED"


def _title(booking: Booking) -> str:
    title = booking.activity.title
    if booking.post is not None:
        return f"{title}（志愿者：{booking.post.title}）"
    return f"候补：{title}" if booking.status in WAITS else title
