"""Notices about bookings: their texts, and who receives them. Each names its activity."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.domain import notifications
from server.domain.activities import notifications as activities
from server.domain.notifications import NoticeTemplate
from server.models import Booking, Channel, Person

BOOKED_FOR_YOU = NoticeTemplate(
    "booked_for_you",
    title="有人为您报了名",
    body="“{activity}”：已为您报名，请查看时间和地点；不能来请尽早取消。",
    opens="booking",
)
WAITING_FOR_YOU = NoticeTemplate(
    "waiting_for_you",
    title="有人为您报了名",
    body="“{activity}”：已为您报名，目前在候补中，有名额时会通知您。",
    opens="booking",
)
BOOKING_CANCELLED = NoticeTemplate(
    "booking_cancelled",
    title="活动报名已取消",
    body="“{activity}”：您或家人的活动报名已取消，请查看。",
    opens="booking",
)
BOOKING_CANCELLED_BY_STATION = NoticeTemplate(
    "booking_cancelled_by_station",
    title="活动报名已取消",
    body="“{activity}”：您或家人的活动报名被服务站取消，请查看原因。",
    opens="booking",
)
POST_LEFT = NoticeTemplate(
    "post_left",
    title="志愿者退出岗位",
    body="“{activity}”：有志愿者退出了岗位，请留意人手。",
    opens="activity",
)
BOOKING_CONTACT_READ = NoticeTemplate(
    "booking_contact_read",
    title="联系方式被查看",
    body="工作人员查看了您报名“{activity}”时留下的联系方式，原因：{reason}。",
    opens="booking",
)

SEAT_OFFERED = NoticeTemplate(
    "seat_offered",
    title="轮到您了",
    body="“{activity}”：有名额了。请在{until}前打开小程序确认要不要，过时将让给下一位。",
    opens="seat_offer",
)
OFFER_ACCEPTED = NoticeTemplate(
    "offer_accepted",
    title="报名成功",
    body="“{activity}”：名额已确认，报名成功。不能来请尽早取消，好让别人参加。",
    opens="booking",
)
OFFER_REFUSED = NoticeTemplate(
    "offer_refused",
    title="已放弃名额",
    body="“{activity}”：这个名额已放弃，候补已结束。如果改变主意，可以重新报名。",
    opens="booking",
)
OFFER_LAPSED = NoticeTemplate(
    "offer_lapsed",
    title="名额已让给下一位",
    body="“{activity}”：名额没有及时确认，已让给下一位，候补已结束。如果还想参加，可以重新报名。",
    opens="booking",
)
SEAT_GIVEN = NoticeTemplate(
    "seat_given",
    title="候补成功",
    body="“{activity}”：有名额了，活动快要开始，已直接为您报上名。不能来请尽早取消。",
    opens="booking",
)
SEAT_GIVEN_BY_STATION = NoticeTemplate(
    "seat_given_by_station",
    title="候补成功",
    body="“{activity}”：工作人员已为您安排名额，报名成功。不能来请尽早取消，好让别人参加。",
    opens="booking",
)
CALL_ABOUT_OFFER = NoticeTemplate(
    "call_about_offer",
    title="请打电话通知居民",
    body="“{activity}”：有候补居民轮到名额，但没有小程序，请尽快打电话问清后在候补名单中办理。",
    opens="activity",
)
CALL_ABOUT_SEAT = NoticeTemplate(
    "call_about_seat",
    title="请打电话通知居民",
    body="“{activity}”：有候补居民已直接报上名，但没有小程序，请尽快打电话通知。",
    opens="activity",
)

NO_SHOW = NoticeTemplate(
    "no_show",
    title="没有到场",
    body="“{activity}”：您报名的活动没有到场，也没有取消，记一次爽约。如事出有因，请在“我的爽约”中说明原因，站点可以免除。",
    opens="activity",
)
NO_SHOW_PENALTY = NoticeTemplate(
    "no_show_penalty",
    title="没有到场",
    body="“{activity}”：您报名的活动没有到场，近期爽约较多，一段时间内候补会排在后面。事出有因，请在“我的爽约”中说明，站点可以免除。",
    opens="activity",
)
NO_SHOW_EXEMPT = NoticeTemplate(
    "no_show_exempt",
    title="没有到场",
    body="“{activity}”：您报名的活动没有到场，这次不计入爽约。以后不能来请提前取消，好让别人参加。",
    opens="activity",
)
NO_SHOW_EXCUSED = NoticeTemplate(
    "no_show_excused",
    title="爽约说明",
    body="“{activity}”：有居民说明了没有到场的原因，请查看是否免除。",
    opens="activity",
)
NO_SHOW_FORGIVEN = NoticeTemplate(
    "no_show_forgiven",
    title="爽约已免除",
    body="“{activity}”：站点已免除这次爽约，原因：{reason}。",
    opens="booking",
)
NO_SHOW_UPHELD = NoticeTemplate(
    "no_show_upheld",
    title="爽约说明未通过",
    body="“{activity}”：站点看了没有到场的说明，仍计为一次爽约，原因：{reason}。",
    opens="booking",
)


async def notify_party(
    booking: Booking,
    template: NoticeTemplate,
    *,
    subject_id: int | None = None,
    now: datetime,
    **values: Any,
) -> None:
    """Notify the people of the booking. The notice opens the booking unless `subject_id` is given."""
    people, subject_id = people_of(booking), subject_id or booking.id
    title = booking.activity.title
    await notifications.notify(people, template, subject_id=subject_id, now=now, activity=title, **values)


async def notify_people(people: Iterable[int], booking: Booking, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify some people of the booking."""
    await notifications.notify(people, template, subject_id=booking.id, now=now, activity=booking.activity.title)


def people_of(booking: Booking) -> set[int]:
    """Return the booking's holder and, if it was booked on a phone, who booked it; staff at a counter are left out."""
    people = {booking.person_id}
    return people | {booking.booked_by_id} if booking.channel == Channel.PHONE_APP else people


async def ask_station_to_call(bookings: list[Booking], template: NoticeTemplate, *, now: datetime) -> None:
    """Notify the station if a holder who was booked at the counter has no mini-program to read notices in."""
    at_counter = {one.person_id for one in bookings if one.channel != Channel.PHONE_APP}
    if at_counter and await Person.filter(id__in=sorted(at_counter), openid=None).exists():
        await activities.notify_station(bookings[0].activity, template, now=now)
