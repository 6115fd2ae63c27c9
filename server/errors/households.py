"""Refusals about people, their homes and their households."""

from server.errors.base import Refusal, fixed, optional
from server.errors.common import ConflictOfInterest, LimitReached


class HomeRequired(Refusal):
    """The person has chosen no home community yet."""

    code = "home_required"
    status = 409
    message = "请先选择您居住的村或社区"


class CommunityRequired(Refusal):
    """A home is a village or community that exists today, not a town or county."""

    code = "community_required"
    status = 409
    message = "请选择具体的村或社区"
    detail_types = optional(area="id")


class HouseholdRequired(Refusal):
    """The person belongs to no household."""

    code = "household_required"
    status = 409
    message = "还没有加入家庭，可以新建家庭，或请家人发邀请码加入"


class AlreadyInHousehold(Refusal):
    """A person belongs to one household at a time."""

    code = "already_in_household"
    status = 409
    message = "每人只能加入一个家庭，请先退出现在的家庭"


class HouseholdFull(LimitReached):
    message = "家庭成员已满，不能再加入"


class TooManyInvitations(LimitReached):
    message = "还有未使用的邀请码，请先使用，或等它过期后再试"


class InvalidInvitation(Refusal):
    """The code is unknown, used or expired; the answer does not tell which."""

    code = "invalid_invitation"
    status = 409
    message = "邀请码不对，或已经用过、过期，请向家人再要一个"


class OwnHousehold(ConflictOfInterest):
    message = "不能为自己或家人办理，请由同事办理"
    fixed_details = fixed(rule="own_household")
