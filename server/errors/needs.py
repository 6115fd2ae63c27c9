"""Refusals about needs."""

from server.errors.base import Refusal, fixed, required
from server.errors.common import (
    AlreadyDecided,
    ConflictOfInterest,
    InvalidState,
    RoleRequired,
    TooEarly,
)


class InvalidNeedState(InvalidState):
    message = "这条需求目前的状态不能这样办理，请刷新后查看最新进展"


class PhotoNotAvailable(Refusal):
    """At least one of these photos is not an unused photo of the caller."""

    code = "photo_not_available"
    status = 409
    message = "有照片已失效，请重新上传"
    detail_types = required(photo_ids="ids")


class OwnNeed(ConflictOfInterest):
    message = "不能办理自己的需求，请由同事办理"
    fixed_details = fixed(rule="own_need")


class ResidentHasPhone(InvalidState):
    """The resident uses the mini-program: nobody else uses their rights."""

    message = "这位居民有手机账号，请本人在手机上办理"
    fixed_details = fixed(status="has_phone")


class HandlerRating(ConflictOfInterest):
    message = "经办人不能代为评价，请由同事办理"
    fixed_details = fixed(rule="handler_rating")


class OwnDecision(ConflictOfInterest):
    """A person may not decide their own request, or about their own work."""

    message = "不能审批自己提出或经办的事项"
    fixed_details = fixed(rule="own_decision")


class HeadRequired(RoleRequired):
    message = "只有站长可以这样办理"
    fixed_details = fixed(role="head")


class OpeningRequired(HeadRequired):
    """A stand-in reads a confidential need, and acts on it, only after opening it by an act with a reason."""

    message = "这是保密需求，请先写明原因打开，再办理"
    fixed_details = fixed(role="reader")


# What somebody reads who acts on a confidential need that they may not read.
READER_REQUIRED: tuple[type[Refusal], ...] = (HeadRequired, OpeningRequired)


class EndedThoseRoles(ConflictOfInterest):
    """An officer does not read, as a stand-in, what they took from those who could read it."""

    message = "这条需求提交后，您结束过经办站点工作人员的任职，或调整过站点，请由其他代管人员打开"
    fixed_details = fixed(rule="ended_roles")


class AssigneeRequired(RoleRequired):
    message = "这条需求没有派给您，只有经办人或站长可以办理"
    fixed_details = fixed(role="assignee")


class NotStationWorker(Refusal):
    """The person does not work for the station."""

    code = "not_station_worker"
    status = 409
    message = "该人员不是本站工作人员"
    detail_types = required(person="id")


class SameStation(Refusal):
    """A need can be referred only to another station."""

    code = "same_station"
    status = 409
    message = "不能转介给本站"


class ReferralFinal(AlreadyDecided):
    """The head station decided that this station keeps the need."""

    message = "总站已决定由本站办理，不能再退回"


class ExtensionTooLong(Refusal):
    """A deadline can be extended by at most its original length, to `latest`."""

    code = "extension_too_long"
    status = 409
    message = "延期不能超过原办理期限的长度，最晚到{latest}"
    detail_types = required(latest="moment")


class ReminderTooSoon(TooEarly):
    message = "已经催办过了，工作人员正在处理，{possible_from}以后可以再催"


class NoCrisis(Refusal):
    """The need has no crisis alert, or its crisis is over."""

    code = "no_crisis"
    status = 409
    message = "这条需求没有等待处理的紧急情况，或已由他人接手"


class CrisisNotOpened(Refusal):
    """A crisis may be acknowledged or declined only by a person who has opened it."""

    code = "crisis_not_opened"
    status = 409
    message = "请先打开求助，看到内容和电话后再办理"


class ManyPleas(TooEarly):
    """The resident called for help so often within minutes that a person must reach them first."""

    message = "您刚才多次求助，请先等工作人员联系您；如已平安，{possible_from}以后可以撤回"


class TooManyLookUps(TooEarly):
    """The caller looked up as many numbers in an hour as the policy `look_ups_per_hour` allows."""

    message = "这一小时查找的次数已用完，请在{possible_from}以后再试"


class NotMergeable(Refusal):
    """Only open needs of the same household and station can be merged."""

    code = "not_mergeable"
    status = 409
    message = "这两条需求不能合并"


class CrisisNotAcknowledged(NotMergeable):
    """An emergency that nobody has acknowledged is not merged away."""

    message = "这条紧急需求还没有人确认，请先联系本人并确认，再合并"
