"""Refusals about volunteers and their teams."""

from server.errors.base import Refusal


class NotAVolunteer(Refusal):
    """Only who was approved by a station, and neither left nor was banned since."""

    code = "not_a_volunteer"
    status = 403
    message = "只有经站点批准的志愿者可以这样做"


class AlreadyApplied(Refusal):
    """The application waits for an answer, or was approved. Details: `status`."""

    code = "already_applied"
    status = 409
    message = "您已经提交过志愿者申请，请勿重复申请"


class VolunteerBanned(Refusal):
    """Who was banned does not apply anew; they may appeal."""

    code = "volunteer_banned"
    status = 409
    message = "您已被停止志愿服务，如有异议可以申诉"


class NotBanned(Refusal):
    code = "not_banned"
    status = 409
    message = "您没有被停止志愿服务，不需要申诉"


class VolunteerNotNow(Refusal):
    """The volunteer's status does not allow it. Details: `status`."""

    code = "volunteer_not_now"
    status = 409
    message = "志愿者目前的状态不能这样办理，请刷新后再试"


class OwnVolunteering(Refusal):
    """Four eyes: nobody decides on themselves or on who lives with them."""

    code = "own_volunteering"
    status = 403
    message = "不能办理自己或家人的志愿服务事项，请由同事办理"


class TasksOpen(Refusal):
    """Who took on a task finishes it or gives it back before they leave. Details: `tasks`, how many."""

    code = "tasks_open"
    status = 409
    message = "您还有没完成的任务，请先完成或退回任务"


class TrainingAhead(Refusal):
    """A training is recorded when it has taken place."""

    code = "training_ahead"
    status = 409
    message = "培训日期不能晚于今天"


class TrainingKnown(Refusal):
    """The same training of the same day is recorded once."""

    code = "training_known"
    status = 409
    message = "这次培训已经登记过"


class TeamNameTaken(Refusal):
    code = "team_name_taken"
    status = 409
    message = "本站已有（或曾有）同名的志愿服务队，请换一个名字"


class TeamEnded(Refusal):
    code = "team_ended"
    status = 409
    message = "这支志愿服务队已经解散"


class MemberAlready(Refusal):
    code = "member_already"
    status = 409
    message = "该志愿者已经是队员"


class NotAMember(Refusal):
    code = "not_a_member"
    status = 409
    message = "该志愿者不是这支队伍的队员"
