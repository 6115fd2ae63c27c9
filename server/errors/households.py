"""Refusals about households."""

from server.errors.base import Refusal


class NoHousehold(Refusal):
    """One belongs to no household."""

    code = "no_household"
    status = 409
    message = "还没有加入家庭，可以新建家庭，或请家人发邀请码加入"


class AlreadyInHousehold(Refusal):
    """A person belongs to one household at a time."""

    code = "already_in_household"
    status = 409
    message = "每人只能加入一个家庭，请先退出现在的家庭"


class HouseholdFull(Refusal):
    """Details: `most` members."""

    code = "household_full"
    status = 409
    message = "家庭成员已满，不能再加入"


class TooManyInvitations(Refusal):
    """Details: `most` that may be open at a time."""

    code = "too_many_invitations"
    status = 409
    message = "还有未使用的邀请码，请先使用，或等它过期后再试"


class InvitationNotGood(Refusal):
    """No such code, or it was used, or its time is over: which of them is nobody's business."""

    code = "invitation_not_good"
    status = 409
    message = "邀请码不对，或已经用过、过期，请向家人再要一个"


class OwnHousehold(Refusal):
    """Four eyes: staff change nothing about the household they belong to, except from their own phone."""

    code = "own_household"
    status = 409
    message = "不能为自己或家人办理，请由同事办理"
