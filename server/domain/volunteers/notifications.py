"""Notices about volunteers and their teams: their texts, and who receives them. None names a person."""

from datetime import datetime

from server.domain import notifications
from server.domain.notifications import NoticeTemplate
from server.models import Volunteer

VOLUNTEER_APPLIED = NoticeTemplate(
    "volunteer_applied", title="有一份志愿者申请待审核", body="请查看并答复申请人。", opens="volunteer"
)
VOLUNTEER_APPROVED = NoticeTemplate(
    "volunteer_approved",
    title="志愿者申请已通过",
    body="您的志愿者申请已通过，可以查看和领取任务了。",
    opens="volunteer",
)
VOLUNTEER_DECLINED = NoticeTemplate(
    "volunteer_declined",
    title="志愿者申请未通过",
    body="您的志愿者申请未通过，请查看原因；情况变化后可以再次申请。",
    opens="volunteer",
)
VOLUNTEER_LEFT = NoticeTemplate(
    "volunteer_left", title="一名志愿者已退出", body="其服务记录保留，不再接任务。", opens="volunteer"
)
TRAINING_RECORDED = NoticeTemplate(
    "training_recorded", title="已登记一次培训", body="站点为您登记了一次培训。", opens="volunteer"
)
VOLUNTEER_CONTACT_READ = NoticeTemplate(
    "volunteer_contact_read",
    title="您的联系方式被查看",
    body="站点工作人员查看了您的联系方式，原因已记录。",
    opens="volunteer",
)
VOLUNTEER_MOVED = NoticeTemplate(
    "volunteer_moved",
    title="您的志愿服务站点有变动",
    body="您所在的站点已撤销，您的志愿服务转由现在负责您社区的站点管理，时长和积分不变。",
    opens="volunteer",
)
VOLUNTEER_ARRIVED = NoticeTemplate(
    "volunteer_arrived", title="有志愿者转入本站", body="原站点已撤销，请查看志愿者名单。", opens="volunteer"
)

VOLUNTEER_BANNED = NoticeTemplate(
    "volunteer_banned",
    title="您已被停止志愿服务",
    body="您已被停止志愿服务，请查看原因；如有异议可以申诉一次。",
    opens="volunteer",
)
BAN_LIFTED = NoticeTemplate("ban_lifted", title="志愿服务已恢复", body="站点已恢复您的志愿者身份。", opens="volunteer")
BAN_APPEALED = NoticeTemplate(
    "ban_appealed", title="有一条志愿者申诉待复核", body="一名志愿者对停止服务的决定有异议，请复核。", opens="ban"
)
BAN_APPEAL_GRANTED = NoticeTemplate(
    "ban_appeal_granted", title="申诉成立", body="您的申诉成立，志愿者身份已恢复。", opens="volunteer"
)
BAN_APPEAL_REFUSED = NoticeTemplate(
    "ban_appeal_refused", title="申诉复核结果", body="经复核维持停止服务的决定，请查看说明。", opens="volunteer"
)

TEAM_JOINED = NoticeTemplate(
    "team_joined", title="您已加入志愿服务队", body="请在小程序中查看您的志愿服务队。", opens="team"
)
TEAM_LEFT = NoticeTemplate(
    "team_left", title="您已退出志愿服务队", body="请在小程序中查看您的志愿服务队。", opens="team"
)
TEAM_ENDED = NoticeTemplate(
    "team_ended", title="您所在的志愿服务队已解散", body="请在小程序中查看您的志愿服务队。", opens="team"
)


async def notify_volunteer(volunteer: Volunteer, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify the volunteer."""
    await notifications.notify([volunteer.person_id], template, subject_id=volunteer.id, now=now)


async def notify_station(volunteer: Volunteer, template: NoticeTemplate, *, now: datetime) -> None:
    """Notify everybody of the volunteer's station but the volunteer; if nobody works there, the officers."""
    but = [volunteer.person_id]
    await notifications.notify_station(volunteer.station_id, template, subject_id=volunteer.id, but=but, now=now)
