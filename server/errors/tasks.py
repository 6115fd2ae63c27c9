"""Refusals about tasks."""

from server.errors.base import Refusal, fixed, optional, required
from server.errors.common import (
    AlreadyDecided,
    AlreadySubmitted,
    ConflictOfInterest,
    InvalidState,
    NotApplicable,
    TimeConflict,
    TooEarly,
)


class InvalidTaskState(InvalidState):
    message = "这项任务目前的状态不能这样办理，请刷新后查看最新进展"


class ContactNotReadable(InvalidState):
    """The caller's claim is not confirmed yet, or the task has ended."""

    message = "站点确认由您完成任务以后、任务结束以前，才能查看联系方式"


class TaskOpen(Refusal):
    """The need has an open task."""

    code = "task_open"
    status = 409
    message = "这条需求已经发布过任务，请等这项任务结束后再办理"
    detail_types = optional(tasks="integer")


class VolunteerTasksOpen(TaskOpen):
    """A volunteer must finish their tasks, or give them back, before they leave."""

    message = "您还有没完成的任务，请先完成或退回任务"
    detail_types = required(tasks="integer")


class ConsentRequired(Refusal):
    """The resident has not agreed that a volunteer gets their contact details."""

    code = "consent_required"
    status = 409
    message = "居民还没有同意把联系方式告诉志愿者，请先征得本人同意"


class ResidentMustConsent(ConsentRequired):
    """A resident with WeChat must consent there; staff record only the consent of a resident without it."""

    message = "请居民本人在手机上同意；只有没有微信的居民才由工作人员代为登记"


class AddressRequired(Refusal):
    """Help is needed at home, and no address is known: the volunteer could not go there."""

    code = "address_required"
    status = 409
    message = "这条需求要上门，请先问清并记下地址，再发布任务"


class ConfidentialNeed(Refusal):
    """A need of a confidential category cannot be published as a task."""

    code = "confidential_need"
    status = 409
    message = "这一类需求需要保密，不能发布为任务"


class PersonalDataInText(Refusal):
    """The title or text contains personal data, and every volunteer reads them; `fields` says what each field gives
    away.
    """

    code = "personal_data_in_text"
    status = 409
    message = "任务的标题和说明不能写出姓名、电话或具体地点，请修改后再发布"
    detail_types = required(fields="fields")


class InvalidTaskTime(Refusal):
    """A task must start in the future, end within 24 hours of its start, and last at least the expected minutes."""

    code = "invalid_task_time"
    status = 409
    message = "任务时间有误：应在将来开始，24小时内结束，预计分钟数不能超过起止时间"
    detail_types = required(fields="fields")


class MinutesOfferRequired(Refusal):
    """The resident's side has not offered minutes for the need."""

    code = "minutes_offer_required"
    status = 409
    message = "居民还没有提出用时间银行支付，请先请居民填写愿意支付的分钟数"


class OwnTask(ConflictOfInterest):
    message = "自己或家人的任务不能由自己认领或办理，请由他人办理"
    fixed_details = fixed(rule="own_task")


class TaskTaken(Refusal):
    """Another volunteer claimed the task first."""

    code = "task_taken"
    status = 409
    message = "这项任务已被其他志愿者认领，请看看别的任务"


class TaskOverlaps(TimeConflict):
    """The volunteer has another task at that time."""

    message = "这项任务与您已认领的任务时间冲突"


class TaskTooEarly(TooEarly):
    message = "{possible_from}以后才可以这样办理，请到时再试"


class NoBeneficiary(NotApplicable):
    """A station's own task has no beneficiary to confirm or dispute it."""

    message = "这项任务没有服务对象，不需要这一步"


class ServiceConfirmed(AlreadyDecided):
    """The resident's side has confirmed the service, so it cannot be disputed."""

    message = "服务对象已经确认了这次服务，不能再提出争议"


class StatementGiven(AlreadySubmitted):
    """The caller's side of the dispute has already given its statement."""

    message = "您已经说明过情况，请等待站点处理"
