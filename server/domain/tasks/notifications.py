"""Notices about tasks: their texts, and who receives them. None names a person: the reader opens the subject."""

from datetime import datetime
from typing import Any

from server.domain import notifications, staff
from server.domain.needs import notifications as needs
from server.domain.notifications import NoticeTemplate
from server.models import Task

TASK_CLAIMED = NoticeTemplate("task_claimed", title="有志愿者认领任务", body="请尽快确认或回绝。", opens="task")
CLAIM_WITHDRAWN = NoticeTemplate(
    "claim_withdrawn", title="志愿者退回任务", body="任务已重新发布，请留意。", opens="task"
)
CLAIM_REFUSED = NoticeTemplate(
    "claim_refused", title="任务未能由您承担", body="站点没有确认您的认领，原因：{reason}。", opens="task"
)
TASK_CONFIRMED = NoticeTemplate(
    "task_confirmed", title="任务已确认", body="站点已确认由您完成，请按时前往。", opens="task"
)
NEED_VOLUNTEER_CONFIRMED = NoticeTemplate(
    "need_volunteer_confirmed", title="已安排志愿者", body="站点已为您安排志愿者，请保持电话畅通。", opens="need"
)
TASK_FREE_AGAIN = NoticeTemplate(
    "task_free_again", title="任务已重新发布", body="原来的志愿者不能前来，请留意新的认领。", opens="task"
)
TASK_CANCELLED = NoticeTemplate(
    "task_cancelled", title="任务已取消", body="您认领的一项任务已取消，请不要前往。", opens="task"
)
TASK_NO_SHOW = NoticeTemplate(
    "task_no_show", title="任务记为未到场", body="站点记录您没有到场，请查看原因。", opens="task"
)

TASK_NOT_STARTED = NoticeTemplate(
    "task_not_started",
    title="请跟进一项任务",
    body="志愿者没有签到，请联系志愿者和居民，按实际情况办理。",
    opens="task",
)
TASK_NOT_FINISHED = NoticeTemplate(
    "task_not_finished",
    title="请跟进一项任务",
    body="志愿者没有签退，请联系志愿者和居民，按实际情况办理。",
    opens="task",
)
TASK_UNCONFIRMED = NoticeTemplate(
    "task_unconfirmed", title="请跟进一项任务", body="服务对象一直没有确认，请电话核实后代为确认。", opens="task"
)

TASK_FINISHED = NoticeTemplate("task_finished", title="志愿者已完成任务", body="请在服务对象确认后核实。", opens="task")
NEED_SERVICE_TO_CONFIRM = NoticeTemplate(
    "need_service_to_confirm",
    title="请确认志愿服务",
    body="志愿者已完成服务，请确认；不满意可以提出争议。",
    opens="need",
)
SERVICE_CONFIRMED = NoticeTemplate(
    "service_confirmed", title="服务对象已确认", body="请核实这次志愿服务。", opens="task"
)
NEED_SERVICE_CONFIRMED = NoticeTemplate(
    "need_service_confirmed", title="已代为确认服务", body="如有异议，请尽快提出。", opens="need"
)

# The two sides of a dispute read the same: the volunteer opens the task, the resident the need.
TASK_DISPUTED = NoticeTemplate(
    "task_disputed", title="有一项任务存在争议", body="请查看，并可以说明情况。", opens="task"
)
NEED_DISPUTED = NoticeTemplate(
    "need_disputed", title="有一项任务存在争议", body="请查看，并可以说明情况。", opens="need"
)
DISPUTE_TO_DECIDE = NoticeTemplate(
    "dispute_to_decide", title="有一项任务争议待处理", body="请听取双方说明后处理。", opens="task"
)
DISPUTE_DECIDED = NoticeTemplate(
    "dispute_decided", title="任务争议有了处理结果", body="请查看处理结果和说明。{appeal}。", opens="task"
)
NEED_DISPUTE_DECIDED = NoticeTemplate(
    "need_dispute_decided", title="任务争议有了处理结果", body="请查看处理结果和说明。{appeal}。", opens="need"
)
DISPUTE_APPEALED = NoticeTemplate(
    "dispute_appealed", title="争议处理结果有申诉", body="由上级站点作出最终决定。", opens="task"
)
NEED_DISPUTE_APPEALED = NoticeTemplate(
    "need_dispute_appealed", title="争议处理结果有申诉", body="由上级站点作出最终决定。", opens="need"
)
DISPUTE_APPEAL_TO_DECIDE = NoticeTemplate(
    "dispute_appeal_to_decide", title="有一项任务争议的申诉待决定", body="请作出最终决定。", opens="task"
)


async def notify_volunteer(task: Task, template: NoticeTemplate, *, now: datetime, **values: Any) -> None:
    """Notify the volunteer of the task, if it has one."""
    people = [task.volunteer_id] if task.volunteer_id is not None else []
    await notifications.notify(people, template, subject_id=task.id, now=now, **values)


async def notify_resident(task: Task, template: NoticeTemplate, *, now: datetime, **values: Any) -> None:
    """Notify the resident's side of the task's need, if it has one."""
    if task.need is not None:
        await needs.notify_resident(task.need, template, now=now, **values)


async def notify_station(task: Task, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify everybody of the task's station but its volunteer; if nobody works there, its stand-ins."""
    but = [task.volunteer_id]
    await notifications.notify_station(task.station_id, template, subject_id=task.id, but=but, now=now)


async def notify_heads(station_id: int, task: Task, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify the heads of a station, or its stand-ins, who decide; else the officers who can appoint a head."""
    found = await staff.of_station(station_id)
    people = found.heads or found.stand_ins or found.officers
    await notifications.notify(people, template, subject_id=task.id, now=now)
