"""Notices about the duty roster. They name no person and no phone."""

from collections.abc import Iterable
from datetime import datetime

from server.domain import notifications
from server.domain.duty.places import Place
from server.domain.notifications import NoticeTemplate
from server.domain.working_time import SHANGHAI
from server.models import DutyShift

DUTY_OFFERED = NoticeTemplate(
    "duty_offered", title="请确认值班安排", body="请确认{place}的值班：{when}。", opens="duty_shift"
)
DUTY_ACCEPTED = NoticeTemplate(
    "duty_accepted", title="值班已确认", body="{place}的值班已有人确认：{when}。", opens="duty_shift"
)
DUTY_DECLINED = NoticeTemplate(
    "duty_declined", title="值班被谢绝", body="{place}的值班没有人接：{when}，请另行安排。", opens="duty_shift"
)
DUTY_WITHDRAWN = NoticeTemplate(
    "duty_withdrawn", title="值班已取消", body="{place}的值班已取消：{when}，您不用值班了。", opens="duty_shift"
)
DUTY_SWAP_ASKED = NoticeTemplate(
    "duty_swap_asked", title="同事请您换班", body="同事请您接{place}的值班：{when}，请答复。", opens="duty_shift"
)
DUTY_SWAP_ENDED = NoticeTemplate(
    "duty_swap_ended", title="不用换班了", body="{place}的值班不需要您接了：{when}。", opens="duty_shift"
)
DUTY_SWAPPED = NoticeTemplate(
    "duty_swapped", title="换班成功", body="{place}的值班已由同事接下：{when}。", opens="duty_shift"
)
DUTY_SWAP_DECLINED = NoticeTemplate(
    "duty_swap_declined",
    title="同事不能换班",
    body="同事不能接{place}的值班：{when}，仍由您值班。",
    opens="duty_shift",
)
DUTY_HANDED_OVER = NoticeTemplate(
    "duty_handed_over",
    title="上一班已交班",
    body="{place}的上一班已交班，请查看交班留言。您的值班：{when}。",
    opens="duty_shift",
)
DUTY_FREED = NoticeTemplate(
    "duty_freed", title="值班空出来了", body="{place}的值班人员已离岗：{when}，请另行安排。", opens="duty_shift"
)
DUTY_GAP = NoticeTemplate("duty_gap", title="值班有空档", body="今后{hours}小时内，{gaps}没有人值班，请尽快安排。")


async def notify(
    people: Iterable[int], template: NoticeTemplate, shift: DutyShift, place: Place, *, now: datetime
) -> None:
    """Notify the people about the shift."""
    words = {"place": place.name, "when": times_in_words(shift)}
    await notifications.notify(people, template, subject_id=shift.id, now=now, **words)


def times_in_words(shift: DutyShift) -> str:
    """Return begin and end in Shanghai time: “3月10日20:00至3月11日8:00”."""
    return f"{moment_in_words(shift.starts_at)}至{moment_in_words(shift.ends_at)}"


def moment_in_words(moment: datetime) -> str:
    there = moment.astimezone(SHANGHAI)
    return f"{there.month}月{there.day}日{there.hour}:{there:%M}"
