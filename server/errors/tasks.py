"""Refusals about tasks."""

from server.errors.base import Refusal


class TaskNotNow(Refusal):
    """The task's status does not allow it. Details: `status`."""

    code = "task_not_now"
    status = 409
    message = "这项任务目前的状态不能这样办理，请刷新后查看最新进展"


class TaskOpen(Refusal):
    """One task at a time for a need, and what is paid for it stays as it is meanwhile."""

    code = "task_open"
    status = 409
    message = "这条需求已经发布过任务，请等这项任务结束后再办理"


class ConsentNeeded(Refusal):
    """The resident has not agreed that contact details go to a volunteer."""

    code = "consent_needed"
    status = 409
    message = "居民还没有同意把联系方式告诉志愿者，请先征得本人同意"


class AskOnThePhone(Refusal):
    """Who has WeChat consents there; staff write it down only for who has none."""

    code = "ask_on_the_phone"
    status = 409
    message = "请居民本人在手机上同意；只有没有微信的居民才由工作人员代为登记"


class NeedConfidential(Refusal):
    """Needs of confidential categories are no tasks."""

    code = "need_confidential"
    status = 409
    message = "这一类需求需要保密，不能发布为任务"


class TextNamesSomebody(Refusal):
    """Title and text are read by every volunteer. Details: `fields`, each with its place and what it gives away."""

    code = "text_names_somebody"
    status = 409
    message = "任务的标题和说明不能写出姓名、电话或具体地点，请修改后再发布"


class TaskTimeWrong(Refusal):
    """It begins in the future, ends within 24 hours, and takes no longer than that. Details: `field`."""

    code = "task_time_wrong"
    status = 409
    message = "任务时间有误：应在将来开始，24小时内结束，预计分钟数不能超过起止时间"


class NoMinutesOffered(Refusal):
    """Nobody on the resident's side has offered minutes for it."""

    code = "no_minutes_offered"
    status = 409
    message = "居民还没有提出用时间银行支付，请先请居民填写愿意支付的分钟数"


class OwnTask(Refusal):
    """Four eyes: nobody takes on, confirms or decides a task of their own or of who lives with them."""

    code = "own_task"
    status = 409
    message = "自己或家人的任务不能由自己认领或办理，请由他人办理"


class TaskTaken(Refusal):
    """Another volunteer was faster."""

    code = "task_taken"
    status = 409
    message = "这项任务已被其他志愿者认领，请看看别的任务"


class TaskOverlaps(Refusal):
    """It is at the same time as another task one has taken on."""

    code = "task_overlaps"
    status = 409
    message = "这项任务与您已认领的任务时间冲突"


class TaskTooEarly(Refusal):
    """Its time has not come. Details: `possible_from`."""

    code = "task_too_early"
    status = 409
    message = "还没有到可以这样办理的时间，请稍后再试"


class NoBeneficiary(Refusal):
    """A station's own wish has nobody who confirms or disputes it."""

    code = "no_beneficiary"
    status = 409
    message = "这项任务没有服务对象，不需要这一步"


class AgreedAlready(Refusal):
    """The resident's side has confirmed the service: there is nothing to dispute."""

    code = "agreed_already"
    status = 409
    message = "服务对象已经确认了这次服务，不能再提出争议"


class WordsGiven(Refusal):
    """Each side speaks once in a dispute."""

    code = "words_given"
    status = 409
    message = "您已经说明过情况，请等待站点处理"


class MinutesBeyondServed(Refusal):
    """No more minutes than were served. Details: `most`."""

    code = "minutes_beyond_served"
    status = 409
    message = "认定的分钟数不能超过实际服务的分钟数"
