"""Refusals about volunteers, their teams and their certificates."""

from server.errors.base import Refusal, fixed, optional, required
from server.errors.common import (
    AlreadyExists,
    AlreadySubmitted,
    ConflictOfInterest,
    DateOutOfRange,
    InvalidState,
    NotApplicable,
    RoleRequired,
)


class VolunteerRequired(RoleRequired):
    """The caller is not an approved volunteer, or has left or was banned."""

    message = "只有经站点批准的志愿者可以这样做"
    fixed_details = fixed(role="volunteer")


class AlreadyApplied(AlreadySubmitted):
    """The caller's application is undecided or approved."""

    message = "您已经提交过志愿者申请，请勿重复申请"
    detail_types = optional(status="string")


class VolunteerBanned(Refusal):
    """A banned volunteer cannot apply again, but may appeal."""

    code = "volunteer_banned"
    status = 409
    message = "您已被停止志愿服务，如有异议可以申诉"


class NotBanned(NotApplicable):
    message = "您没有被停止志愿服务，不需要申诉"


class InvalidVolunteerState(InvalidState):
    message = "志愿者目前的状态不能这样办理，请刷新后再试"


class OwnVolunteering(ConflictOfInterest):
    message = "不能办理自己或家人的志愿服务事项，请由同事办理"
    fixed_details = fixed(rule="own_volunteering")


class TrainingInFuture(DateOutOfRange):
    message = "培训日期不能晚于今天"
    detail_types = required(latest="day")


class TrainingExists(AlreadyExists):
    """The same training on the same day is already recorded."""

    message = "这次培训已经登记过"


class TeamNameTaken(AlreadyExists):
    message = "本站已有（或曾有）同名的志愿服务队，请换一个名字"


class TeamEnded(InvalidState):
    message = "这支志愿服务队已经解散"
    fixed_details = fixed(status="ended")


class AlreadyMember(Refusal):
    """The volunteer is already a member of the team."""

    code = "already_member"
    status = 409
    message = "该志愿者已经是队员"


class NotMember(Refusal):
    """The volunteer is not a member of the team."""

    code = "not_member"
    status = 409
    message = "该志愿者不是这支队伍的队员"


class NameRequired(Refusal):
    """A certificate shows the volunteer's name, so `POST /me/changes` comes first."""

    code = "name_required"
    status = 409
    message = "请先填写您的姓名，再开具志愿服务证明"


class NoApprovedService(Refusal):
    """No service of the volunteer has been approved yet."""

    code = "no_approved_service"
    status = 409
    message = "您还没有站点核实过的志愿服务，暂时不能开具证明"


class CertificateRevoked(InvalidState):
    """The volunteer revoked the certificate."""

    message = "这份证明已经作废，如有需要可以重新开具"
    fixed_details = fixed(status="revoked")
