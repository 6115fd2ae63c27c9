"""Refusals about joining a person entered at the counter to an account on a phone."""

from server.errors.base import Refusal, fixed
from server.errors.common import ConflictOfInterest, InvalidState


class InvalidPersonCode(Refusal):
    """The code is unknown, used or expired; the answer does not tell which."""

    code = "invalid_person_code"
    status = 409
    message = "识别码不对，或已经用过、过期，请居民在手机上重新出示"


class AlreadyJoined(InvalidState):
    """The person uses a phone of their own, is joined already, or a joining of theirs is undecided."""

    message = "这位居民已有手机账号，或已经申请、办理过合并"
    fixed_details = fixed(status="joined")


class HouseholdsDiffer(Refusal):
    """Both belong to a household, and not to the same one: they cannot be one person."""

    code = "households_differ"
    status = 409
    message = "两份档案属于不同的家庭，请先核对并退出其中一个家庭"


class OwnJoining(ConflictOfInterest):
    message = "不能办理自己或家人的档案合并，请由同事办理"
    fixed_details = fixed(rule="own_joining")


class OwnJoiningRequest(ConflictOfInterest):
    message = "自己申请的合并须由另一位站长或区县人员确认"
    fixed_details = fixed(rule="own_request")


class NotWaiting(InvalidState):
    """The joining is decided already."""

    message = "这份合并已经处理过"


class AskerLeft(InvalidState):
    """The person who asked for the joining does not act for its station any more."""

    message = "申请人已不在本站工作，请拒绝这份申请，由现在的工作人员重新办理"
    fixed_details = fixed(status="asker_left")


class NotUndoable(InvalidState):
    """The joining is not in force."""

    message = "这份合并没有生效，或已经撤销"
