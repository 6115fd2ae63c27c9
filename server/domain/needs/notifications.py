"""Notices about needs: their texts, and who receives them. They name no person.

Each begins with which need it is: for residents by its first words, for staff by category and urgency. Staff read no
words of it, because a notice stays with a person whose role has ended. Nobody reads words of a confidential one.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from server.domain import notifications, reference, staff, stations
from server.domain.needs import access
from server.domain.notifications import NoticeTemplate
from server.domain.staff import StationStaff
from server.models import Category, Need, Urgency

NEED_SUBMITTED = NoticeTemplate(
    "need_submitted", title="有一条新需求待受理", body="请在{until}前受理并答复居民。", opens="need"
)
NEED_ACCEPTED = NoticeTemplate(
    "need_accepted", title="需求已受理", body="您的需求已由{station}受理，最晚{until}办结。", opens="need"
)
NEED_DECLINED = NoticeTemplate(
    "need_declined", title="需求未受理", body="您的需求未能受理，请查看原因和可以帮助您的单位。", opens="need"
)
NEED_ASSIGNED_TO_YOU = NoticeTemplate(
    "need_assigned_to_you", title="有一条需求派给您", body="请及时联系居民并开始服务。", opens="need"
)
NEED_ASSIGNED = NoticeTemplate(
    "need_assigned", title="已安排工作人员", body="您的需求已安排工作人员，请保持电话畅通。", opens="need"
)
NEED_MESSAGE = NoticeTemplate(
    "need_message", title="您的需求有新进展", body="工作人员给您留了言，请查看。", opens="need"
)
NEED_RESOLVED = NoticeTemplate(
    "need_resolved", title="需求已办结，请您评价", body="您的需求已办结，请评价；不满意可以要求重新办理。", opens="need"
)
NEED_REOPENED = NoticeTemplate(
    "need_reopened", title="需求重新办理", body="居民对办理结果不满意，请亲自督办并联系居民。", opens="need"
)
NEED_WITHDRAWN = NoticeTemplate(
    "need_withdrawn", title="需求已撤回", body="居民撤回了一条需求，不用再办理。", opens="need"
)
NEED_REMINDER = NoticeTemplate("need_reminder", title="居民催办", body="居民催办了一条需求，请尽快联系。", opens="need")
NEED_MERGED = NoticeTemplate(
    "need_merged", title="需求已合并办理", body="您的需求已与相同的需求合并，一起办理。", opens="need"
)
NEED_JOINED = NoticeTemplate(
    "need_joined", title="有一条相同的需求并入", body="家人提交的相同需求已并入这条需求，一起办理。", opens="need"
)
NEED_PARTED = NoticeTemplate(
    "need_parted",
    title="您的需求恢复单独办理",
    body="您的需求不再与家人的需求合并办理，由{station}继续办理。",
    opens="need",
)
NEED_PARTED_ENDED = NoticeTemplate(
    "need_parted_ended",
    title="您的需求不再合并",
    body="您的需求不再与家人的需求合并，办理结果不变；不满意可以在期限内要求重新办理或申诉。",
    opens="need",
)
NEED_PARTED_HERE = NoticeTemplate(
    "need_parted_here", title="有一条合并的需求恢复单独办理", body="请受理或派单，并答复居民。", opens="need"
)
NEED_WRITTEN = NoticeTemplate("need_written", title="居民留言", body="居民给需求留了言，请查看并答复。", opens="need")
NEED_HANDED_BACK = NoticeTemplate(
    "need_handed_back", title="请重新派单", body="经办人已离岗，请重新安排。", opens="need"
)

EXTENSION_REQUESTED = NoticeTemplate(
    "extension_requested", title="有一条延期申请", body="请审批一条延期申请。", opens="need"
)
NEED_EXTENDED = NoticeTemplate(
    "need_extended", title="办理期限延长", body="您的需求办理期限延长至{day}。", opens="need"
)
RESPONSE_NEARLY_DUE = NoticeTemplate(
    "response_nearly_due", title="答复期限将到", body="有一条需求的答复期限将到，请尽快办理。", opens="need"
)
COMPLETION_NEARLY_DUE = NoticeTemplate(
    "completion_nearly_due", title="办结期限将到", body="有一条需求的办结期限将到，请尽快办理。", opens="need"
)
RESPONSE_OVERDUE = NoticeTemplate(
    "response_overdue", title="督办：答复超期", body="有一条需求已超过答复期限，请督办。", opens="need"
)
COMPLETION_OVERDUE = NoticeTemplate(
    "completion_overdue", title="督办：办结超期", body="有一条需求已超过办结期限，请督办。", opens="need"
)
NEED_ESCALATED = NoticeTemplate(
    "need_escalated", title="需求超期督办", body="您的需求已超过期限，上级站点正在督办。", opens="need"
)

NEED_REFERRED = NoticeTemplate(
    "need_referred",
    title="有一条需求转介给本站",
    body="请在{until}前接收，或说明理由退回；逾期自动退回原站点。",
    opens="need",
)
REFERRAL_RECALLED = NoticeTemplate(
    "referral_recalled", title="转介已撤回", body="一条转介给{station}的需求已撤回或另有安排，不用再答复。"
)
REFERRAL_UNANSWERED = NoticeTemplate(
    "referral_unanswered",
    title="转介没有答复",
    body="对方站点没有按时答复，转介已自动取消，请继续办理。",
    opens="need",
)
NEED_RETURNED = NoticeTemplate(
    "need_returned", title="转介的需求被退回", body="对方站点退回了一条需求，请查看原因并办理。", opens="need"
)
NEED_TO_DECIDE = NoticeTemplate(
    "need_to_decide", title="请决定由谁办理", body="一条需求多次转介被退回，由总站决定。", opens="need"
)
REFERRAL_CANCELLED = NoticeTemplate(
    "referral_cancelled", title="转介已取消", body="对方站点已停止服务，请继续办理。", opens="need"
)
NEED_MOVED = NoticeTemplate(
    "need_moved", title="需求已转到新站点", body="您的需求已由{station}接收，办理期限不变。", opens="need"
)
NEED_REROUTED = NoticeTemplate(
    "need_rerouted", title="需求转到新站点", body="您的需求现在由{station}负责，办理期限不变。", opens="need"
)
NEED_ARRIVED = NoticeTemplate(
    "need_arrived", title="有一条需求转到本站", body="站点有变动，需求转由本站负责。", opens="need"
)

APPEAL_MADE = NoticeTemplate(
    "appeal_made", title="有一条申诉待复核", body="居民对不予受理有异议，请复核。", opens="need"
)
APPEAL_GRANTED = NoticeTemplate("appeal_granted", title="申诉成立", body="您的申诉成立，需求已重新受理。", opens="need")
APPEAL_REFUSED = NoticeTemplate(
    "appeal_refused", title="申诉复核结果", body="经复核维持原决定，请查看说明。", opens="need"
)

CRISIS = NoticeTemplate(
    "crisis",
    title="紧急需求，请立即处理",
    body="{station}收到一条紧急需求，可能有人处于危险之中，请立即查看并联系本人。",
    opens="need",
)
CRISIS_SEEN = NoticeTemplate(
    "crisis_seen", title="值班人员已看到您的求助", body="值班人员已看到您的求助，{next_step}。", opens="need"
)
CRISIS_UNANSWERED = NoticeTemplate(
    "crisis_unanswered",
    title="紧急需求无人响应",
    body="{station}的一条紧急需求仍无人确认，请督促处理。",
    opens="need",
)
CRISIS_CALL_FAILED = NoticeTemplate(
    "crisis_call_failed",
    title="紧急电话没有拨出",
    body="{station}的紧急需求未能电话通知值班人员，请立即人工联系。",
    opens="need",
)


# So many letters of a need tell its resident which one it is.
FIRST_WORDS = 12
URGENCY_WORDS = {Urgency.NORMAL: "", Urgency.URGENT: "紧急", Urgency.EMERGENCY: "应急"}


async def notify_resident(
    need: Need, template: NoticeTemplate, *, now: datetime, people: Collection[int] | None = None, **values: Any
) -> None:
    """Notify everybody on the resident's side, or these of them."""
    people = await access.residents_of(need) if people is None else people
    category = await _category_of(need)
    which = f"{category.name}：" if category.confidential else f"“{_first_words(need.text)}”（{category.name}）："
    await notifications.notify(people, template, subject_id=need.id, now=now, preface=which, **values)


def _first_words(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS]}…"


async def _category_of(need: Need) -> Category:
    return (await reference.snapshot()).categories[need.category_id]


async def _which(need: Need) -> str:
    """Return which need it is for staff, such as “养老服务（紧急）：”."""
    urgency = URGENCY_WORDS[need.urgency]
    return f"{(await _category_of(need)).name}{f'（{urgency}）' if urgency else ''}："


async def notify_station(
    need: Need,
    template: NoticeTemplate,
    *,
    now: datetime,
    people: StationStaff | None = None,
    by: int | None = None,
    **values: Any,
) -> None:
    """Notify everybody who acts for the need's station and is not kept from it, but not about their own act (`by`).

    `people` are those of the station, if the caller has read them.
    """
    which, but = await _which(need), [by, *await access.kept_from(need)]
    await notifications.notify_station(
        need.station_id, template, subject_id=need.id, people=people, but=but, preface=which, now=now, **values
    )


async def notify_worker(
    need: Need, template: NoticeTemplate, *, now: datetime, by: int | None = None, once: bool = False
) -> None:
    """Notify the assigned worker; if nobody is assigned, everybody who acts for the station. Nobody about their act.

    `once`: nobody who has not read the last such notice about the need.
    """
    kept = await access.kept_from(need)
    people = {need.assignee_id} if need.assignee_id is not None else set()
    others = (people - kept or {*(await staff.of_station(need.station_id)).acting} - kept) - {by}
    if once:
        others -= await notifications.unread_by(others, template, need.id)
    await notifications.notify(others, template, subject_id=need.id, now=now, preface=await _which(need))


async def notify_no_longer_referred(station_id: int, *, now: datetime) -> None:
    """Notify the heads of a station that need not answer a referral any more. They cannot open the need."""
    station, found = await stations.get(station_id), await staff.of_station(station_id)
    people = found.deciding
    await notifications.notify(people, REFERRAL_RECALLED, now=now, station=station.name)


async def notify_heads(
    station_id: int, need: Need, template: NoticeTemplate, *, now: datetime, by: int | None = None, **values: Any
) -> None:
    """Notify those who act as head of a station, without who did it; if it has only workers, all of them.

    Who is kept from the need is not told; where nobody else is, its officers are.
    """
    found, besides = await staff.of_station(station_id), await access.kept_from(need)
    people = {*found.deciding} - besides or {*found.officers} - besides
    which = await _which(need)
    await notifications.notify(people - {by}, template, subject_id=need.id, now=now, preface=which, **values)
